"""Rows as plain values, the same from both databases: what goes into JSON, CSV and onto a terminal.

Moments are text with microseconds and `Z`, ids are text, booleans are booleans, money is a decimal number
with 12 places, though SQLite holds a double.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa

from app.records.canonical import money
from app.records.columns import MOMENT, USD

PlainRow = dict[str, Any]
"""By column: text, a number, a boolean or None."""

_JSON = msgspec.json.Encoder(decimal_format="number", order=None)


def plain(table: sa.Table) -> Callable[[sa.RowMapping], PlainRow]:
    """Return what makes plain rows of the rows that are selected from a table."""
    moments = tuple(column.name for column in table.columns if column.type is MOMENT)
    amounts = tuple(column.name for column in table.columns if column.type is USD)

    def of(row: sa.RowMapping) -> PlainRow:
        values: PlainRow = {**row}
        for name in moments:
            if isinstance(value := values[name], datetime):
                values[name] = moment_text(value)
        for name in amounts:
            if values[name] is not None:
                values[name] = amount(values[name])
        return values

    return of


def plain_rows(
    connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool], order: Iterable[Any] = ()
) -> list[PlainRow]:
    """Return the rows of a table for which all of this is true, in this order, else in that of their key."""
    statement = sa.select(table).where(*where).order_by(*(order or table.primary_key.columns))
    return [*map(plain(table), connection.execute(statement).mappings())]


def plain_stream(rows: Iterable[sa.RowMapping], table: sa.Table) -> Iterator[PlainRow]:
    """Yield rows that were selected from a table as plain ones."""
    return map(plain(table), rows)


def plain_value(value: Any) -> Any:  # noqa: ANN401 (whatever SQL answers)
    """Return a value of any question in plain form."""
    match value:
        case datetime():
            return moment_text(value if value.tzinfo else value.replace(tzinfo=UTC))
        case None | bool() | int() | float() | str() | Decimal():
            return value
        case bytes() | memoryview():
            return bytes(value).hex()
        case _:
            return str(value)


def moment_text(value: datetime) -> str:
    """Return a moment as the tables' text: UTC with microseconds and `Z`."""
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def amount(value: Decimal | float) -> Decimal:
    """Return an amount of money with 12 places."""
    return Decimal(money(value))


def json_line(value: Any) -> bytes:  # noqa: ANN401 (JSON)
    """Return a value as JSON, decimals as numbers."""
    return _JSON.encode(value)
