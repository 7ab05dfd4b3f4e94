import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from app.records import migrate
from app.records.delivery import Delivery
from app.records.engine import open_engine
from app.records.entry import Entry, ended
from app.records.inserts import Inserts
from app.records.journal import Journal
from app.records.rows import Capture
from app.records.shipping import Shipping
from tests.cable import Cable, cable, rerouted
from tests.databases import ids, select, until
from tests.exchanges import exchange
from tests.fakes import FakeLog

AS_IT_WAS = Capture("full", str)


def entries(number: int) -> list[Entry]:
    return [ended(exchange(), AS_IT_WAS, follows=False) for _ in range(number)]


def events(log: FakeLog) -> list[str]:
    return [event for _, event, _ in log.lines]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journals", "one")
    yield journal
    journal.close()


@pytest.fixture
def line(postgresql_url: str) -> Iterator[Cable]:
    parts = urlsplit(postgresql_url)
    with cable(parts.hostname or "", parts.port or 5432) as line:
        yield line


@pytest.fixture
def far(postgresql_url: str, line: Cable) -> Iterator[sa.Engine]:
    """Give an engine at the other end of the cable."""
    migrate.upgrade(postgresql_url)
    engine = open_engine(rerouted(postgresql_url, line.port))
    yield engine
    engine.dispose()


def shipping(engine: sa.Engine, journal: Journal, log: FakeLog, *adopted: Journal) -> Shipping:
    one = Shipping(Delivery(Inserts(engine), log), journal, adopted, log)
    one.start()
    return one


def test_what_is_handed_over_is_written_at_once(engine: sa.Engine, journal: Journal, log: FakeLog) -> None:
    one = shipping(engine, journal, log)
    made = entries(3)
    assert one.write(made)
    assert ids(engine) == sorted(entry.id for entry in made)
    assert one.stop(1)
    assert (journal.entries, log.lines) == (0, [])


async def test_what_waits_is_shipped_in_order_once_the_database_is_back(
    far: sa.Engine, line: Cable, journal: Journal, log: FakeLog
) -> None:
    one = shipping(far, journal, log)
    line.cut()
    made = entries(900)
    assert not one.write(made[:1])
    assert "records_database_away" in events(log)
    for start in range(0, 900, 300):
        journal.append(made[start : start + 300])
        one.wake()
    line.mend()
    await until(lambda: "records_journal_shipped" in events(log))
    assert ids(far) == sorted(entry.id for entry in made)
    written = select(far, "SELECT id FROM exchanges ORDER BY ctid")
    assert [row["id"] for row in written] == [entry.id for entry in made]
    assert not one.is_away
    assert one.shipped == 900
    assert events(log) == ["records_database_away", "records_database_back", "records_journal_shipped"]
    one.stop(1)


@pytest.mark.parametrize("answered", [False, True], ids=["lost on its way", "done, but nobody heard"])
async def test_a_shipment_of_unknown_fate_arrives_once(
    far: sa.Engine, line: Cable, journal: Journal, log: FakeLog, answered: bool
) -> None:
    one = shipping(far, journal, log)
    assert one.write(entries(1))
    line.cut_at(b"COMMIT", reaches_the_server=answered)
    journal.append(entries(30))
    one.wake()
    await until(lambda: one.is_away)
    line.mend()
    await until(lambda: journal.entries == 0)
    assert select(far, "SELECT count(*) AS n FROM payloads") == [{"n": 62}]
    one.stop(1)


async def test_a_database_that_hangs_holds_nobody_up_and_what_it_does_later_is_done_once(
    engine: sa.Engine, journal: Journal, log: FakeLog
) -> None:
    one, made = shipping(engine, journal, log), entries(5)
    with engine.connect().execution_options(writes=True) as blocker:
        blocker.begin()
        if engine.dialect.name == "postgresql":
            blocker.execute(sa.text("LOCK TABLE exchanges IN ACCESS EXCLUSIVE MODE"))
        before = time.monotonic()
        assert not one.write(made)
        assert time.monotonic() - before < 2
        assert one.is_away
        journal.append(made)
        one.wake()
        blocker.rollback()
    await until(lambda: "records_journal_shipped" in events(log))
    assert ids(engine) == sorted(entry.id for entry in made)
    assert select(engine, "SELECT count(*) AS n FROM payloads") == [{"n": 10}]
    assert set(events(log)) == {"records_database_away", "records_database_back", "records_journal_shipped"}
    one.stop(1)


async def test_a_journal_of_the_dead_is_shipped_and_deleted(
    engine: sa.Engine, journal: Journal, log: FakeLog
) -> None:
    dead = Journal(journal.path.parent, "dead")
    made = entries(450)
    dead.append(made)
    one = shipping(engine, journal, log, dead)
    assert one.write(entries(1))
    await until(lambda: not one.adopted)
    assert len(ids(engine)) == 451
    assert not dead.path.exists()
    one.stop(1)


def test_stopping_leaves_in_the_journal_what_a_dead_database_does_not_take(
    far: sa.Engine, line: Cable, journal: Journal, log: FakeLog
) -> None:
    one = shipping(far, journal, log)
    line.cut()
    journal.append(entries(2))
    one.wake()
    before = time.monotonic()
    assert one.stop(0.2)
    assert time.monotonic() - before < 5
    assert journal.entries == 2


def test_stopping_ships_all_that_a_healthy_database_takes(
    engine: sa.Engine, journal: Journal, log: FakeLog
) -> None:
    journal.append(entries(1000))
    one = Shipping(Delivery(Inserts(engine), log), journal, (), log, patience_s=20)
    one.start()
    assert one.stop(0)
    assert (journal.entries, len(ids(engine))) == (0, 1000)


async def test_what_must_be_done_now_and_then_is_done_in_the_thread_that_speaks_to_the_database(
    engine: sa.Engine, journal: Journal, log: FakeLog
) -> None:
    names: list[str] = []

    def look() -> float:
        names.append(threading.current_thread().name)
        return 0.01

    one = Shipping(
        Delivery(Inserts(engine), log),
        journal,
        (),
        log,
        idle=look,
    )
    one.start()
    await until(lambda: len(names) > 2)
    assert one.write(entries(1))
    one.stop(1)
    assert set(names) == {"records-database"}
