"""From a URL to a database: SQLite or PostgreSQL, set up so that the rest need not know which.

Every connection speaks UTC. A transaction opened with the execution option `writes` takes SQLite's write
lock at once (BEGIN IMMEDIATE), so that it waits for other writers at its start and cannot fail in its
middle for having read first (sqlite.org/lang_transaction.html, 2026-11). PostgreSQL needs nothing of the
kind.
"""

import sqlite3
from functools import partial

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL

WRITES = {"writes": True}
"""Execution options of a connection that is going to write."""

POSTGRESQL_DEFAULTS = {
    "application_name": "handrail",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
"""libpq parameters (postgresql.org/docs/15/libpq-connect.html): seconds, but `tcp_user_timeout` in
milliseconds. A server that vanished without a word is noticed after 15 to 25 s instead of 2 hours. A URL's
own parameters win."""

_PAGE_BYTES = 8192
"""Of a new SQLite file. A page holds whole rows only up to its size: at the usual 4096 a body of 2 kB has a
page to itself and costs twice the CPU (measured: 28 us for a request and a response, 15 us at 8192)."""


class UnusableUrl(ValueError):
    """`records.url` names no database that can hold records; the message says why and never shows the URL."""


def open_engine(url: str, *, lock_timeout_s: float = 2.0, survives_power_loss: bool = False) -> sa.Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql://...`. It connects when first used.

    Args:
        url: as SQLAlchemy reads it; the drivers are the standard library's and psycopg.
        lock_timeout_s: how long a writer waits for another one's lock on an SQLite file before it is
            an error.
        survives_power_loss: whether a commit to an SQLite file is on the disk when it returns. PostgreSQL is
            configured by whoever runs it.

    Raises:
        UnusableUrl: another kind of database, or SQLite without a file.
    """
    parsed = parsed_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed, lock_timeout_s, "FULL" if survives_power_loss else "NORMAL")
        case "postgresql":
            return _postgresql(parsed)
        case other:
            raise UnusableUrl(
                f"records.url: {other} is not supported; use sqlite:///FILE or postgresql://..."
            )


def parsed_url(url: str) -> URL:
    """Return a URL that SQLAlchemy can read.

    Raises:
        UnusableUrl: it cannot.
    """
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise UnusableUrl("records.url is no database URL; use sqlite:///FILE or postgresql://...") from None


def refuse_other_encodings(engine: sa.Engine) -> None:
    """Make sure that a database can hold every character.

    Raises:
        UnusableUrl: PostgreSQL's database is not in UTF-8. (SQLite always is.)
    """
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            encoding = connection.scalar(sa.text("SHOW server_encoding"))
        if encoding != "UTF8":
            raise UnusableUrl(f"records.url: the database is in {encoding}; make one WITH ENCODING 'UTF8'")


def _sqlite(url: URL, lock_timeout_s: float, synchronous: str) -> sa.Engine:
    if not url.database or url.database == ":memory:" or url.query.get("mode") == "memory":
        raise UnusableUrl(
            "records.url names no file; records kept in memory would be lost: use sqlite:///FILE"
        )
    engine = sa.create_engine(
        url.set(drivername="sqlite"),
        connect_args={"timeout": lock_timeout_s},
        hide_parameters=True,
        pool_size=2,
    )
    sa.event.listen(engine, "connect", partial(_set_up_sqlite, synchronous))
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(synchronous: str, connection: sqlite3.Connection, _record: object) -> None:
    """Keep a write-ahead log and leave transactions to us.

    NORMAL: a commit survives a crash of this process; a crash of the machine may lose the last ones, but
    never harms the file. FULL: it survives that, too (sqlite.org/pragma.html#pragma_synchronous).
    """
    connection.isolation_level = None
    connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={synchronous}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> sa.Engine:
    defaults = {k: v for k, v in POSTGRESQL_DEFAULTS.items() if k not in url.query}
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args=defaults,
        hide_parameters=True,
        pool_size=2,
    )
    sa.event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _set_up_postgresql(connection: psycopg.Connection, _record: object) -> None:
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()
