"""Changes to what is on record: one at a time, each with an event that says so, in a chain of their own.

Whoever changes the record is a writer like any other: its chain is opened when the first change is made, and
an event and its entries are written in the transaction that makes the change. So no change is without its
event, and no event without its change.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from app.records import tables
from app.records.chain import Chain
from app.records.engine import WRITES, open_engine
from app.records.opening import event_row, open_chain
from app.records.rows import Row
from app.records.values import moment

_LOCK_KEY = 0x68616E647261696E
"""The second next number after that of `migrate.py`."""
_LOCK_TIMEOUT_S = 30.0
"""For others who write to an SQLite file."""


class Changes:
    """Makes changes. Used by one thread; to be closed.

    Args:
        url: `records.url`, of a database with the newest schema.
        actor: who makes them: `service`, a command, the name of a key.
    """

    def __init__(self, url: str, actor: str) -> None:
        self._engine = open_engine(url, lock_timeout_s=_LOCK_TIMEOUT_S)
        self._actor = actor
        self._chain: Chain | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether it is an SQLite file."""
        return self._engine.dialect.name == "sqlite"

    @contextlib.contextmanager
    def looking(self) -> Iterator[sa.Connection]:
        """Yield a connection that only reads."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def change(self) -> Iterator["Change"]:
        """Yield one change, committed as a whole at the end of the block. Nobody else makes one then.

        What is overwritten in an SQLite file is zeroed there (sqlite.org/pragma.html#pragma_secure_delete).
        """
        if self._chain is None:
            self._chain = open_chain(self._engine, self._actor)
        before = self._chain.head
        try:
            with self._engine.connect().execution_options(**WRITES) as connection:
                if self.is_sqlite:
                    connection.connection.cursor().execute("PRAGMA secure_delete=ON")
                with connection.begin():
                    if not self.is_sqlite:
                        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
                    yield Change(connection, self._chain, self._actor)
        except BaseException:
            self._chain.head = before
            raise

    def wipe(self) -> None:
        """Let go of what was overwritten: of an SQLite file, the log in which it still stands."""
        if self.is_sqlite:
            raw = self._engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                raw.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


class Change:
    """One change under way."""

    def __init__(self, connection: sa.Connection, chain: Chain, actor: str) -> None:
        self.connection = connection
        self.at = moment(time.time_ns())
        self._chain = chain
        self._actor = actor

    def note(
        self, kind: str, detail: Mapping[str, object], exchanges: int = 0, erased: Sequence[Row] = ()
    ) -> None:
        """Say what is done.

        Args:
            kind: as `proof_tables.record_events` lists it.
            detail: JSON; nothing that could have to be erased.
            exchanges: to how many.
            erased: those whose words are erased: each has an `id` and `started_at`.
        """
        event = event_row(kind, self.at, self._actor, detail, exchanges=exchanges)
        self.connection.execute(sa.insert(tables.record_events), event)
        self.connection.execute(sa.insert(tables.chain), self._chain.record("event", event, erased))
