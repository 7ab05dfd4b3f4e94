"""A record with exchanges in it, for tests of what reads it."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.domain.content import Content
from app.domain.exchange import ExchangeRecord
from app.records.inserts import Inserts
from app.records.protection import Protection
from app.records.reading import Reading
from app.records.rows import Capture, rows_of
from app.records.whole_exchanges import CHILDREN, RecordedExchange


def put(engine: sa.Engine, *exchanges: ExchangeRecord) -> None:
    """Write exchanges as the service does, with their texts as they are, but for the chain."""
    protection = Protection()
    rows = [protection.protect(rows_of(one, Capture("full", str)), one.metadata) for one in exchanges]
    if rows:
        Inserts(engine).write(rows)


def as_read(
    one: ExchangeRecord, content: Content = "full", protection: Protection | None = None
) -> RecordedExchange:
    """Return an exchange as the record gives it back, without one."""
    rows = (protection or Protection()).protect(rows_of(one, Capture(content, str)), one.metadata)
    children = {table.name: [{**row} for row in getattr(rows, table.name)] for table in CHILDREN}
    return RecordedExchange({**rows.exchanges[0]}, children)


@pytest.fixture
def reading(database_url: str, engine: sa.Engine) -> Iterator[Reading]:
    """Read a database that exists, of both kinds in turn."""
    reading = Reading(database_url)
    yield reading
    reading.close()
