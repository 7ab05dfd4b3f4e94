import asyncio
import contextlib
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.domain.errors import JournalFull, Overloaded
from app.records.rows import Capture
from app.records.writer import Writer
from tests.databases import close, ids, settled, until
from tests.exchanges import exchange, request
from tests.fakes import FakeLog

AS_IT_WAS = Capture("full", str)


def admits(writer: Writer) -> bool:
    try:
        writer.admit()
    except Overloaded:
        return False
    writer.release()
    return True


async def test_nothing_is_admitted_before_the_start_and_after_the_stop(sqlite_url: str) -> None:
    writer = Writer(sqlite_url, AS_IT_WAS, FakeLog())
    assert not admits(writer)
    writer.start()
    assert admits(writer)
    await writer.stop(1)
    assert not admits(writer)


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
    await until(lambda: not writer._thread.is_alive())
    assert not await writer.ready()
    assert not admits(writer)
    late = exchange()
    writer.take(late)
    assert log.lines == [("error", "record_taken_too_late", {"exchange_id": late.id})]
    assert await writer.stop(1) == 2


async def test_exchanges_under_way_have_their_place(writer: Writer) -> None:
    for _ in range(50):
        writer.admit()
    assert not admits(writer)
    writer.take(exchange())
    await settled(writer)
    assert admits(writer)


async def test_what_was_answered_is_kept_even_beyond_the_backlog(writer: Writer, engine: sa.Engine) -> None:
    for _ in range(60):
        writer.take(exchange())
    await settled(writer)
    assert len(ids(engine)) == 60


async def test_a_journal_at_its_bound_refuses_new_ones_keeps_all_and_recovers(
    database_url: str, engine: sa.Engine, log: FakeLog, tmp_path: Path
) -> None:
    writer = Writer(database_url, AS_IT_WAS, log, journal=tmp_path / "small", max_journal_bytes=200_000)
    writer.start()
    taken = 0
    with engine.connect().execution_options(writes=True) as barrier:
        close(barrier)
        while admits(writer):
            writer.admit()
            writer.take(exchange(request=request("x" * 20_000)))
            taken += 1
            await settled(writer)
        with pytest.raises(JournalFull):
            writer.admit()
        for _ in range(5):  # these were under way
            writer.take(exchange())
        await settled(writer)
        full = writer.gauges()
        assert (full.journal_full, full.database_away, full.journal_entries) == (True, True, taken + 5)
        assert full.journal_bytes >= 200_000
        assert not await writer.ready()
        barrier.rollback()
    await until(lambda: admits(writer) and writer.gauges().journal_entries == 0)
    assert len(ids(engine)) == taken + 5
    assert writer.gauges().shipped_total == taken + 5
    assert await writer.stop(5) == 0
    events = [event for _, event, _ in log.lines]
    assert "records_journal_full" in events
    assert "records_journal_takes_more" in events


@contextlib.contextmanager
def _no_file_may_grow() -> Iterator[None]:
    earlier = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, earlier[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, earlier)
        signal.signal(signal.SIGXFSZ, ignored)


async def test_a_full_disk_refuses_new_ones_keeps_what_is_under_way_and_recovers(
    sqlite_url: str, log: FakeLog, tmp_path: Path
) -> None:
    writer = Writer(sqlite_url, AS_IT_WAS, log, journal=tmp_path / "on the same disk")
    writer.start()
    with _no_file_may_grow():
        writer.admit()
        writer.take(exchange())
        await until(lambda: not admits(writer))
        writer.take(exchange())  # it was under way
        gauges = writer.gauges()
        assert (gauges.journal_full, gauges.backlog) == (True, 2)
        assert not await writer.ready()
    await until(lambda: admits(writer) and writer.backlog == 0)
    await until(lambda: writer.gauges().journal_entries == 0)
    assert await writer.stop(5) == 0
    events = [event for _, event, _ in log.lines]
    for event in ("records_database_away", "records_journal_failed", "records_journal_full"):
        assert events.count(event) == 1
    engine = sa.create_engine(sqlite_url)
    assert len(ids(engine)) == 2
    engine.dispose()


async def test_what_waits_does_so_on_the_disk_and_not_in_memory(
    writer: Writer, engine: sa.Engine, barrier: sa.Connection
) -> None:
    close(barrier)
    for _ in range(40):
        for _ in range(50):
            writer.admit()
            writer.take(exchange())
        await settled(writer)
        assert writer.gauges().backlog_bytes == 0
    assert writer.gauges().journal_entries == 2000
    assert writer.gauges().journal_oldest_s > 0
    barrier.rollback()
    await until(lambda: writer.gauges().journal_entries == 0)
    assert len(ids(engine)) == 2000
