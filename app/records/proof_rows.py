"""Reads rows as the arrays that are hashed, without a mapping or a type of SQLAlchemy in between.

Proving a million rows is reading them; so statements select the columns of `canonical.py` in their order, let
PostgreSQL write moments, ids and money as text, and hand the driver's tuples on.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from app.records import tables
from app.records.canonical import COLUMNS, double, flag, money
from app.records.columns import MOMENT, USD, UUID

Values = list[Any]
_MOMENT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
_ROWS_AT_ONCE = 500


def expression(table: str, name: str, dialect: str) -> str:
    """Return SQL for a column as text where its own type differs between the databases."""
    kind = tables.metadata.tables[table].columns[name].type
    if dialect != "postgresql":
        return name
    if kind is MOMENT:
        return _MOMENT.format(name)
    return f"{name}::text" if kind is UUID or kind is USD else name


@functools.cache
def statement(table: str, dialect: str, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> str:
    """Return a SELECT of a table's hashed columns, with others before and behind them, up to its FROM."""
    names = (*before, *COLUMNS[table], *after)
    columns = ", ".join(expression(table, name, dialect) for name in names)
    return f"SELECT {columns} FROM {table}"  # noqa: S608 (names of columns and tables)


@functools.cache
def canonical_values(table: str, dialect: str) -> Callable[[Sequence[Any]], Values]:
    """Return what makes the hashed array of the hashed columns that were read."""
    columns = tables.metadata.tables[table].columns
    changed: list[tuple[int, Callable[[Any], Any]]] = []
    for i, name in enumerate(COLUMNS[table]):
        kind = columns[name].type
        if isinstance(kind, sa.Double):
            changed.append((i, double))
        elif dialect == "sqlite" and kind is USD:
            changed.append((i, money))
        elif dialect == "sqlite" and isinstance(kind, sa.Boolean):
            changed.append((i, flag))

    def values(read: Sequence[Any]) -> Values:
        made = list(read)
        for i, change in changed:
            if made[i] is not None:
                made[i] = change(made[i])
        return made

    return values


def rows(connection: sa.Connection, sql: str, *parameters: Any) -> Iterator[Sequence[Any]]:  # noqa: ANN401 (values of rows)
    """Yield what a statement selects, some rows at a time.

    Args:
        connection: in a transaction.
        sql: with `?` for each parameter.
        parameters: their values.
    """
    if connection.dialect.name == "postgresql":
        sql = sql.replace("?", "%s")
    found = connection.exec_driver_sql(
        sql, parameters, execution_options={"stream_results": True, "max_row_buffer": _ROWS_AT_ONCE}
    )
    for group in found.partitions(_ROWS_AT_ONCE):
        yield from group
