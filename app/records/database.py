"""The records' database as a service finds it at its start, and whether it answers later."""

import asyncio
import threading
from pathlib import Path

import sqlalchemy as sa
from alembic.util import CommandError

from app.records import migrate
from app.records.chain import Chain
from app.records.delivery import error_name
from app.records.engine import UnusableUrl, open_engine, refuse_other_encodings
from app.records.partitions import Partitions
from app.records.proving import Proving
from app.records.signing_key import Signer, UnusableKey
from telemetry import Log


class RecordsUnavailable(Exception):
    """The service cannot start: exchanges could not be put on record. The message says why and what to do."""


class Database:
    """One database, brought up to date.

    Args:
        url: `records.url`.
        is_strict: whether a commit must survive the machine, not this process alone.

    Raises:
        RecordsUnavailable: there is none that can be used.
    """

    def __init__(self, url: str, *, is_strict: bool = False) -> None:
        engine: sa.Engine | None = None
        try:
            engine = open_engine(url, survives_power_loss=is_strict)
            migrate.upgrade(url)
            refuse_other_encodings(engine)
            self._head = migrate.head()
        except (UnusableUrl, CommandError, sa.exc.SQLAlchemyError, OSError) as error:
            if engine is not None:
                engine.dispose()
            raise RecordsUnavailable(_reason(error) + _place(engine)) from error
        self.engine = engine
        self._is_asking = threading.Lock()
        self._proving: Proving | None = None
        self._partitions: Partitions | None = None

    def chain(self, signer: Signer | None, log: Log, host: str | None = None) -> Chain:
        """Open the chain of a new writer, sign it from now on, and keep days ahead of it.

        Raises:
            RecordsUnavailable: the database refuses, or there is no key to sign with.
        """
        try:
            self._proving = Proving(self.engine, signer, log, host)
        except (UnusableKey, sa.exc.SQLAlchemyError, OSError) as error:
            self.engine.dispose()
            raise RecordsUnavailable(_reason(error)) from error
        self._partitions = Partitions(self.engine, log)
        self._partitions.start()
        return self._proving.chain

    def close(self) -> None:
        """Come to the end of the chain, if one was opened, and of the connections."""
        if self._partitions is not None:
            self._partitions.stop()
        if self._proving is not None:
            self._proving.stop()
        self.engine.dispose()

    async def answers(self, timeout_s: float) -> bool | None:
        """Return whether it has the schema of this version, None where it does not say.

        At most one question is open at a time: while a hanging database has not answered the last one, it
        does not say.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.to_thread(self._asked)
        except TimeoutError:
            return None

    def _asked(self) -> bool | None:
        if not self._is_asking.acquire(blocking=False):
            return None
        try:
            with self.engine.connect() as connection:
                return migrate.current(connection) == self._head
        except sa.exc.SQLAlchemyError:
            return None
        finally:
            self._is_asking.release()


def _place(engine: sa.Engine | None) -> str:
    """Name the file of SQLite, whose driver does not; drivers of PostgreSQL name host and database."""
    if engine is None or engine.dialect.name != "sqlite":
        return ""
    return f" ({Path(str(engine.url.database)).absolute()})"


def _reason(error: Exception) -> str:
    match error:
        case UnusableUrl() | UnusableKey():
            return str(error)
        case CommandError():
            return f"records.url: the database is not of this version of Handrail, or of a newer one: {error}"
        case _:
            reason = error.orig if isinstance(error, sa.exc.DBAPIError) else error_name(error)
            return f"records.url: exchanges cannot be put on record: {reason}"
