"""Signs where a writer's chain stands, now and then: a thread beside the one that writes.

A chain alone is proof only for those who remember its end: whoever can rewrite the database can compute a
new one. So its head is signed, every 1,000 entries or 10 s, whichever is first, and once more at the end. A
signature goes into the table `checkpoints` and, as the line `record_checkpoint`, into the log, which usually
goes elsewhere: with it a truncation is found even by whom the database lies to. Each signature covers which
checkpoint came before, so that none can be taken out of the row of them.

What is signed is the head that this process remembers, never what the database says. It is written only
when the database has that entry: one that waits in the journal has its checkpoint wait too. The line is
written at once.
"""

import collections
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa

from app.records import tables
from app.records.chain import Head
from app.records.engine import WRITES
from app.records.rows import Row
from app.records.signing_key import Signer
from app.records.values import moment
from telemetry import Log

_EVERY = 1000
_EVERY_S = 10.0
_LOOK_S = 0.25
"""How often it is looked whether one is due."""
_MAX_WAITING = 1000
"""Checkpoints of entries that are not in the database yet; then none is made until they are there."""


class Checkpoints:
    """Signs the heads of one chain.

    Args:
        engine: of the database.
        signer: has the key.
        head: returns where the chain stands; called in a thread of its own.
        log: gets a line for each.
    """

    def __init__(self, engine: sa.Engine, signer: Signer, head: Callable[[], Head], log: Log) -> None:
        self._engine = engine
        self._signer = signer
        self._head = head
        self._log = log
        self._signed = Head(head().writer)  # its opening is not signed yet: an idle writer has an end, too
        self._previous = 0
        self._signed_at_s = time.monotonic()
        self._waiting: collections.deque[Row] = collections.deque()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> bool:
        """Sign the end of the chain, which nobody moves any more; return whether all are in the database."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._sign()
        self._write()
        return not self._waiting

    def look(self, now_s: float) -> None:
        """Sign if one is due, and write what waits.

        Args:
            now_s: of `time.monotonic`.
        """
        fresh = self._head().sequence - self._signed.sequence
        if fresh >= _EVERY or (fresh and now_s - self._signed_at_s >= _EVERY_S):
            self._signed_at_s = now_s
            self._sign()
        if self._waiting:
            self._write()

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_S):
            self.look(time.monotonic())

    def _sign(self) -> None:
        head = self._head()
        if head.sequence == self._signed.sequence or len(self._waiting) >= _MAX_WAITING:
            return
        now = moment(time.time_ns())
        row: Row = {
            "writer": head.writer,
            "sequence": head.sequence,
            "hash": head.hash,
            "previous_sequence": self._previous,
            "signed_at": now,
            "key_id": self._signer.key_id,
        }
        row["signature"] = self._signer.sign(row)
        self._waiting.append(row)
        self._signed, self._previous = head, head.sequence
        self._log.info("record_checkpoint", **row)

    def _write(self) -> None:
        entries, checkpoints = tables.chain, tables.checkpoints
        try:
            with self._engine.connect().execution_options(**WRITES) as connection, connection.begin():
                for row in tuple(self._waiting):
                    is_there = sa.select(entries.c.hash).where(
                        entries.c.writer == row["writer"], entries.c.sequence == row["sequence"]
                    )
                    if connection.scalar(is_there) is None:
                        break
                    if connection.scalar(_written(row)) is None:
                        connection.execute(sa.insert(checkpoints), row)
                    self._waiting.popleft()
        except sa.exc.SQLAlchemyError:
            return  # the database is away, which is said elsewhere; they wait


def _written(row: Row) -> sa.Select[tuple[int]]:
    table = tables.checkpoints
    return sa.select(table.c.sequence).where(
        table.c.writer == row["writer"], table.c.sequence == row["sequence"]
    )
