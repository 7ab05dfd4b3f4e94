"""Questions in SQL: one that somebody writes, or one of `dashboards/questions`, by name.

Nothing but SELECT is done, whatever is written. SQLite asks us about every step of a statement before it runs
(sqlite.org/c3ref/set_authorizer.html, 2026-12); on PostgreSQL a statement becomes a cursor, which only a
SELECT can be, in a transaction that may only read.
"""

import contextlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

import app
from app.records.plain_rows import plain_value
from app.records.reading import Reading, UnreadableRecord

FOLDER = Path(app.__file__).resolve().parent.parent / "dashboards" / "questions"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_FETCHED = 500
_SYNTAX_ERROR = "42601"
"""PostgreSQL 15, appendix A."""
_ONLY_A_SELECT = "only a SELECT can be asked"
_READS = frozenset(
    (
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
    )
)


class Question(msgspec.Struct, frozen=True):
    """A question that has a name."""

    name: str
    says: str
    """Its first line of comment: what it answers."""
    sql: str


class Answer(msgspec.Struct, frozen=True):
    """What SQL answers."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]
    """Plain values; read while the connection is open."""


def questions(folder: Path = FOLDER) -> list[Question]:
    """Return the questions that have names, by name."""
    return [_read(file) for file in sorted(folder.glob("*.sql"))]


def sql_of(said: str, folder: Path = FOLDER) -> str:
    """Return the SQL that somebody means: a question's name, or SQL as it is.

    Raises:
        UnreadableRecord: a name that no question has.
    """
    if _NAME.fullmatch(said) is None:
        return said
    known = {question.name: question for question in questions(folder)}
    if said not in known:
        raise UnreadableRecord(
            f"no question is named {said}; `handrail records sql` lists those that there are"
        )
    return known[said].sql


@contextlib.contextmanager
def asked(reading: Reading, sql: str) -> Iterator[Answer]:
    """Ask SQL, and give the answer.

    Raises:
        UnreadableRecord: it is no SELECT, is wrong, or takes too long.
    """
    with reading.connect_anyhow() as connection, _selecting(connection):
        options = {"no_parameters": True, "stream_results": True, "max_row_buffer": _FETCHED}
        try:
            found = connection.execution_options(**options).exec_driver_sql(sql.strip().rstrip(";"))
        except sa.exc.DBAPIError as error:
            if _is_no_select(error, sql):
                raise UnreadableRecord(_ONLY_A_SELECT) from None
            raise
        if not found.returns_rows:
            raise UnreadableRecord(_ONLY_A_SELECT)
        yield Answer(tuple(found.keys()), (tuple(map(plain_value, row)) for row in found))


@contextlib.contextmanager
def _selecting(connection: sa.Connection) -> Iterator[None]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.set_authorizer(_allowed)
    try:
        yield
    finally:
        driver.set_authorizer(None)


def _is_no_select(error: sa.exc.DBAPIError, sql: str) -> bool:
    """Return whether SQLite forbade it, or PostgreSQL could not read its first word behind `CURSOR FOR`."""
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_AUTH:
        return True
    word = "".join(sql.split()[:1])
    return getattr(error.orig, "sqlstate", None) == _SYNTAX_ERROR and f'at or near "{word}"' in str(
        error.orig
    )


def _allowed(action: int, *_about: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def _read(file: Path) -> Question:
    sql = file.read_text(encoding="utf-8")
    comment: Sequence[str] = re.findall(r"^--\s*(.*)$", sql, flags=re.MULTILINE)[:1]
    return Question(file.stem, "".join(comment), sql)
