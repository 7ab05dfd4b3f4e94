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
        self._plain = [_Statement(engine, table, again=False) for table, _ in _TABLES]
        self._again = [_Statement(engine, table, again=True) for table, _ in _TABLES]

    def write(self, exchanges: Sequence[Rows], *, again: bool = False) -> None:
        """Write all rows of these exchanges, or none.

        Args:
            exchanges: at least one.
            again: the last try may have been committed without our hearing of it: rows that are there are
                left as they are. Without it a row that is there is an error.

        Raises:
            Exception: of SQLAlchemy or the driver; see `is_refusal`.
        """
        statements = self._again if again else self._plain
        with self._engine.connect().execution_options(**WRITES) as connection, connection.begin():
            for statement, (_, rows_for) in zip(statements, _TABLES, strict=True):
                statement.run(connection, [row for rows in exchanges for row in rows_for(rows)])


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

    def __init__(self, engine: sa.Engine, table: sa.Table, *, again: bool) -> None:
        insert = _insert(engine.dialect.name, table, again=again)
        compiled = insert.compile(dialect=engine.dialect, column_keys=table.columns.keys())
        self._text = str(compiled)
        self._names: tuple[str, ...] | None = (
            tuple(compiled.positiontup or ()) if compiled.positional else None
        )

    def run(self, connection: sa.Connection, rows: list[Row]) -> None:
        if not rows:
            return
        names = self._names
        parameters: Any = rows if names is None else [tuple([row[name] for name in names]) for row in rows]
        connection.exec_driver_sql(self._text, parameters)


def _insert(dialect: str, table: sa.Table, *, again: bool) -> sa.Insert:
    match dialect:
        case "sqlite":
            return sqlite.insert(table).on_conflict_do_nothing() if again else sa.insert(table)
        case _:
            return postgresql.insert(table).on_conflict_do_nothing() if again else sa.insert(table)
