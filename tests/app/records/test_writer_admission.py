import asyncio

import msgspec
import pytest
import sqlalchemy as sa

from app.domain.errors import Overloaded
from app.records.rows import Capture
from app.records.writer import Writer
from guardrails import Coverage
from tests.databases import close, ids, settled
from tests.exchanges import exchange
from tests.fakes import FakeLog

AS_IT_WAS = Capture("full", str)


def admits(writer: Writer) -> bool:
    try:
        writer.admit()
    except Overloaded:
        return False
    return True


async def test_nothing_is_admitted_before_the_start_and_after_the_stop(sqlite_url: str) -> None:
    writer = Writer(sqlite_url, AS_IT_WAS, FakeLog())
    with pytest.raises(Overloaded):
        writer.admit()
    writer.start()
    writer.admit()
    await writer.stop(1)
    with pytest.raises(Overloaded):
        writer.admit()


async def test_nothing_is_admitted_while_it_stops(writer: Writer, barrier: sa.Connection) -> None:
    close(barrier)
    writer.take(exchange())
    async with asyncio.TaskGroup() as group:
        stopping = group.create_task(writer.stop(5))
        await asyncio.sleep(0)
        assert not admits(writer)
        barrier.rollback()
    assert stopping.result() == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_nothing_is_admitted_once_the_thread_has_died(sqlite_url: str, log: FakeLog) -> None:
    def die(_text: str) -> str:
        raise SystemExit

    writer = Writer(sqlite_url, Capture("redacted", die), log)
    writer.start()
    writer.admit()
    writer.take(exchange())
    async with asyncio.timeout(5):
        while await writer.ready():  # noqa: ASYNC110 (the writer is a thread; it has no event for this)
            await asyncio.sleep(0.005)
    with pytest.raises(Overloaded):
        writer.admit()
    late = exchange()
    writer.take(late)
    assert log.lines == [("error", "record_taken_too_late", {"exchange_id": late.id})]
    assert await writer.stop(1) == 2


async def test_the_backlog_is_bounded_in_bytes_too(
    database_url: str, engine: sa.Engine, barrier: sa.Connection
) -> None:
    other = Writer(database_url, AS_IT_WAS, FakeLog(), max_backlog_bytes=10_000_000)
    other.start()
    close(barrier)
    large = exchange(request_bytes=3_000_000, coverage=Coverage(2_000_000, 0, 0))
    other.admit()
    other.take(large)
    other.admit()
    other.take(msgspec.structs.replace(large, id=exchange().id))
    with pytest.raises(Overloaded):
        other.admit()
    barrier.rollback()
    await settled(other)
    async with asyncio.timeout(5):
        while not admits(other):  # noqa: ASYNC110 (the writer is a thread; it has no event for this)
            await asyncio.sleep(0.005)
    assert await other.stop(5) == 0
    assert len(ids(engine)) == 2


async def test_nothing_more_is_admitted_while_the_backlog_is_full(
    writer: Writer, barrier: sa.Connection, engine: sa.Engine
) -> None:
    close(barrier)
    for _ in range(50):
        writer.admit()
        writer.take(exchange())
    with pytest.raises(Overloaded):
        writer.admit()
    barrier.rollback()
    await settled(writer)
    writer.admit()
    writer.take(exchange())
    await settled(writer)
    assert len(ids(engine)) == 51


async def test_exchanges_under_way_have_their_place_in_the_backlog(writer: Writer) -> None:
    for _ in range(50):
        writer.admit()
    with pytest.raises(Overloaded):
        writer.admit()
    writer.release()
    writer.admit()
    writer.take(exchange())
    with pytest.raises(Overloaded):
        writer.admit()
    await settled(writer)
    writer.admit()


async def test_what_was_answered_is_kept_even_beyond_the_backlog(writer: Writer, engine: sa.Engine) -> None:
    for _ in range(60):
        writer.take(exchange())
    await settled(writer)
    assert len(ids(engine)) == 60
