"""Databases for the tests of the picture, and a record of which everything is known."""

from datetime import date

import pytest
import sqlalchemy as sa

from dashboards.picture.facts import Facts, facts_of
from tests.dashboards.asked import fill
from tests.databases import _server, database_url, engine, postgresql_url, sqlite_url

__all__ = ["_server", "database_url", "engine", "postgresql_url", "sqlite_url"]


@pytest.fixture
def facts(engine: sa.Engine) -> Facts:
    """Return what is drawn of the record of `asked.py`, on both databases in turn."""
    fill(engine)
    with engine.connect() as connection:
        return facts_of(connection, date(2026, 11, 1))
