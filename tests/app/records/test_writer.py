import asyncio
import secrets
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa

from app.records.database import RecordsUnavailable
from app.records.engine import open_engine
from app.records.rows import Capture
from app.records.verification import Asked, verify
from app.records.writer import Writer
from tests.databases import close, ids, select, settled, until
from tests.exchanges import exchange, request, response
from tests.fakes import FakeLog

AS_IT_WAS = Capture("full", str)
_FOUND = """
SELECT outcome, (SELECT count(*) FROM payloads WHERE exchange_id = id) AS bodies FROM exchanges WHERE id = :id
"""


async def test_what_is_taken_is_on_record_soon(writer: Writer, engine: sa.Engine) -> None:
    record = exchange()
    writer.admit()
    writer.take(record)
    await settled(writer)
    assert ids(engine) == [record.id]


async def test_all_that_is_taken_is_on_record_once_each(writer: Writer, engine: sa.Engine) -> None:
    taken = [exchange() for _ in range(1200)]
    for record in taken:
        writer.take(record)
    assert await writer.stop(20) == 0
    assert ids(engine) == sorted(record.id for record in taken)
    assert select(engine, "SELECT count(*) AS n FROM verdicts") == [{"n": 2400}]


def errors(log: FakeLog) -> set[str]:
    return {event for level, event, _ in log.lines if level == "error"}


async def test_stopping_writes_what_is_left(writer: Writer, engine: sa.Engine, log: FakeLog) -> None:
    for _ in range(700):
        writer.take(exchange())
    assert await writer.stop(20) == 0
    assert len(ids(engine)) == 700
    assert errors(log) <= {"records_database_away"}, "it may seem so on a busy machine"
    assert {path.name for path in writer.folder.iterdir()} == {"place"}


async def test_stopping_leaves_in_the_journal_what_the_database_does_not_take_and_the_next_start_ships_it(
    writer: Writer, database_url: str, barrier: sa.Connection, engine: sa.Engine, log: FakeLog
) -> None:
    close(barrier)
    for _ in range(3):
        writer.take(exchange())
    assert await writer.stop(0.3) == 0
    left = [fields for _, event, fields in log.lines if event == "records_left_in_journal"]
    assert [fields["entries"] for fields in left] == [3]
    barrier.rollback()
    other = Writer(database_url, AS_IT_WAS, log, journal=writer.folder)
    other.start()
    await until(lambda: other.gauges().journal_entries == 0)
    assert len(ids(engine)) == 3
    assert await other.stop(5) == 0
    assert {path.name for path in writer.folder.iterdir()} == {"place"}


async def test_stopping_writes_all_however_long_a_healthy_database_is_kept_busy(
    sqlite_url: str, log: FakeLog
) -> None:
    def slow(text: str) -> str:
        if len(text) > 1000:
            time.sleep(0.0002)
        return text

    writer = Writer(sqlite_url, Capture("redacted", slow), log)
    writer.start()
    text = "x" * 2000
    for _ in range(5000):
        writer.take(exchange(request=request(text), response=response(text)))
    before = time.monotonic()
    assert await writer.stop(0.5) == 0
    assert time.monotonic() - before > 1.5, "or it was no test"
    engine = open_engine(sqlite_url)
    assert select(engine, "SELECT count(*) AS n FROM payloads") == [{"n": 10_000}]
    engine.dispose()
    assert errors(log) <= {"records_database_away"}, "it may seem so on a busy machine"


async def test_a_record_that_is_wrong_in_any_way_is_taken(writer: Writer, engine: sa.Engine) -> None:
    writer.take(exchange(coverage=None))
    writer.take(exchange(request_bytes=None))
    await settled(writer)
    assert len(ids(engine)) == 2


async def test_a_writer_that_had_nothing_to_write_leaves_a_sound_record(
    writer: Writer, engine: sa.Engine
) -> None:
    await writer.stop(5)
    asked = Asked(engine.url.render_as_string(hide_password=False))
    assert verify(asked, processes=1).flaws == []
    assert select(engine, "SELECT count(*) AS n FROM checkpoints") == [{"n": 1}]


async def test_stopping_twice_is_harmless(writer: Writer) -> None:
    assert await writer.stop(1) == 0
    assert await writer.stop(1) == 0


async def test_what_comes_after_the_stop_is_said_to_be_lost(writer: Writer, log: FakeLog) -> None:
    await writer.stop(1)
    record = exchange()
    writer.take(record)
    assert ("error", "record_taken_too_late", {"exchange_id": record.id}) in log.lines
    assert await writer.stop(1) == 1


async def test_two_writers_share_one_database(writer: Writer, database_url: str, engine: sa.Engine) -> None:
    other = Writer(database_url, AS_IT_WAS, FakeLog(), journal=writer.folder)
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


async def test_a_database_of_another_version_is_none(writer: Writer, engine: sa.Engine) -> None:
    assert await writer.ready()
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert not await writer.ready()
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))
    assert not await writer.ready()


async def test_a_database_that_hangs_is_made_up_for_and_asked_once(
    postgresql_url: str, tmp_path: Path
) -> None:
    writer = Writer(postgresql_url, AS_IT_WAS, FakeLog(), journal=tmp_path)
    writer.start()
    assert (await writer.ready(), writer.why_degraded()) == (True, None)
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        assert await writer.ready(0.1)
        assert "away or slow" in str(writer.why_degraded())
        before = asyncio.get_running_loop().time()
        assert await writer.ready(5)
        assert asyncio.get_running_loop().time() - before < 1
    async with asyncio.timeout(5):
        while not await writer.ready() or writer.why_degraded():  # noqa: ASYNC110 (it is a server's)
            await asyncio.sleep(0.05)
    await writer.stop(1)


async def test_a_writer_is_not_ready_before_its_start_and_after_its_stop(
    database_url: str, tmp_path: Path
) -> None:
    writer = Writer(database_url, AS_IT_WAS, FakeLog(), journal=tmp_path)
    assert not await writer.ready()
    writer.start()
    assert await writer.ready()
    await writer.stop(1)
    assert not await writer.ready()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://user:sesame@127.0.0.1:9/nowhere", "refused"),
        ("sqlite:////no/such/folder/records.db", r"unable to open.* \(/no/such/folder/records\.db\)$"),
        ("sqlite://", "sqlite:///FILE"),
        ("mysql://user:sesame@host/db", "not supported"),
        ("nonsense", "no database URL"),
        ("sqlite:////proc/nowhere/records.db", "unable to open"),
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


async def test_without_a_place_for_the_journal_the_service_does_not_start(
    sqlite_url: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for begin in ("require", "start"):
        writer = Writer(sqlite_url, AS_IT_WAS, FakeLog(), journal=tmp_path / "file")
        with pytest.raises(RecordsUnavailable, match=r"records\.journal\.path"):
            getattr(writer, begin)()


async def test_what_is_strict_is_done_when_it_is_committed(
    database_url: str, engine: sa.Engine, log: FakeLog, tmp_path: Path
) -> None:
    writer = Writer(database_url, AS_IT_WAS, log, journal=tmp_path / "strict", durability="strict")
    writer.start()
    transactions: list[object] = []
    assert writer._works is not None
    sa.event.listen(writer._works.database.engine, "commit", transactions.append)

    async def one() -> None:
        record = exchange()
        writer.admit()
        begun = writer.begin(record)
        assert begun is not None
        await begun
        assert select(engine, "SELECT outcome FROM exchanges WHERE id = :id", id=record.id) == [
            {"outcome": None}
        ]
        ended = writer.take(record)
        assert ended is not None
        await ended
        assert select(engine, _FOUND, id=record.id) == [{"outcome": "ok", "bodies": 2}]

    async with asyncio.TaskGroup() as group:
        for _ in range(40):
            group.create_task(one())
    assert len(transactions) < 40, "many share one transaction"
    assert await writer.stop(5) == 0


async def test_what_is_strict_is_done_in_the_journal_while_the_database_is_away(
    database_url: str, engine: sa.Engine, log: FakeLog, tmp_path: Path
) -> None:
    writer = Writer(database_url, AS_IT_WAS, log, journal=tmp_path / "strict", durability="strict")
    writer.start()
    with engine.connect().execution_options(writes=True) as barrier:
        close(barrier)
        committed = [writer.take(exchange()) for _ in range(20)]
        async with asyncio.timeout(5):
            await asyncio.gather(*(one for one in committed if one is not None))
        assert writer.gauges().journal_entries == 20
        barrier.rollback()
    await until(lambda: writer.gauges().journal_entries == 0)
    assert len(ids(engine)) == 20
    assert await writer.stop(5) == 0
