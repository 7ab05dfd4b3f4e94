"""The migration that finds exchanges by their caller's own trace id, on live tables."""

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from app.domain.exchange import Outcome
from app.records import migrate
from app.records.engine import open_engine
from app.records.inserts import Inserts
from app.records.partitions import DAYS_AHEAD, make_ahead
from app.records.queries import places_of
from app.records.rows import Capture, rows_of
from guardrails import Decision
from tests.databases import select
from tests.exchanges import exchange, verdict

INDEX = "exchanges_caller_trace_id_started_at_idx"
INVALID = "SELECT CAST(indexrelid AS regclass) AS name FROM pg_index WHERE NOT indisvalid"
WITHOUT = f"""
SELECT inhrelid FROM pg_inherits WHERE inhparent = CAST('exchanges' AS regclass) AND inhrelid NOT IN (
  SELECT x.indrelid FROM pg_inherits p JOIN pg_index x ON x.indexrelid = p.inhrelid
  WHERE p.inhparent = CAST('{INDEX}' AS regclass)
)
"""


def put(engine: sa.Engine, count: int, caller_trace_id: str | None = None) -> None:
    rows = [exchange(caller_trace_id=caller_trace_id) for _ in range(count)]
    Inserts(engine).write([rows_of(one, Capture("none", str)) for one in rows])


def days_ahead(engine: sa.Engine) -> None:
    make_ahead(engine, "exchanges", datetime.now(UTC).date() + timedelta(days=DAYS_AHEAD))


def test_an_exchange_is_found_by_its_callers_trace_id_through_the_index(engine: sa.Engine) -> None:
    put(engine, 400)
    put(engine, 2, "order-17")
    explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    asked = "SELECT id FROM exchanges WHERE caller_trace_id = 'order-17' ORDER BY started_at, id LIMIT 20"
    with engine.begin() as connection:
        assert len(places_of(connection, "order-17")) == 2
        connection.exec_driver_sql("ANALYZE")
        plan = "\n".join(map(str, connection.exec_driver_sql(f"{explain} {asked}")))
    assert "caller_trace_id_started_at_idx" in plan, plan


def test_what_was_blocked_before_a_provider_was_asked_has_the_model_that_was_meant(engine: sa.Engine) -> None:
    found = verdict(decision=Decision.BLOCK, blocked=True)
    early = exchange(
        outcome=Outcome.BLOCKED_INPUT, provider=None, model=None, attempts=(), verdicts=(found,), caller="a"
    )
    late = exchange(outcome=Outcome.BLOCKED_OUTPUT, verdicts=(found,), caller="b")
    Inserts(engine).write([rows_of(one, Capture("none", str)) for one in (early, late)])
    assert select(engine, "SELECT provider, model FROM blocked ORDER BY caller") == [
        {"provider": None, "model": "@openai/gpt-4o"},
        {"provider": "openai", "model": "gpt-4o"},
    ]


def test_every_partition_has_its_part_those_of_later_days_too(postgresql_url: str) -> None:
    migrate.upgrade(postgresql_url, "0007")
    engine = open_engine(postgresql_url)
    days_ahead(engine)
    migrate.upgrade(postgresql_url)
    make_ahead(engine, "exchanges", datetime.now(UTC).date() + timedelta(days=DAYS_AHEAD + 2))
    assert select(engine, WITHOUT) == []
    assert select(engine, INVALID) == []
    engine.dispose()


def test_what_was_half_built_is_built_by_the_next_start(postgresql_url: str) -> None:
    migrate.upgrade(postgresql_url, "0007")
    engine = open_engine(postgresql_url)
    put(engine, 3, "order-17")
    days_ahead(engine)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        assert reader.scalar(sa.text("SELECT count(*) FROM exchanges")) == 3
        with pytest.raises(sa.exc.OperationalError) as raised:
            migrate.upgrade(f"{postgresql_url}%20-clock_timeout%3D20ms")
        assert isinstance(raised.value.orig, psycopg.errors.LockNotAvailable)
    assert len(select(engine, INVALID)) == 2  # the whole, and the part that was begun
    put(engine, 1, "order-17")
    migrate.upgrade(postgresql_url)
    assert select(engine, INVALID) == []
    assert select(engine, WITHOUT) == []
    engine.dispose()


def test_others_write_meanwhile(postgresql_url: str) -> None:
    migrate.upgrade(postgresql_url, "0007")
    engine, stop, written = open_engine(postgresql_url), threading.Event(), [0]

    def write() -> None:
        while not stop.is_set():
            put(engine, 1, "order-17")
            written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        migrate.upgrade(postgresql_url)
    finally:
        stop.set()
        writer.join()
    found = select(engine, "SELECT count(*) AS n FROM exchanges WHERE caller_trace_id = 'order-17'")
    assert found == [{"n": written[0]}]
    engine.dispose()
