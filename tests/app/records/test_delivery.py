import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from app.domain.exchange import ExchangeRecord
from app.records import migrate
from app.records.chain import Chain, Head
from app.records.delivery import Delivery
from app.records.engine import open_engine
from app.records.inserts import Inserts
from app.records.protection import Protection
from app.records.rows import Capture
from app.records.writer import Writer
from guardrails import Coverage
from tests.cable import Cable, cable
from tests.databases import select
from tests.exchanges import attempt, exchange, request
from tests.fakes import FakeLog

AS_IT_WAS = Capture("full", str)
POISON: dict[str, Callable[[], ExchangeRecord]] = {
    "a provider's name is missing": lambda: exchange(attempts=(attempt(provider=None),)),
    "more released than screened": lambda: exchange(coverage=Coverage(released=1)),
    "no outcome we know": lambda: exchange(outcome="unheard of"),
    "no time at all": lambda: exchange(started_ns=None),
    "a port that is no number": lambda: exchange(attempts=(attempt(server_port=object()),)),
    "a status of 80 bits": lambda: exchange(status_code=2**80),
}


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


def delivery(engine: sa.Engine, log: FakeLog, wait: Callable[[float], bool] | None = None) -> Delivery:
    return Delivery(
        Inserts(engine),
        AS_IT_WAS,
        Protection(),
        Chain(Head(str(uuid.uuid4()))),
        log,
        wait or _patiently,
    )


def of_the_database(log: FakeLog) -> list[str]:
    of_the_chain = {"record_checkpoint", "record_signing_key_passing"}
    return [event for _, event, _ in log.lines if event not in of_the_chain]


def _patiently(seconds: float) -> bool:
    time.sleep(seconds)
    return True


def ids(engine: sa.Engine) -> list[object]:
    return [row["id"] for row in select(engine, "SELECT id FROM exchanges ORDER BY id")]


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_one_that_is_refused_gets_a_bare_row_and_does_not_keep_the_others(
    engine: sa.Engine, log: FakeLog, poison: Callable[[], ExchangeRecord]
) -> None:
    good, bad = [exchange() for _ in range(20)], poison()
    assert delivery(engine, log).deliver([*good[:13], bad, *good[13:]])
    assert ids(engine) == sorted([*(record.id for record in good), bad.id])
    assert select(engine, "SELECT count(*) AS n FROM payloads") == [{"n": 40}]
    alone = select(engine, "SELECT id, trace_id FROM exchanges WHERE record_error IS NOT NULL")
    assert alone == [{"id": bad.id, "trace_id": bad.trace_id}]
    assert [(level, event, fields["exchange_id"]) for level, event, fields in log.lines] == [
        ("error", "record_refused", bad.id)
    ]


def test_a_batch_of_nothing_but_poison_is_written_bare(engine: sa.Engine, log: FakeLog) -> None:
    poison = [exchange(status_code=2**80) for _ in range(9)]
    assert delivery(engine, log).deliver(poison)
    assert ids(engine) == sorted(record.id for record in poison)


def test_the_log_does_not_say_what_a_refused_exchange_held(engine: sa.Engine, log: FakeLog) -> None:
    delivery(engine, log).deliver([exchange(model="canary-model", attempts=(attempt(provider=None),))])
    assert "canary" not in repr(log.lines)


def test_the_same_exchange_twice_is_on_record_once_and_in_the_log(engine: sa.Engine, log: FakeLog) -> None:
    record = exchange()
    assert delivery(engine, log).deliver([record, exchange(), record])
    assert len(ids(engine)) == 2
    assert select(engine, "SELECT record_error FROM exchanges WHERE id = :id", id=record.id) == [
        {"record_error": None}
    ]
    assert of_the_database(log) == ["record_refused"]


def test_delivery_gives_up_only_when_there_is_no_time_left(postgresql_url: str, log: FakeLog) -> None:
    migrate.upgrade(postgresql_url)
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) < 8

    with _through_a_cable(postgresql_url) as (line, engine):
        line.cut()
        one = delivery(engine, log, wait)
        assert not one.deliver([exchange(), exchange()])
        assert one.delivered == 0
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    assert of_the_database(log) == ["records_database_away"]


def test_a_missing_table_is_waited_for(engine: sa.Engine, log: FakeLog) -> None:
    _rename(engine, "payloads", "mislaid")

    def wait(_seconds: float) -> bool:
        _rename(engine, "mislaid", "payloads")
        return True

    assert delivery(engine, log, wait).deliver([exchange() for _ in range(5)])
    assert len(ids(engine)) == 5
    assert of_the_database(log) == ["records_database_away", "records_database_back"]


def test_a_locked_file_is_waited_for(sqlite_url: str, log: FakeLog) -> None:
    migrate.upgrade(sqlite_url)
    engine, other = open_engine(sqlite_url, lock_timeout_s=0.05), open_engine(sqlite_url)
    with other.connect().execution_options(writes=True) as blocker:
        blocker.begin()

        def wait(_seconds: float) -> bool:
            blocker.rollback()
            return True

        assert delivery(engine, log, wait).deliver([exchange()])
    assert len(ids(engine)) == 1
    assert of_the_database(log) == ["records_database_away", "records_database_back"]
    engine.dispose()
    other.dispose()


def test_a_full_disk_is_waited_for(sqlite_url: str, log: FakeLog) -> None:
    migrate.upgrade(sqlite_url)
    engine = open_engine(sqlite_url)
    pages = [60]
    sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages[0]}"))

    def wait(_seconds: float) -> bool:
        pages[0] = 10_000
        return True

    large = [exchange(request=request("x" * 100_000)) for _ in range(20)]
    for record in large:
        assert delivery(engine, log, wait).deliver([record])
    assert ids(engine) == sorted(record.id for record in large)
    away, back = log.lines
    assert away == ("error", "records_database_away", {"error": "OperationalError SQLITE_FULL", "held": 1})
    assert back == ("info", "records_database_back", {})
    engine.dispose()


@pytest.mark.parametrize("answered", [False, True], ids=["lost on its way", "done, but nobody heard"])
def test_a_commit_of_unknown_fate_is_neither_lost_nor_done_twice(
    postgresql_url: str, log: FakeLog, answered: bool
) -> None:
    migrate.upgrade(postgresql_url)
    with _through_a_cable(postgresql_url) as (line, engine):

        def wait(_seconds: float) -> bool:
            line.mend()
            return True

        records = [exchange() for _ in range(30)]
        one = delivery(engine, log, wait)
        assert one.deliver([exchange()])
        line.cut_at(b"COMMIT", reaches_the_server=answered)
        assert one.deliver(records)
        assert len(ids(engine)) == 31
        assert select(engine, "SELECT count(*) AS n FROM payloads") == [{"n": 62}]
    assert of_the_database(log) == ["records_database_away", "records_database_back"]


def test_a_large_batch_is_written_in_transactions_of_bounded_size(engine: sa.Engine, log: FakeLog) -> None:
    begun: list[object] = []
    sa.event.listen(engine, "commit", begun.append)
    large = [exchange(request=request("x" * 7_000_000)) for _ in range(6)]
    assert delivery(engine, log).deliver(large)
    assert len(begun) == 2
    assert len(ids(engine)) == 6


async def test_a_database_that_goes_away_under_load_loses_nothing(postgresql_url: str, log: FakeLog) -> None:
    migrate.upgrade(postgresql_url)
    parts = urlsplit(postgresql_url)
    with cable(parts.hostname or "", parts.port or 5432) as line:
        writer = Writer(_rerouted(postgresql_url, line.port), AS_IT_WAS, log, max_backlog=10_000)
        writer.start()
        taken = []
        for i in range(600):
            writer.admit()
            taken.append(exchange())
            writer.take(taken[-1])
            if i == 200:
                line.cut()
            if i == 500:
                line.mend()
            await asyncio.sleep(0.001)
        assert await writer.stop(20) == 0
    engine = open_engine(postgresql_url)
    assert ids(engine) == sorted(record.id for record in taken)
    assert select(engine, "SELECT count(*) AS n FROM verdicts") == [{"n": 1200}]
    engine.dispose()
    assert of_the_database(log) == ["records_database_away", "records_database_back"]


async def test_a_database_that_goes_away_long_after_the_stop_has_its_whole_time_to_come_back(
    postgresql_url: str, log: FakeLog
) -> None:
    migrate.upgrade(postgresql_url)
    parts = urlsplit(postgresql_url)

    def slow(text: str) -> str:
        if len(text) > 1000:
            time.sleep(0.0005)
        return text

    with cable(parts.hostname or "", parts.port or 5432) as line:
        writer = Writer(_rerouted(postgresql_url, line.port), Capture("redacted", slow), log)
        writer.start()
        taken = [exchange(request=request("x" * 2000)) for _ in range(3000)]
        for record in taken:
            writer.take(record)
        async with asyncio.TaskGroup() as group:
            stopping = group.create_task(writer.stop(0.6))
            await asyncio.sleep(0.8)
            line.cut()
            await asyncio.sleep(0.2)
            line.mend()
        assert stopping.result() == 0
    engine = open_engine(postgresql_url)
    assert len(ids(engine)) == 3000
    engine.dispose()
    assert of_the_database(log) == ["records_database_away", "records_database_back"]


def _rename(engine: sa.Engine, old: str, new: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))


def _rerouted(url: str, port: int) -> str:
    return sa.make_url(url).set(host="127.0.0.1", port=port).render_as_string(hide_password=False)


@contextlib.contextmanager
def _through_a_cable(url: str) -> Iterator[tuple[Cable, sa.Engine]]:
    parts = urlsplit(url)
    with cable(parts.hostname or "", parts.port or 5432) as line:
        engine = open_engine(_rerouted(url, line.port))
        yield line, engine
        engine.dispose()
