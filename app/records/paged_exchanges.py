"""Any number of whole exchanges, newest first, a page at a time: for work that takes its time with each.

Each page is one moment of the record. `whole_exchanges.py` reads all of them as one, in one statement a
table, and that is the way for who is done soon: a moment that is held for hours keeps PostgreSQL from
vacuuming what was deleted since, and SQLite from shortening its log.
"""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from app.records import tables
from app.records.filters import Filter
from app.records.plain_rows import PlainRow, plain_rows
from app.records.queries import page
from app.records.reading import Reading
from app.records.whole_exchanges import CHILDREN, RecordedExchange

_AT_ONCE = 25
"""Exchanges of a page; each has two bodies, and a body may be as large as a request."""


def paged_exchanges(
    reading: Reading, asked: Filter, *, most: int | None = None, at_once: int = _AT_ONCE
) -> Iterator[tuple[RecordedExchange, ...]]:
    """Yield the exchanges that are asked for, some at a time; of those that go meanwhile, none.

    Args:
        reading: the record.
        asked: which.
        most: at most so many; None: all.
        at_once: how many are in memory.
    """
    cursor, left = None, most
    while left is None or left > 0:
        with reading.connect() as connection:
            shown = page(
                connection, asked, limit=at_once if left is None else min(at_once, left), cursor=cursor
            )
            found = _with_children(connection, shown.exchanges)
        if found:
            yield found
        left = None if left is None else left - len(found)
        cursor = shown.next_cursor
        if cursor is None:
            return


def _with_children(connection: sa.Connection, rows: tuple[PlainRow, ...]) -> tuple[RecordedExchange, ...]:
    if not rows:
        return ()
    moments = [row["started_at"] for row in rows]
    children: dict[str, dict[str, list[PlainRow]]] = {}
    for table in CHILDREN:
        by_id = children[table.name] = defaultdict(list)
        columns = table.c
        where = (
            columns.exchange_id.in_([row["id"] for row in rows]),
            columns.exchange_started_at.between(min(moments), max(moments)),
        )
        for child in plain_rows(connection, table, *where):
            by_id[child["exchange_id"]].append(child)
    names = tuple(column.name for column in tables.exchanges.columns)
    return tuple(
        RecordedExchange(
            {name: row[name] for name in names},
            {name: found[row["id"]] for name, found in children.items()},
        )
        for row in rows
    )
