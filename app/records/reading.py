"""Reads the record without being able to change it: connections that cannot write, questions that end.

The file of SQLite is opened with `mode=ro` (sqlite.org/uri.html, 2026-12), a session of PostgreSQL has
`default_transaction_read_only`; either refuses to write whatever is asked. What is read between `connect` and
its end is one moment of the record, however long it takes: SQLite's write-ahead log and PostgreSQL's
REPEATABLE READ see nothing of what is committed meanwhile, and hold nobody up.

A statement that takes longer than its time is ended: by PostgreSQL's `statement_timeout`, and on SQLite by a
handler that is called every few thousand steps of its machine.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL

from app.records import migrate
from app.records.engine import POSTGRESQL_DEFAULTS, UnusableUrl, parsed_url

_STEPS = 10_000
"""Of SQLite's machine between two looks at the clock: about a millisecond."""
_LOCK_TIMEOUT_S = 2.0
_CANCELED = "57014"
"""SQLSTATE `query_canceled` (postgresql.org/docs/15/errcodes-appendix.html)."""


class UnreadableRecord(Exception):
    """The record cannot be read, or not in this way; the message says why and never shows the URL."""


class TookTooLong(UnreadableRecord):
    """A question was ended because its time was over."""


class Reading:
    """A database that is only read. Connects when first asked; may be used by several threads.

    Args:
        url: `records.url`.
        timeout_s: how long one statement may take; 0: as long as it does.
        connections: at most, at once.
    """

    def __init__(self, url: str, *, timeout_s: float = 30.0, connections: int = 2) -> None:
        self._timeout_s = timeout_s
        self._engine = _opened(url, timeout_s, connections)
        self._is_of_this_version = False

    @contextlib.contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """Give a connection on one moment of the record, which must be of this version's shape.

        Raises:
            UnreadableRecord: there is none, or what is asked within the block fails.
        """
        with self.connect_anyhow() as connection:
            self._require_version(connection)
            yield connection

    @contextlib.contextmanager
    def connect_anyhow(self) -> Iterator[sa.Connection]:
        """Give a connection as `connect` does, whatever shape the record has.

        Raises:
            UnreadableRecord: as `connect`.
        """
        try:
            with self._engine.connect() as connection, connection.begin():
                yield connection
        except sa.exc.TimeoutError:
            raise UnreadableRecord("all connections for reading the record are in use; try again") from None
        except (sa.exc.DBAPIError, psycopg.Error, sqlite3.Error, sqlite3.Warning) as error:
            raise self._explained(error) from None

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _require_version(self, connection: sa.Connection) -> None:
        if self._is_of_this_version:
            return
        there, needed = migrate.current(connection), migrate.head()
        if there != needed:
            raise UnreadableRecord(
                f"the record has the shape of revision {there or 'none'}, this Handrail reads {needed}: "
                "`handrail serve` of this version brings it up to date"
            )
        self._is_of_this_version = True

    def _explained(self, error: Exception) -> UnreadableRecord:
        known = getattr(error, "orig", None) or error
        if getattr(known, "sqlstate", None) == _CANCELED or str(known) == "interrupted":
            return TookTooLong(f"took longer than {self._timeout_s:g} s, and was ended")
        reason = " ".join(str(known).split()) or type(known).__name__
        return UnreadableRecord(f"the database says: {reason}")


def _opened(url: str, timeout_s: float, connections: int) -> sa.Engine:
    parsed = parsed_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed, timeout_s, connections)
        case "postgresql":
            return _postgresql(parsed, timeout_s, connections)
        case other:
            raise UnusableUrl(
                f"records.url: {other} is not supported; use sqlite:///FILE or postgresql://..."
            )


def _sqlite(url: URL, timeout_s: float, connections: int) -> sa.Engine:
    file = Path((url.database or "").removeprefix("file:"))

    def connected() -> sqlite3.Connection:
        if not file.is_file():
            raise UnreadableRecord(f"there is no record yet: no file {file}")
        connection = sqlite3.connect(
            f"file:{quote(str(file))}?mode=ro",
            uri=True,
            timeout=_LOCK_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA query_only=ON")
        return connection

    engine = sa.create_engine(
        "sqlite://",
        creator=connected,
        hide_parameters=True,
        poolclass=sa.pool.QueuePool,
        pool_size=connections,
        max_overflow=0,
    )
    sa.event.listen(engine, "begin", _begin)
    if timeout_s:
        sa.event.listen(engine, "before_cursor_execute", _Watch(timeout_s))
    return engine


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


class _Watch:
    """Sets the clock of a connection anew for each statement."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s

    def __call__(
        self,
        connection: sa.Connection,
        _cursor: object,
        _statement: object,
        _parameters: object,
        _context: object,
        _executemany: object,
    ) -> None:
        end = time.monotonic() + self._timeout_s
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection), "made by `_sqlite`"
        driver.set_progress_handler(lambda: time.monotonic() > end, _STEPS)


def _postgresql(url: URL, timeout_s: float, connections: int) -> sa.Engine:
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={k: v for k, v in POSTGRESQL_DEFAULTS.items() if k not in url.query},
        isolation_level="REPEATABLE READ",
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
    )

    def set_up(connection: psycopg.Connection, _record: object) -> None:
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute("SET default_transaction_read_only = on")
        connection.execute(f"SET statement_timeout = {int(timeout_s * 1000)}")
        connection.commit()

    sa.event.listen(engine, "connect", set_up)
    return engine
