from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.records.changes import Changes
from app.records.holds import About, add_hold, release_hold
from app.records.partitions import Partitions
from app.records.reports import Feedback, InsertedLog, Reports
from app.records.retention import Retained, cutoff, retain
from app.records.rows import Capture
from app.records.verification import Asked, verify
from tests.databases import select
from tests.fakes import FakeLog
from tests.proven_records import BODY_KEYS, ProvenRecord

AFTER, BEFORE = "2026-11-23T00:00:00.000000Z", "2026-11-22T00:00:00.000000Z"
NEVER = "2100-01-01T00:00:00.000000Z"
TABLES = ("exchanges", "payloads", "attempts", "verdicts", "findings")


@pytest.fixture
def record(engine: sa.Engine) -> ProvenRecord:
    return ProvenRecord(engine)


@pytest.fixture
def changes(database_url: str, record: ProvenRecord) -> Iterator[Changes]:
    changes = Changes(database_url, "service")
    yield changes
    changes.close()


def flaws(record: ProvenRecord) -> set[tuple[str, str]]:
    url = record.engine.url.render_as_string(hide_password=False)
    keys = (record.signer.public_key,)
    return {(one.table, one.kind) for one in verify(Asked(url, keys, body_keys=BODY_KEYS), processes=1).flaws}


def rows(engine: sa.Engine) -> list[int]:
    counts = (select(engine, f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in TABLES)
    return [int(str(n)) for n in counts]


def test_a_cutoff_is_the_begin_of_a_day() -> None:
    assert cutoff(1, date(2026, 11, 23)) == BEFORE


def test_what_is_old_goes_with_all_its_rows_and_the_record_is_whole(
    record: ProvenRecord, changes: Changes
) -> None:
    assert retain(changes, BEFORE) == Retained(BEFORE)
    assert retain(changes, AFTER, dry_run=True) == Retained(AFTER, exchanges=8)
    assert rows(record.engine) == [8, 16, 16, 16, 16]
    assert retain(changes, AFTER) == Retained(AFTER, exchanges=8)
    assert rows(record.engine) == [0, 0, 0, 0, 0]
    assert flaws(record) == set()
    events = select(record.engine, "SELECT exchanges, detail FROM record_events WHERE kind = 'retained'")
    assert events == [{"exchanges": 8, "detail": f'{{"gone_before":"{AFTER}"}}'}]


def test_whoever_waits_is_told_how_many_have_gone(
    record: ProvenRecord, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.records.retention._BATCH", 3)
    told: list[int] = []
    assert retain(changes, NEVER, told.append).exchanges == 8
    assert told in ([3, 6, 8], [8]), "in batches, or in days that are dropped"


def test_what_goes_without_an_event_is_found(record: ProvenRecord) -> None:
    record.run("DELETE FROM findings", *(f"DELETE FROM {table}" for table in TABLES))
    assert ("exchanges", "deleted") in flaws(record)


def test_what_is_held_stays_until_it_is_released(
    record: ProvenRecord, changes: Changes, database_url: str
) -> None:
    (hold,) = add_hold(changes, About(exchange_id=record.ids[2]), "lawsuit", "ann")
    reports = Reports(database_url, Capture("full", str))
    reports.add_feedback("team", [Feedback(trace_id=record.ids[2], value=1), Feedback(trace_id="x", value=1)])
    reports.add_log("team", InsertedLog(trace_id=None, status_code=None, metadata={}, body={}))
    reports.close()
    expected = Retained(NEVER, exchanges=7, held=1, feedback=1, inserted_logs=1)
    assert retain(changes, NEVER, dry_run=True) == expected
    assert retain(changes, NEVER) == expected
    assert rows(record.engine) == [1, 2, 2, 2, 2]
    assert flaws(record) == set()
    assert release_hold(changes, hold, "ann")
    done = retain(changes, NEVER)
    assert (done.exchanges, done.feedback, rows(record.engine)) == (1, 1, [0, 0, 0, 0, 0])
    assert flaws(record) == set()


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_whole_days_are_dropped_where_nothing_in_them_is_held(record: ProvenRecord, changes: Changes) -> None:
    today = datetime.now(UTC).date()
    Partitions(record.engine, FakeLog()).look(today)
    end = f"{today + timedelta(days=6)}T00:00:00.000000Z"
    (hold,) = add_hold(changes, About(held_from=BEFORE, held_until=AFTER), "lawsuit", "ann")
    done = retain(changes, end)
    assert (done.exchanges, done.held, done.partitions) == (0, 8, 0)
    release_hold(changes, hold, "ann")
    done = retain(changes, end)
    assert (done.exchanges, done.partitions >= 1, rows(record.engine)) == (8, True, [0, 0, 0, 0, 0])
    assert flaws(record) == set()
    Partitions(record.engine, FakeLog()).look(today)
