"""Databases and writers for the tests of the record."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.records.rows import Capture
from app.records.writer import Writer
from tests.databases import _server, database_url, engine, postgresql_url, sqlite_url
from tests.fakes import FakeLog

__all__ = ["_server", "database_url", "engine", "postgresql_url", "sqlite_url"]


@pytest.fixture
def log() -> FakeLog:
    """Keep lines in a list."""
    return FakeLog()


@pytest.fixture
async def writer(database_url: str, log: FakeLog, tmp_path: Path) -> AsyncIterator[Writer]:
    """Give a writer at work, with room for fifty exchanges."""
    writer = Writer(database_url, Capture("full", str), log, journal=tmp_path / "journals", max_backlog=50)
    writer.start()
    yield writer
    await writer.stop(5)


@pytest.fixture
def barrier(engine: sa.Engine, writer: Writer) -> Iterator[sa.Connection]:
    """Give a connection with which a test keeps the writer from writing: see `tests.databases.close`."""
    with engine.connect().execution_options(writes=True) as connection:
        yield connection
