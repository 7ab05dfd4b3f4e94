import random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.exchange import ExchangeRecord
from app.domain.ids import uuid7
from app.records import tables
from app.records.cursors import Place
from app.records.filters import BadQuestion, Filter
from app.records.queries import page, places_of, whole
from app.records.reading import Reading
from app.records.reports import Feedback, InsertedLog, Reports
from app.records.rows import Capture
from guardrails import Mode, Side
from tests.exchanges import MS, STARTED_NS, exchange, finding, verdict
from tests.recorded import put, reading

__all__ = ["reading"]


def begun_at(second: int) -> ExchangeRecord:
    return exchange(
        id=uuid7(random.Random().getrandbits), started_ns=STARTED_NS + second * 1000 * MS, verdicts=()
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    there=st.lists(st.integers(0, 5), max_size=12),
    coming=st.lists(st.integers(0, 7), max_size=6),
    limit=st.integers(1, 5),
    newest_first=st.booleans(),
)
def test_whoever_follows_the_cursors_sees_each_exchange_once_and_in_order(
    reading: Reading,
    engine: sa.Engine,
    there: list[int],
    coming: list[int],
    limit: int,
    newest_first: bool,
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.delete(tables.exchanges))
    first = [begun_at(second) for second in there]
    put(engine, *first)
    seen: list[Place] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        with reading.connect() as connection:
            shown = page(connection, Filter(), limit=limit, cursor=cursor, newest_first=newest_first)
        seen += [Place(row["started_at"], row["id"]) for row in shown.exchanges]
        cursor, pages = shown.next_cursor, pages + 1
        assert pages <= len(there) + len(coming) + 1, "a cursor leads nowhere"
        put(engine, *(begun_at(second) for second in coming[pages - 1 : pages]))
    assert seen == sorted(set(seen), reverse=newest_first)
    assert {one.id for one in first} <= {place.id for place in seen}


def test_a_list_shows_what_fired_and_what_was_said_of_it(
    reading: Reading, engine: sa.Engine, database_url: str
) -> None:
    one = exchange(
        caller_trace_id="mine",
        verdicts=(
            verdict(Side.INPUT, finding("messages[0].content", 0, 3)),
            verdict(Side.INPUT, finding("messages[0].content", 0, 3), mode=Mode.MONITOR, guardrail="watch"),
            verdict(Side.OUTPUT),
        ),
    )
    other = exchange(trace_id="1" * 32, verdicts=())
    put(engine, one, other)
    report(database_url, Feedback(trace_id="mine", value=3), Feedback(trace_id=one.id, value=-5))
    with reading.connect() as connection:
        rows = {row["id"]: row for row in page(connection, Filter()).exchanges}
    assert rows[one.id]["fired"] == ["input:privacy=redact", "input:watch=redact?"]
    assert sorted(rows[one.id]["feedback"]) == [-5, 3]
    assert (rows[other.id]["fired"], rows[other.id]["feedback"]) == ([], [])


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_bounds(reading: Reading, limit: int) -> None:
    with reading.connect() as connection, pytest.raises(BadQuestion, match="from 1 to 1000"):
        page(connection, Filter(), limit=limit)


def test_an_exchange_is_found_by_each_of_its_names(reading: Reading, engine: sa.Engine) -> None:
    record = exchange(id="01a22e75-b2b2-7225-88fd-8755ae5578ee", trace_id="9" * 32, caller_trace_id="My-Own")
    put(engine, record, exchange(id="01a22e75-c000-7225-88fd-8755ae5578ee", trace_id="8" * 32))
    names = (record.id, record.id.upper(), record.id.replace("-", ""), record.id[:9] + "b2", "01a22e75b2b2")
    with reading.connect() as connection:
        for name in (*names, "9" * 32, "9999", "My-Own"):
            assert [place.id for place in places_of(connection, name)] == [record.id], name
        assert len(places_of(connection, "01a2")) == 2
        assert len(places_of(connection, "01a2", most=1)) == 1
        for name in ("01a", "99", "my-own", "nobody", "", "a" * 33, "'", "\0"):
            assert places_of(connection, name) == [], name


def test_a_whole_exchange_has_everything_that_hangs_on_it(
    reading: Reading, engine: sa.Engine, database_url: str
) -> None:
    record = exchange(verdicts=(verdict(Side.INPUT, finding("messages[0].content", 0, 4)),))
    put(engine, record, exchange(trace_id="1" * 32))
    report(database_url, Feedback(trace_id=record.trace_id, value=7), Feedback(trace_id="else", value=1))
    with reading.connect() as connection:
        (place,) = places_of(connection, record.id)
        found = whole(connection, place)
        assert whole(connection, Place("2026-11-22T20:51:52.000000Z", place.id)) is None
        assert (
            whole(connection, Place(place.started_at, record.id[::-1].replace("-", "")[:8] + place.id[8:]))
            is None
        )
    assert found is not None
    assert found.exchange["id"] == record.id
    assert [row["kind"] for row in found.payloads] == ["request", "response"]
    assert [row["number"] for row in found.attempts] == [1]
    assert [row["decision"] for row in found.verdicts] == ["redact"]
    assert [row["verdict_number"] for row in found.findings] == [1]
    assert [row["value"] for row in found.feedback] == [7]
    assert [row["status_code"] for row in found.inserted_logs] == [200]


def report(url: str, *given: Feedback) -> None:
    reports = Reports(url, Capture("full", str))
    reports.add_feedback("team", given)
    body: dict[str, Any] = {}
    reports.add_log("team", InsertedLog(trace_id=given[0].trace_id, status_code=200, metadata={}, body=body))
    reports.close()
