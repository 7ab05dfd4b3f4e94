from pathlib import Path

import pytest
import sqlalchemy as sa

from app.records import tables
from app.records.chain import Chain, Head
from app.records.delivery import Delivery
from app.records.entry import Entry
from app.records.form import Form, Kept
from app.records.inserts import Inserts
from app.records.interrupted import Interrupted
from app.records.journal import Journal
from app.records.opening import host_at, open_chain
from app.records.protection import Protection
from app.records.rows import Capture
from app.records.verification import Asked, verify
from tests.databases import select
from tests.exchanges import exchange, request
from tests.fakes import FakeLog

HERE = host_at("here")
_LONG_AGO = "2020-01-01T00:00:00.000000Z"


class Process:
    """One life of a service, as far as it takes part."""

    def __init__(self, engine: sa.Engine, folder: Path, host: str = HERE) -> None:
        self.log = FakeLog()
        self.chain: Chain = open_chain(engine, "service", host=host)
        self.writer = self.chain.head.writer
        self._form = Form(Capture("full", str), Protection(), self.chain, self.log)
        self._delivery = Delivery(Inserts(engine), self.log)
        self.handed: list[Entry] = []
        self.interrupted = Interrupted(engine, self.writer, folder, host, self.handed.append, self.log)

    def put(self, *kept: Kept | Entry) -> None:
        self._delivery.deliver([entry for one in kept if (entry := self._form.entry(one)) is not None])

    def look(self) -> None:
        """Look until nothing is left to be done, and write what that brings."""
        while self.interrupted.look() < 1:
            handed, self.handed[:] = [*self.handed], []
            self.put(*handed)


@pytest.fixture
def dead(engine: sa.Engine, tmp_path: Path) -> Process:
    """Give a process that has died with 230 exchanges under way, of which 30 have ended."""
    process = Process(engine, tmp_path)
    records = [exchange(request=request(f"question {i}")) for i in range(230)]
    process.put(*(Kept(record, has_ended=False) for record in records))
    process.put(*(Kept(record, follows=True) for record in records[:30]))
    return process


def outcomes(engine: sa.Engine) -> dict[object, object]:
    rows = select(
        engine, "SELECT coalesce(outcome, 'open') AS o, count(*) AS n FROM exchanges GROUP BY outcome"
    )
    return {row["o"]: row["n"] for row in rows}


def sound(engine: sa.Engine) -> bool:
    found = verify(Asked(engine.url.render_as_string(hide_password=False)), processes=1)
    assert found.exchanges == 230
    assert found.flaws == []
    return found.is_sound


def test_what_the_dead_had_under_way_is_interrupted_and_stays_proven(
    engine: sa.Engine, dead: Process, tmp_path: Path
) -> None:
    assert outcomes(engine) == {"open": 200, "ok": 30}
    heir = Process(engine, tmp_path)
    heir.look()
    assert outcomes(engine) == {"interrupted": 200, "ok": 30}
    assert select(engine, "SELECT count(*) AS n FROM payloads WHERE body LIKE '%question%'") == [{"n": 230}]
    assert sound(engine)
    assert list(tmp_path.glob("*.lock")) == []
    assert (
        sum(fields["exchanges"] for _, event, fields in heir.log.lines if event == "records_interrupted")
        == 200
    )


def test_what_the_living_do_is_left_alone(engine: sa.Engine, dead: Process, tmp_path: Path) -> None:
    journal = Journal(tmp_path, dead.writer)  # it holds its lock, so it lives
    other = Process(engine, tmp_path)
    other.look()
    dead.look()
    journal.close()
    assert outcomes(engine) == {"open": 200, "ok": 30}


def test_what_may_wait_in_a_journal_is_left_alone(engine: sa.Engine, dead: Process, tmp_path: Path) -> None:
    (tmp_path / f"{dead.writer}.journal").touch()
    Process(engine, tmp_path).look()
    assert outcomes(engine) == {"open": 200, "ok": 30}


@pytest.mark.parametrize(("seen_at", "expected"), [(None, "open"), (_LONG_AGO, "interrupted")])
def test_elsewhere_a_writer_is_dead_when_it_has_not_been_seen_for_an_hour(
    engine: sa.Engine, dead: Process, tmp_path: Path, seen_at: str | None, expected: str
) -> None:
    if seen_at is not None:
        with engine.begin() as connection:
            connection.execute(
                sa.update(tables.writers).where(tables.writers.c.id == dead.writer).values(seen_at=seen_at)
            )
    far = Process(engine, tmp_path / "far", host_at("far"))
    (tmp_path / "far").mkdir()
    far.look()
    assert outcomes(engine)[expected] == 200


def test_who_lives_is_seen(engine: sa.Engine, tmp_path: Path) -> None:
    process = Process(engine, tmp_path)
    with engine.begin() as connection:
        connection.execute(sa.update(tables.writers).values(seen_at=_LONG_AGO))
    process.look()
    (row,) = select(engine, "SELECT seen_at FROM writers")
    assert str(row["seen_at"]) > "2026"


def test_of_several_heirs_one_closes_what_is_left(engine: sa.Engine, dead: Process, tmp_path: Path) -> None:
    first, second = Process(engine, tmp_path), Process(engine, tmp_path)
    assert first.interrupted.look() < 1
    assert second.interrupted.look() > 1
    assert (len(first.handed), second.handed) == (100, [])
    handed, first.handed[:] = [*first.handed], []
    first.put(*handed)
    first.look()
    second.look()
    assert outcomes(engine) == {"interrupted": 200, "ok": 30}
    assert sound(engine)


def test_an_heir_that_dies_in_turn_leaves_the_rest_to_the_next(
    engine: sa.Engine, dead: Process, tmp_path: Path
) -> None:
    first = Process(engine, tmp_path)
    first.interrupted.look()
    first.put(*first.handed[:40])
    first.interrupted.close()  # as its end does
    Process(engine, tmp_path).look()
    assert outcomes(engine) == {"interrupted": 200, "ok": 30}
    assert sound(engine)


def test_the_end_of_one_that_was_taken_for_dead_is_what_counts(engine: sa.Engine, tmp_path: Path) -> None:
    slow, record = Process(engine, tmp_path), exchange()
    slow.put(Kept(record, has_ended=False))
    Process(engine, tmp_path).look()
    assert outcomes(engine) == {"interrupted": 1}
    slow.put(Kept(record, follows=True))
    assert outcomes(engine) == {"ok": 1}


def test_a_database_that_is_away_is_looked_at_later(engine: sa.Engine, tmp_path: Path) -> None:
    process = Process(engine, tmp_path)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE writers RENAME TO mislaid"))
    assert process.interrupted.look() > 1
    assert Head(process.writer).sequence == 0
