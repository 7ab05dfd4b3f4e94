"""Closes what a crash cut off: exchanges that have begun, and whose writer is dead, become `interrupted`.

Each process looks for them at its start and now and then, once it has shipped what the dead left in their
journals: the end of such an exchange may wait there. A writer is dead

    at the same place (hostname, and an id in the folder of the journals)   if nobody holds its lock
    elsewhere                                                                if it was not seen for an hour

so a process notes every few seconds that it is alive. Should one that was taken for dead come back, the true
end of its exchange replaces `interrupted` (`inserts.py`).

Who closes a writer's exchanges holds its lock meanwhile, and on PostgreSQL an advisory lock, so that several
processes that start together do not do it twice. The rows go the way of all others: linked into the chain of
who closes them, then into the database.
"""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from app.records import tables
from app.records.engine import WRITES
from app.records.entry import Entry
from app.records.journal import LOCK_SUFFIX, JournalFailed, JournalHeld, lock
from app.records.journals import has_journal
from app.records.plain_rows import plain_rows
from app.records.rows import Rows
from app.records.values import moment
from telemetry import Log

_EVERY_S = 10.0
_SOON_S = 0.05
_UNSEEN_S = 3600.0
_LOT = 100
"""Exchanges that are closed at a time, with their requests."""
_SPACE = 0x68616E64
"""Of advisory locks in this database that are about writers: `hand` in ASCII."""


class Interrupted:
    """Looks for exchanges that a crash cut off. Used by one thread.

    Args:
        engine: of the database.
        writer: id of this process's own.
        folder: of the journals.
        host: of this process, as `opening.host_at` says it.
        hand_over: puts an entry on record.
        log: for what an operator must know.
    """

    def __init__(  # noqa: PLR0913 (what it looks at, and whom it tells)
        self,
        engine: sa.Engine,
        writer: str,
        folder: Path,
        host: str,
        hand_over: Callable[[Entry], None],
        log: Log,
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._folder = folder
        self._host = host
        self._hand_over = hand_over
        self._log = log
        self._claims: dict[str, contextlib.ExitStack] = {}
        self._handed: set[str] = set()

    def look(self) -> float:
        """Say that this writer lives, close what others left; return in how many seconds to come again."""
        try:
            self._be_seen()
            left = self._closed()
        except sa.exc.SQLAlchemyError:
            return _EVERY_S  # the database is away, which is said elsewhere
        return _SOON_S if left else _EVERY_S

    def close(self) -> None:
        """Let go of the dead."""
        for claim in self._claims.values():
            claim.close()
        self._claims.clear()

    def _be_seen(self) -> None:
        seen = sa.update(tables.writers).where(tables.writers.c.id == self._writer)
        with self._engine.connect().execution_options(**WRITES) as connection, connection.begin():
            connection.execute(seen.values(seen_at=moment(time.time_ns())))

    def _closed(self) -> int:
        """Hand over some exchanges of the dead; return how many of them there are still."""
        exchanges = tables.exchanges
        with self._engine.connect() as connection:
            found = connection.execute(
                sa.select(exchanges.c.writer, sa.func.count())
                .where(exchanges.c.outcome.is_(None), exchanges.c.writer.is_not(None))
                .group_by(exchanges.c.writer)
            )
            open_ = {str(writer): int(number) for writer, number in found}
        for writer in [one for one in self._claims if one not in open_]:
            self._claims.pop(writer).close()
        mine = [writer for writer in open_ if writer in self._claims or self._claimed(writer)]
        for writer in mine:
            self._hand_over_some(writer)
        if not mine:
            self._handed.clear()
        return sum(open_[writer] for writer in mine)

    def _claimed(self, writer: str) -> bool:
        """Return whether a writer is dead and nobody else closes its exchanges; then nobody else does."""
        if writer == self._writer or has_journal(self._folder, writer) or not self._is_dead(writer):
            return False
        with contextlib.ExitStack() as claim:
            try:
                descriptor = lock(path := self._folder / f"{writer}{LOCK_SUFFIX}")
            except (JournalHeld, JournalFailed):
                return False
            claim.callback(os.close, descriptor)
            claim.callback(path.unlink, missing_ok=True)
            if self._engine.dialect.name == "postgresql":
                connection = claim.enter_context(self._engine.connect())
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                got = sa.select(sa.func.pg_try_advisory_lock(_SPACE, sa.func.hashtext(writer)))
                if not connection.scalar(got):
                    return False
                claim.callback(connection.invalidate)  # with the connection goes the lock
            self._claims[writer] = claim.pop_all()
            return True

    def _is_dead(self, writer: str) -> bool:
        writers = tables.writers
        with self._engine.connect() as connection:
            known = plain_rows(connection, writers, writers.c.id == writer)
        if not known or known[0]["ended_at"] is not None or known[0]["host"] == self._host:
            return True  # at this place the lock decides
        return bool(known[0]["seen_at"] < moment(time.time_ns() - int(_UNSEEN_S * 1e9)))

    def _hand_over_some(self, writer: str) -> None:
        exchanges, payloads = tables.exchanges, tables.payloads
        is_open = (exchanges.c.outcome.is_(None), exchanges.c.writer == writer)
        with self._engine.connect() as connection:
            ids = connection.scalars(sa.select(exchanges.c.id).where(*is_open)).all()
            chosen = [id_ for id_ in map(str, ids) if id_ not in self._handed][:_LOT]
            rows = plain_rows(connection, exchanges, *is_open, exchanges.c.id.in_(chosen))
            bodies = plain_rows(connection, payloads, payloads.c.exchange_id.in_(chosen))
        for row in rows:
            own = tuple(body for body in bodies if body["exchange_id"] == row["id"])
            made = Rows(exchanges=(row | {"outcome": "interrupted"},), payloads=own)
            self._hand_over(Entry(row["id"], "ended", made, follows=True))
        self._handed.update(chosen)
        if chosen:
            self._log.warning("records_interrupted", writer=writer, exchanges=len(chosen))
