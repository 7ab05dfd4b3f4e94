"""Brings a database to the schema this version needs, whoever starts first.

Workers start at the same moment, so an upgrade runs under a lock: an advisory lock on PostgreSQL, the
file's own write lock on SQLite, held from before the version is read until the upgrade is committed. The
second one finds nothing to do. The migrations themselves are in the package `migrations`, which is part of
the wheel.
"""

import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from app.records.engine import WRITES, open_engine

_LOCK_TIMEOUT_S = 60.0
"""How long to wait for another worker's upgrade."""
_LOCK_KEY = 0x68616E647261696C
"""Any number that nobody else takes for an advisory lock in this database: `handrail` in ASCII."""
_RETRY_S = 0.05


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to a revision, the newest by default. May be called by many at once.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be reached or refuses.
    """
    _locked(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Take the database back to a revision; `base` leaves nothing."""
    _locked(url, lambda config: command.downgrade(config, revision))


def current(connection: sa.Connection) -> str | None:
    """Return the revision a database is at, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Return the revision this version of Handrail needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None, "the package holds at least one migration"
    return revision


def _locked(url: str, change: Callable[[Config], None]) -> None:
    engine = open_engine(url, lock_timeout_s=_LOCK_TIMEOUT_S)
    try:
        with _connected(engine) as connection:
            on_postgresql = connection.dialect.name == "postgresql"
            if on_postgresql:
                _lock(connection)
            try:
                change(_config(connection))
            finally:
                if on_postgresql:
                    connection.rollback()
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK_KEY)))
                    connection.commit()
    finally:
        engine.dispose()


def _lock(connection: sa.Connection) -> None:
    """Wait for the advisory lock, in no transaction: what is built CONCURRENTLY waits for all of those."""
    while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_LOCK_KEY))):
        connection.commit()
        time.sleep(_RETRY_S)
    connection.commit()


def _connected(engine: sa.Engine) -> sa.Connection:
    """Return a connection that may write.

    A new SQLite file is switched to its write-ahead log by whoever opens it first; the others find it
    locked, and SQLite does not wait here as it does for a transaction.
    """
    give_up = time.monotonic() + _LOCK_TIMEOUT_S
    while True:
        try:
            return engine.connect().execution_options(**WRITES)
        except sa.exc.OperationalError as error:
            if "database is locked" not in str(error.orig) or time.monotonic() > give_up:
                raise
            time.sleep(_RETRY_S)


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    place = Path(migrations.__file__).parent  # of the checkout, or of the installed wheel
    config.set_main_option("script_location", str(place).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
