"""A fresh database for a test: an SQLite file, a PostgreSQL schema, or each in turn.

A test that asks for `database_url` runs twice. A conftest imports the fixtures, all of them: they need each
other.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from app.records import migrate
from app.records.engine import open_engine
from app.records.writer import Writer
from tests.postgresql import database as postgresql_database

Record = dict[str, object]


@pytest.fixture(scope="session")
def _server() -> Iterator[str]:
    """URL of a PostgreSQL database for the whole run: a schema in it costs a tenth of a database."""
    with postgresql_database() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty database, of both kinds in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/records.db"


@pytest.fixture
def postgresql_url(_server: str) -> Iterator[str]:
    """URL of an empty PostgreSQL schema, which a connection takes for all there is."""
    schema = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        yield f"{_server}?options=-csearch_path%3D{schema}"
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """Engine on a database of both kinds in turn, with the newest schema and no rows."""
    migrate.upgrade(database_url)
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def select(engine: sa.Engine, statement: str, **parameters: object) -> list[Record]:
    """Return what a statement selects, a dict a row; moments, days and money as SQLite has them."""
    with engine.connect() as connection:
        found = connection.execute(sa.text(statement), parameters).mappings().all()
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def close(barrier: sa.Connection) -> None:
    """Keep everybody from writing, as another program might."""
    barrier.begin()
    if barrier.dialect.name == "postgresql":
        barrier.execute(sa.text("LOCK TABLE exchanges IN ACCESS EXCLUSIVE MODE"))


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (what it waits for is in a thread)
            await asyncio.sleep(0.005)


async def settled(writer: Writer) -> None:
    """Wait until everything taken is written."""
    async with asyncio.timeout(20):
        while writer.backlog:  # noqa: ASYNC110 (the writer is a thread; it has no event for this)
            await asyncio.sleep(0.005)


def ids(engine: sa.Engine) -> list[object]:
    """Return the ids of all exchanges on record, in order."""
    return [row["id"] for row in select(engine, "SELECT id FROM exchanges ORDER BY id")]


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Decimal():
            return float(value)
        case _:
            return value
