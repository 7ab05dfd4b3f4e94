"""Writes rows: some exchanges in one transaction, and says whose fault it is if that fails.

Statements are compiled once for the database at hand and handed to its driver as they are. SQLAlchemy's own
executemany looks at every value of every row, which costs as much as the insert itself; here every value
already is what the driver takes (`rows.py`).
"""

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app.records import tables
from app.records.engine import WRITES
from app.records.rows import Row, Rows

_TABLES: tuple[tuple[sa.Table, Callable[[Rows], tuple[Row, ...]]], ...] = (
    (tables.exchanges, lambda rows: rows.exchanges),
    (tables.payloads, lambda rows: rows.payloads),
    (tables.attempts, lambda rows: rows.attempts),
    (tables.verdicts, lambda rows: rows.verdicts),
    (tables.findings, lambda rows: rows.findings),
    (tables.chain, lambda rows: rows.chain),
)
_REFUSALS = frozenset({"22", "23", "54"})
"""Classes of SQLSTATE that are about the values sent: data exception, integrity constraint violation,
program limit exceeded (postgresql.org/docs/15/errcodes-appendix.html, 2026-11)."""
_DRIVER_REFUSALS = (OverflowError, TypeError, ValueError)
"""What drivers raise of Python's own: an integer of 80 bits, an unknown type, a lone surrogate."""


class Inserts:
    """Inserts into one database. One transaction at a time; used by one thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._plain = [_Statement(engine, sa.insert(table), table) for table, _ in _TABLES]
        self._begun = [_Statement(engine, _unless_there(engine, table), table) for table, _ in _TABLES]
        self._again = [_Statement(engine, _again(engine, table), table) for table, _ in _TABLES]

    def write(self, exchanges: Sequence[Rows], *, again: bool = False) -> None:
        """Write all rows of these exchanges, or none.

        A beginning that is there already is left as it is, be it that its exchange has ended. An end takes
        the place of its beginning, and of one that was taken for `interrupted`.

        Args:
            exchanges: at least one, begun (they have no outcome yet) or ended.
            again: some may be there: their beginning, or all of it if the last try was committed without our
                hearing of it. Rows that are there are left as they are. Without it one that is there is an
                error.

        Raises:
            Exception: of SQLAlchemy or the driver; see `is_refusal`.
        """
        begun = [rows for rows in exchanges if rows.exchanges[0]["outcome"] is None]
        ended = [rows for rows in exchanges if rows.exchanges[0]["outcome"] is not None]
        with self._engine.connect().execution_options(**WRITES) as connection, connection.begin():
            for statements, all_rows in (self._begun, begun), (self._again if again else self._plain, ended):
                for statement, (_, rows_for) in zip(statements, _TABLES, strict=True):
                    statement.run(connection, [row for rows in all_rows for row in rows_for(rows)])


def is_refusal(error: Exception) -> bool:
    """Whether the values were refused, by the database or its driver, so that trying again cannot help.

    Anything else (no connection, no space, a lock, a missing table) is the database's own trouble and may
    pass.
    """
    if not isinstance(error, sa.exc.DBAPIError):
        return isinstance(error, _DRIVER_REFUSALS)
    if isinstance(error.orig, psycopg.InterfaceError):
        return False  # used after it was closed
    if isinstance(error.orig, psycopg.Error) and error.orig.sqlstate is not None:
        return error.orig.sqlstate[:2] in _REFUSALS
    return not isinstance(error, sa.exc.OperationalError | sa.exc.InternalError)


class _Statement:
    """An INSERT into one table as its driver wants it."""

    def __init__(self, engine: sa.Engine, insert: sa.Insert, table: sa.Table) -> None:
        compiled = insert.compile(dialect=engine.dialect, column_keys=table.columns.keys())
        self._text = str(compiled)
        self._names = tuple(table.columns.keys())
        self._order: tuple[str, ...] | None = (
            tuple(compiled.positiontup or ()) if compiled.positional else None
        )

    def run(self, connection: sa.Connection, rows: list[Row]) -> None:
        """Insert these; a column that a row of an older version does not have is NULL."""
        if not rows:
            return
        names, order = self._names, self._order
        parameters: Any = (
            [row if len(row) == len(names) else {name: row.get(name) for name in names} for row in rows]
            if order is None
            else [tuple([row.get(name) for name in order]) for row in rows]
        )
        connection.exec_driver_sql(self._text, parameters)


def _unless_there(engine: sa.Engine, table: sa.Table) -> sa.Insert:
    return _insert(engine, table).on_conflict_do_nothing()


def _again(engine: sa.Engine, table: sa.Table) -> sa.Insert:
    """Return what ends an exchange that may have begun, or may have been written."""
    insert = _insert(engine, table)
    if table not in {tables.exchanges, tables.payloads}:
        return insert.on_conflict_do_nothing()
    keys = [column.name for column in table.primary_key]
    return insert.on_conflict_do_update(
        index_elements=keys,
        set_={name: insert.excluded[name] for name in table.columns.keys() if name not in keys},  # noqa: SIM118 (columns are no dict)
        where=_IS_OPEN if table is tables.exchanges else tables.payloads.c.erased_at.is_(None),
    )


_IS_OPEN = tables.exchanges.c.outcome.is_(None) | (
    tables.exchanges.c.outcome == sa.literal_column("'interrupted'")
)


def _insert(engine: sa.Engine, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if engine.dialect.name == "sqlite" else postgresql.insert(table)
