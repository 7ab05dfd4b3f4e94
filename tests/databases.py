"""A fresh database for a test: an SQLite file, a PostgreSQL database, or each in turn.

A test that asks for `database_url` runs twice. Import the fixtures it needs, in its file or a conftest.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.records import migrate
from app.records.engine import open_engine
from tests.postgresql import database as postgresql_database

Record = dict[str, object]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, of both kinds in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/records.db"
    else:
        with postgresql_database() as url:
            yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/records.db"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """URL of an empty PostgreSQL database."""
    with postgresql_database() as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """Engine on a database of both kinds in turn, with the newest schema and no rows."""
    migrate.upgrade(database_url)
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def select(engine: sa.Engine, statement: str, **parameters: object) -> list[Record]:
    """Return what a statement selects, a dict a row; moments and days as text, as SQLite has them."""
    with engine.connect() as connection:
        found = connection.execute(sa.text(statement), parameters).mappings().all()
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case _:
            return value
