"""A record with exchanges in it, for tests of what reads it."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.domain.exchange import ExchangeRecord
from app.records.inserts import Inserts
from app.records.protection import Protection
from app.records.reading import Reading
from app.records.rows import Capture, rows_of


def put(engine: sa.Engine, *exchanges: ExchangeRecord) -> None:
    """Write exchanges as the service does, with their texts as they are, but for the chain."""
    protection = Protection()
    rows = [protection.protect(rows_of(one, Capture("full", str)), one.metadata) for one in exchanges]
    if rows:
        Inserts(engine).write(rows)


@pytest.fixture
def reading(database_url: str, engine: sa.Engine) -> Iterator[Reading]:
    """Read a database that exists, of both kinds in turn."""
    reading = Reading(database_url)
    yield reading
    reading.close()
