import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.domain.exchange import Outcome
from app.records import tables
from app.records.changes import Changes
from app.records.entry import begun, ended
from app.records.erasure import Erased, erase
from app.records.journal import Journal
from app.records.protection import Protection
from app.records.reports import Feedback, InsertedLog, Reports
from app.records.rows import Capture
from app.records.verification import Asked, verify
from app.records.whose import Whose, exchange_named
from tests.databases import select
from tests.exchanges import exchange, request
from tests.proven_records import BODY_KEYS, ProvenRecord

ADA = Whose(subjects=("ada",), name="ada")


@pytest.fixture
def record(engine: sa.Engine) -> ProvenRecord:
    return ProvenRecord(engine)


@pytest.fixture
def changes(database_url: str, record: ProvenRecord) -> Iterator[Changes]:
    changes = Changes(database_url, "cli ann")
    yield changes
    changes.close()


def flaws(record: ProvenRecord) -> set[tuple[str, str]]:
    url = record.engine.url.render_as_string(hide_password=False)
    keys = (record.signer.public_key,)
    return {(one.table, one.kind) for one in verify(Asked(url, keys, body_keys=BODY_KEYS), processes=1).flaws}


def names_of_ada(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        found = [connection.execute(sa.select(table)).all() for table in tables.metadata.tables.values()]
    return len(re.findall(r"\bada\b", repr(found)))


def test_of_a_person_nothing_is_left_and_the_record_is_whole(
    record: ProvenRecord, changes: Changes, tmp_path: Path
) -> None:
    dry = erase(changes, ADA, tmp_path, dry_run=True)
    assert (dry, names_of_ada(record.engine) > 0) == (Erased(exchanges=8), True)
    told: list[int] = []
    assert erase(changes, ADA, tmp_path, told.append) == Erased(exchanges=8)
    assert told == [8]
    assert names_of_ada(record.engine) == 0
    assert select(record.engine, "SELECT salt FROM payloads WHERE salt IS NOT NULL OR body IS NOT NULL") == []
    (event,) = select(record.engine, "SELECT actor, exchanges FROM record_events WHERE kind = 'erased'")
    assert event == {"actor": "cli ann", "exchanges": 8}
    assert flaws(record) == set()
    assert erase(changes, ADA, tmp_path) == Erased()
    record.run(f"DELETE FROM exchanges WHERE id = '{record.ids[2]}'")
    assert ("exchanges", "deleted") in flaws(record)


def test_an_erasure_that_no_event_says_is_found(
    record: ProvenRecord, changes: Changes, tmp_path: Path
) -> None:
    erase(changes, exchange_named(record.ids[1]), tmp_path)
    record.run(f"UPDATE payloads SET body = NULL, salt = NULL WHERE exchange_id = '{record.ids[2]}'")
    assert flaws(record) == {("payloads", "deleted")}


def test_one_exchange_alone_is_erased(record: ProvenRecord, changes: Changes, tmp_path: Path) -> None:
    assert erase(changes, exchange_named(record.ids[1].upper()), tmp_path) == Erased(exchanges=1)
    erased = select(record.engine, "SELECT id FROM exchanges WHERE subject IS NULL")
    assert erased == [{"id": record.ids[1]}]


def test_what_is_held_is_spared(record: ProvenRecord, changes: Changes, tmp_path: Path) -> None:
    record.run(
        "INSERT INTO holds (id, created_at, created_by, reason, exchange_id) VALUES "
        f"('{record.ids[0]}', '2026-11-23T00:00:00.000000Z', 'x', 'y', '{record.ids[3]}')"
    )
    assert erase(changes, ADA, tmp_path) == Erased(exchanges=7, held=1)
    assert erase(changes, exchange_named(record.ids[3]), tmp_path) == Erased(held=1)
    record.run("UPDATE holds SET exchange_id = NULL, subject = 'ada'")
    assert erase(changes, ADA, tmp_path) == Erased(held=1)
    record.run("UPDATE holds SET released_at = created_at")
    assert erase(changes, ADA, tmp_path) == Erased(exchanges=1)
    assert names_of_ada(record.engine) == 0


def test_what_was_reported_goes_too(
    record: ProvenRecord, changes: Changes, database_url: str, tmp_path: Path
) -> None:
    reports = Reports(database_url, Capture("full", str))
    about = Feedback(trace_id=record.ids[0], value=1, metadata={"by": "x"})
    by_ada = Feedback(trace_id="else", value=1, metadata={"_user": "ada"})
    others = Feedback(trace_id="else", value=1, metadata={"_user": "adam", "of": "ada"})
    reports.add_feedback("team", [about, by_ada, others])
    log = InsertedLog(trace_id=None, status_code=200, metadata={"_user": "ada"}, body={})
    reports.add_log("team", log)
    reports.close()
    expected = Erased(exchanges=8, feedback=2, inserted_logs=1)
    assert erase(changes, ADA, tmp_path, dry_run=True) == expected
    assert erase(changes, ADA, tmp_path) == expected
    assert [row["metadata"] for row in select(record.engine, "SELECT metadata FROM feedback")] == [
        '{"_user":"adam","of":"ada"}'
    ]
    assert flaws(record) == set()


def test_what_is_under_way_is_left_and_said(record: ProvenRecord, changes: Changes, tmp_path: Path) -> None:
    record.run(f"UPDATE exchanges SET outcome = NULL WHERE id = '{record.ids[0]}'")
    assert erase(changes, ADA, tmp_path) == Erased(exchanges=7, under_way=1)


def test_what_waits_in_a_journal_is_erased_there_and_proven_when_it_is_shipped(
    record: ProvenRecord, changes: Changes, tmp_path: Path
) -> None:
    person = exchange(request=request("I am Zoe"), metadata={"_user": "zoe"}, outcome=Outcome.OK)
    chain = record.chains[0]
    entries = []
    for made in (begun(person, Capture("full", str)), ended(person, Capture("full", str), follows=True)):
        (rows,) = sealed = chain.seal([Protection().protect(made.rows, person.metadata)])
        chain.advance(sealed)
        entries.append(type(made)(made.id, made.kind, rows))
    journal = Journal(tmp_path, "w")
    journal.append(entries)
    done = erase(changes, Whose(subjects=("zoe",), name="zoe"), tmp_path, patience_s=0.0)
    assert (done.waiting, done.left, done.exchanges) == (1, 1, 0)
    assert b"Zoe" not in b"".join(path.read_bytes() for path in tmp_path.glob("w.journal*"))
    _, waiting = journal.oldest(9, 10**9)
    assert [entry.rows.payloads[0]["body"] for entry in waiting] == [None, None]
    journal.close()
    with record.engine.begin() as connection:
        for entry in waiting:
            connection.execute(sa.insert(tables.chain), [*entry.rows.chain])
        for name in ("exchanges", "payloads", "attempts", "verdicts"):
            rows = getattr(waiting[-1].rows, name)
            connection.execute(sa.insert(tables.metadata.tables[name]), [*rows])
    assert flaws(record) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_is_left_in_the_file(record: ProvenRecord, changes: Changes, tmp_path: Path) -> None:
    erase(changes, ADA, tmp_path)
    record.engine.dispose()
    name = str(record.engine.url.database)
    with sqlite3.connect(name) as connection:
        connection.execute("SELECT 1")
    left = b"".join(path.read_bytes() for path in Path(name).parent.glob("records.db*"))
    assert b"from ada" not in left
    assert b"_user" not in left
