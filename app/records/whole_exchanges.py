"""Any number of whole exchanges, one after the other, in the memory of a few.

Each table is read as a stream of its own, all in the order of the exchanges' ids, which is that of the keys,
so that no database needs to sort; here the streams are merged. Ids are time-ordered (UUIDv7), so that is the
order in which the exchanges began, too, to the millisecond.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from app.records import tables
from app.records.filters import Filter, conditions, is_only_time, within
from app.records.plain_rows import PlainRow, plain_stream

CHILDREN = (tables.payloads, tables.attempts, tables.verdicts, tables.findings)
"""What every exchange has rows in, beside its own."""
_FETCHED = 500
_FETCHED_BODIES = 50
"""Rows that are fetched at once; a body may be as large as a request."""

_Key = tuple[str, str]


class RecordedExchange(msgspec.Struct, frozen=True):
    """One exchange, and its rows in the tables of `CHILDREN`."""

    exchange: PlainRow
    children: dict[str, list[PlainRow]]
    """By table, each in the order of its key."""


def whole_exchanges(connection: sa.Connection, asked: Filter) -> Iterator[RecordedExchange]:
    """Yield the exchanges that are asked for, by id, whole.

    Args:
        connection: to one moment of the record, as `reading.py` gives it; not to be closed before the end.
        asked: which.
    """
    columns = tables.exchanges.c
    statement = sa.select(tables.exchanges).where(*conditions(asked)).order_by(columns.id, columns.started_at)
    rows = _stream(connection, statement, tables.exchanges)
    children = [_Children(connection, table, asked) for table in CHILDREN]
    try:
        for row in rows:
            key = (row["id"], row["started_at"])
            yield RecordedExchange(row, {child.name: child.of(key) for child in children})
    finally:
        for child in children:
            child.close()


class _Children:
    """The rows of one table, handed out exchange by exchange."""

    def __init__(self, connection: sa.Connection, table: sa.Table, asked: Filter) -> None:
        self.name = table.name
        key = (table.c.exchange_id, table.c.exchange_started_at)
        where = within(asked, table.c.exchange_started_at)
        if not is_only_time(asked):
            exchanges = tables.exchanges.c
            which = sa.select(exchanges.id, exchanges.started_at).where(*conditions(asked))
            where.append(sa.tuple_(*key).in_(which))
        last = [
            column for column in table.primary_key.columns if column.name not in {one.name for one in key}
        ]
        statement = sa.select(table).where(*where).order_by(*key, *last)
        self._found = _found(connection, statement, table)
        self._rows = plain_stream(self._found.mappings(), table)
        self._next = next(self._rows, None)

    def close(self) -> None:
        """Leave the rest, of which no exchange is there."""
        self._found.close()

    def of(self, key: _Key) -> list[PlainRow]:
        """Return the rows of an exchange; those of the ones before it are gone."""
        mine: list[PlainRow] = []
        while self._next is not None and (there := _key_of(self._next)) <= key:
            if there == key:
                mine.append(self._next)
            self._next = next(self._rows, None)
        return mine


def _key_of(row: PlainRow) -> _Key:
    return row["exchange_id"], row["exchange_started_at"]


def _stream(connection: sa.Connection, statement: sa.Select[Any], table: sa.Table) -> Iterator[PlainRow]:
    return plain_stream(_found(connection, statement, table).mappings(), table)


def _found(connection: sa.Connection, statement: sa.Select[Any], table: sa.Table) -> sa.CursorResult[Any]:
    """Return the rows of a statement without holding them all: PostgreSQL keeps a cursor for it."""
    fetched = _FETCHED_BODIES if "body" in table.columns else _FETCHED
    return connection.execute(statement, execution_options={"yield_per": fetched})
