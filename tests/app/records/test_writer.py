import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa

from app.domain.errors import Overloaded
from app.records.rows import Capture
from app.records.writer import RecordsUnavailable, Writer
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


@pytest.fixture
def barrier(engine: sa.Engine, writer: Writer) -> Iterator[sa.Connection]:
    """Give a connection with which a test keeps the writer from writing: see `close`."""
    with engine.connect().execution_options(writes=True) as connection:
        yield connection


def close(barrier: sa.Connection) -> None:
    """Keep everybody from writing, as another program might."""
    barrier.begin()
    if barrier.dialect.name == "postgresql":
        barrier.execute(sa.text("LOCK TABLE exchanges IN ACCESS EXCLUSIVE MODE"))


async def settled(writer: Writer) -> None:
    """Wait until everything taken is written."""
    async with asyncio.timeout(20):
        while writer.backlog:  # noqa: ASYNC110 (the writer is a thread; it has no event for this)
            await asyncio.sleep(0.005)


def ids(engine: sa.Engine) -> list[object]:
    return [row["id"] for row in select(engine, "SELECT id FROM exchanges ORDER BY id")]


async def test_what_is_taken_is_on_record_soon(writer: Writer, engine: sa.Engine) -> None:
    record = exchange()
    writer.admit()
    writer.take(record)
    await asyncio.sleep(0.25)  # 50 ms, and patience for a busy machine
    assert ids(engine) == [record.id]


async def test_all_that_is_taken_is_on_record_once_each(writer: Writer, engine: sa.Engine) -> None:
    taken = [exchange() for _ in range(1200)]
    for record in taken:
        writer.take(record)
    await settled(writer)
    assert ids(engine) == sorted(record.id for record in taken)
    assert select(engine, "SELECT count(*) AS n FROM verdicts") == [{"n": 2400}]


async def test_stopping_writes_what_is_left(writer: Writer, engine: sa.Engine, log: FakeLog) -> None:
    for _ in range(700):
        writer.take(exchange())
    assert await writer.stop(20) == 0
    assert len(ids(engine)) == 700
    assert log.lines == []


async def test_stopping_says_what_could_not_be_written(
    writer: Writer, barrier: sa.Connection, log: FakeLog
) -> None:
    close(barrier)
    for _ in range(3):
        writer.take(exchange())
    assert await writer.stop(0.3) == 3
    assert ("error", "records_left_unwritten", {"exchanges": 3}) in log.lines
    barrier.rollback()


async def test_stopping_twice_is_harmless(writer: Writer) -> None:
    assert await writer.stop(1) == 0
    assert await writer.stop(1) == 0


async def test_what_comes_after_the_stop_is_said_to_be_lost(writer: Writer, log: FakeLog) -> None:
    await writer.stop(1)
    record = exchange()
    writer.take(record)
    assert log.lines == [("error", "record_taken_too_late", {"exchange_id": record.id})]
    assert await writer.stop(1) == 1


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


async def test_two_writers_share_one_database(writer: Writer, database_url: str, engine: sa.Engine) -> None:
    other = Writer(database_url, AS_IT_WAS, FakeLog())
    other.start()
    for _ in range(100):
        writer.take(exchange())
        other.take(exchange())
        await asyncio.sleep(0.001)
    await settled(writer)
    assert await other.stop(20) == 0
    assert len(ids(engine)) == 200


async def test_taking_does_not_wait_for_the_database(writer: Writer, barrier: sa.Connection) -> None:
    close(barrier)
    before = asyncio.get_running_loop().time()
    for _ in range(50):
        writer.take(exchange())
    assert asyncio.get_running_loop().time() - before < 0.1
    barrier.rollback()


async def test_a_writer_is_ready_while_its_database_answers(writer: Writer, engine: sa.Engine) -> None:
    assert await writer.ready()
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert not await writer.ready()
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))
    assert not await writer.ready()


async def test_a_hanging_database_is_not_ready_and_asked_once(postgresql_url: str) -> None:
    writer = Writer(postgresql_url, AS_IT_WAS, FakeLog())
    writer.start()
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        assert not await writer.ready(0.1)
        before = asyncio.get_running_loop().time()
        assert not await writer.ready(5)
        assert asyncio.get_running_loop().time() - before < 1
    async with asyncio.timeout(5):
        while not await writer.ready():  # noqa: ASYNC110 (what it waits for is in a server)
            await asyncio.sleep(0.05)
    await writer.stop(1)


async def test_a_writer_is_not_ready_before_its_start_and_after_its_stop(database_url: str) -> None:
    writer = Writer(database_url, AS_IT_WAS, FakeLog())
    assert not await writer.ready()
    writer.start()
    assert await writer.ready()
    await writer.stop(1)
    assert not await writer.ready()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://user:sesame@127.0.0.1:9/nowhere", "refused"),
        ("sqlite:////no/such/folder/records.db", "unable to open"),
        ("sqlite://", "sqlite:///FILE"),
        ("mysql://user:sesame@host/db", "not supported"),
        ("nonsense", "no database URL"),
    ],
)
def test_without_a_database_the_service_does_not_start(url: str, reason: str) -> None:
    with pytest.raises(RecordsUnavailable, match=reason) as raised:
        Writer(url, AS_IT_WAS, FakeLog()).start()
    assert str(raised.value).startswith("records.url")
    assert "sesame" not in str(raised.value)


def test_a_database_of_a_newer_version_is_left_alone(database_url: str, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RecordsUnavailable, match="9999"):
        Writer(database_url, AS_IT_WAS, FakeLog()).start()


def test_a_database_that_cannot_hold_every_character_is_refused(postgresql_url: str) -> None:
    name = f"handrail_latin1_{secrets.token_hex(6)}"
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        try:
            with pytest.raises(RecordsUnavailable, match="UTF8"):
                Writer(
                    urlsplit(postgresql_url)._replace(path=f"/{name}", query="").geturl(),
                    AS_IT_WAS,
                    FakeLog(),
                ).start()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
