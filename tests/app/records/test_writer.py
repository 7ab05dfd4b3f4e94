import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from app.records.rows import Capture
from app.records.writer import Writer
from tests.databases import select
from tests.exchanges import exchange
from tests.fakes import FakeLog

AS_IT_WAS = Capture("full", str)


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
async def writer(database_url: str, log: FakeLog) -> AsyncIterator[Writer]:
    writer = Writer(database_url, AS_IT_WAS, log, max_backlog=50)
    writer.start()
    yield writer
    await writer.stop(5)


async def settled(writer: Writer) -> None:
    """Wait until everything taken is written."""
    async with asyncio.timeout(20):
        while writer.backlog:  # noqa: ASYNC110 (the writer is a thread; it has no event for this)
            await asyncio.sleep(0.005)


async def test_what_is_taken_is_on_record_within_50_ms(writer: Writer, engine: sa.Engine) -> None:
    record = exchange()
    writer.admit()
    writer.take(record)
    await asyncio.sleep(0.2)  # 50 ms, and patience for a busy machine
    assert select(engine, "SELECT id FROM exchanges") == [{"id": record.id}]


async def test_stopping_writes_what_is_left(writer: Writer, engine: sa.Engine) -> None:
    for _ in range(1200):
        writer.take(exchange())
    assert await writer.stop(20) == 0
    assert select(engine, "SELECT count(*) AS n FROM exchanges") == [{"n": 1200}]
    assert select(engine, "SELECT count(*) AS n FROM payloads") == [{"n": 2400}]
