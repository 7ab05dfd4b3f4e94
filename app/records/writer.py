"""Keeps exchanges until they are in the database: the `Records` of the pipeline.

The event loop only appends to a queue. One thread makes rows, redacts and writes, in batches: one transaction
for what came within 20 ms, or for 500 exchanges, so that an exchange is written at most about 50 ms after it
was taken as long as the database keeps up. A thread and a plain driver rather than an asynchronous one:
SQLite has none that is not a thread, the redaction must leave the loop anyway, and both databases share one
code path.

The queue itself has no bound, because what was answered must be kept. The bound is at the door: an exchange
is admitted only if it, all that are under way and all that wait for the database fit within `max_backlog`,
and if what waits is smaller than `max_backlog_bytes`: that bound can be exceeded by what is under way, whose
size nobody knows yet. Nor is any admitted while nobody would write it: before `start`, from `stop` on, and
should the thread have died.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Iterator

import sqlalchemy as sa
from alembic.util import CommandError

from app.domain.errors import Overloaded
from app.domain.exchange import ExchangeRecord
from app.records import migrate
from app.records.delivery import Delivery, error_name
from app.records.engine import UnusableUrl, open_engine, refuse_other_encodings
from app.records.inserts import Inserts
from app.records.partitions import Partitions
from app.records.protection import Protection
from app.records.proving import Proving
from app.records.rows import Capture
from app.records.scrubbing import Remembering
from app.records.signing_key import Signer, UnusableKey
from telemetry import Log

_BATCH = 500
"""Exchanges in one transaction."""
_LINGER_S = 0.02
"""How long the first exchange of a batch waits for others; leaves 30 of the 50 ms to write them."""
_MAX_BACKLOG_BYTES = 512 * 1024 * 1024
_BYTES_BESIDE_TEXTS = 4096
"""Of an exchange in memory, about: its attempts, verdicts and all that is neither request nor answer."""
_TRANSACTION_S = 3.0
"""How long a healthy database may take for one transaction while the service stops, beside the patience with
one that is away: sixteen million characters, on a slow disk."""
_JOIN_S = 0.05


class RecordsUnavailable(Exception):
    """The service cannot start: exchanges could not be put on record. The message says why and what to do."""


class Writer:
    """Writes exchanges into one database. `admit` and `take` are called on one event loop.

    Args:
        url: `records.url`.
        capture: how much of an exchange is recorded.
        log: for what an operator must know.
        protection: salts, hashes and encrypts what is written.
        signer: signs the heads of the chain; None: see `proving.py`.
        max_backlog: exchanges that may be under way or wait for the database.
        max_backlog_bytes: of requests and answers that may wait for the database.
    """

    def __init__(  # noqa: PLR0913 (what it works with, and its bounds)
        self,
        url: str,
        capture: Capture,
        log: Log,
        protection: Protection | None = None,
        signer: Signer | None = None,
        *,
        max_backlog: int = 10_000,
        max_backlog_bytes: int = _MAX_BACKLOG_BYTES,
    ) -> None:
        self._url = url
        self._capture = Capture(capture.content, Remembering(capture.redact))
        self._log = log
        self._protection = protection or Protection()
        self._signer = signer
        self._proving: Proving | None = None
        self._partitions: Partitions | None = None
        self._max_backlog = max_backlog
        self._max_backlog_bytes = max_backlog_bytes
        self._queue: queue.SimpleQueue[tuple[float, ExchangeRecord] | None] = queue.SimpleQueue()
        self._under_way = 0
        self._taken = 0
        self._taken_bytes = 0
        self._written_bytes = 0
        self._stopping = threading.Event()
        self._stop_at = float("inf")
        self._patience_s = 0.0
        self._engine: sa.Engine | None = None
        self._delivery: Delivery | None = None
        self._thread = threading.Thread(target=self._run, name="records", daemon=True)
        self._is_probing = threading.Lock()
        self._head = ""

    def start(self) -> None:
        """Bring the database up to date and begin to write. Blocks; to be called before anything is served.

        Raises:
            RecordsUnavailable: there is no usable database.
        """
        try:
            self._engine = open_engine(self._url)
            self._delivery = self._prepare(self._engine)
        except (UnusableUrl, UnusableKey) as error:
            raise RecordsUnavailable(str(error)) from error
        except CommandError as error:
            raise RecordsUnavailable(
                f"records.url: the database is not of this version of Handrail, or of a newer one: {error}"
            ) from error
        except (sa.exc.SQLAlchemyError, OSError) as error:
            reason = error.orig if isinstance(error, sa.exc.DBAPIError) else error_name(error)
            raise RecordsUnavailable(f"records.url: exchanges cannot be put on record: {reason}") from error
        finally:
            if self._delivery is None and self._engine is not None:
                self._engine.dispose()
        self._thread.start()

    def _prepare(self, engine: sa.Engine) -> Delivery:
        migrate.upgrade(self._url)
        refuse_other_encodings(engine)
        self._head = migrate.head()
        self._partitions = Partitions(engine, self._log)
        self._partitions.start()
        self._proving = proving = Proving(engine, self._signer, self._log)
        return Delivery(
            Inserts(engine), self._capture, self._protection, proving.chain, self._log, self._wait
        )

    @property
    def backlog(self) -> int:
        """Exchanges that were taken and are not written yet."""
        return self._taken - (self._delivery.delivered if self._delivery is not None else 0)

    def admit(self) -> None:
        """Keep a place for one more exchange, until it is taken.

        Raises:
            Overloaded: there is none: too many or too large ones wait for the database, or nobody writes.
        """
        is_full = (
            self._under_way + self.backlog >= self._max_backlog
            or self._taken_bytes - self._written_bytes >= self._max_backlog_bytes
        )
        if is_full or self._stopping.is_set() or not self._thread.is_alive():
            raise Overloaded(
                "Handrail cannot put more exchanges on record at the moment, so it begins none; try again."
            )
        self._under_way += 1

    def release(self) -> None:
        """Give back the place of an exchange that will not be taken."""
        self._under_way = max(0, self._under_way - 1)

    def take(self, record: ExchangeRecord) -> None:
        """Keep this one, in the place that was kept for it. Never blocks, never drops, never raises."""
        self.release()
        self._taken += 1
        self._taken_bytes += _size_bytes(record)
        self._queue.put((time.monotonic(), record))
        if self._thread.ident is not None and not self._thread.is_alive():
            self._log.error("record_taken_too_late", exchange_id=record.id)

    async def ready(self, timeout_s: float = 2.0) -> bool:
        """Return whether the database answers and has the schema of this version.

        At most one question is open at a time: while a hanging database has not answered the last one, the
        answer is no.
        """
        if not self._thread.is_alive():
            return False
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.to_thread(self._probe)
        except TimeoutError:
            return False

    async def stop(self, timeout_s: float) -> int:
        """Write what is left and end, however long that takes while the database does what it is asked to.

        Args:
            timeout_s: how long a database that is away may take to come back. One that hangs has 3 s more.

        Returns:
            How many exchanges could not be written: 0 if all is well.
        """
        self._patience_s = timeout_s
        self._stop_at = time.monotonic()
        self._stopping.set()
        self._queue.put(None)
        if self._thread.is_alive():
            await asyncio.to_thread(self._join)
        if self.backlog:
            self._log.error("records_left_unwritten", exchanges=self.backlog)
        return self.backlog

    def _join(self) -> None:
        while self._thread.is_alive() and self._left_s() > -_TRANSACTION_S:
            self._thread.join(_JOIN_S)

    def _left_s(self) -> float:
        """Return how long the database may still take to come back, negative if it had its time."""
        owed_since = self._delivery.owed_since if self._delivery is not None else None
        if owed_since is None:
            return self._patience_s
        return max(self._stop_at, owed_since) + self._patience_s - time.monotonic()

    def _probe(self) -> bool:
        if self._engine is None or not self._is_probing.acquire(blocking=False):
            return False
        try:
            with self._engine.connect() as connection:
                return migrate.current(connection) == self._head
        except sa.exc.SQLAlchemyError:
            return False
        finally:
            self._is_probing.release()

    def _run(self) -> None:
        assert self._engine is not None, "started by start"
        assert self._delivery is not None, "started by start"
        try:
            for batch in self._batches():
                size_bytes = sum(map(_size_bytes, batch))
                if not self._delivery.deliver(batch):
                    break
                self._written_bytes += size_bytes
        except Exception as error:
            self._log.error("records_writer_crashed", error=error_name(error))
            raise
        finally:
            if self._partitions is not None:
                self._partitions.stop()
            if self._proving is not None:
                self._proving.stop()
            self._engine.dispose()

    def _batches(self) -> Iterator[list[ExchangeRecord]]:
        """Yield what was taken, until there is nothing left after `stop`."""
        yielded = 0
        while not self._stopping.is_set() or yielded < self._taken:
            first = self._queue.get()
            if first is None:
                continue
            taken_at, record = first
            left_s = taken_at + _LINGER_S - time.monotonic()
            if left_s > 0 and self._queue.qsize() < _BATCH:
                self._stopping.wait(left_s)
            batch = [record, *self._waiting(_BATCH - 1)]
            yielded += len(batch)
            yield batch

    def _waiting(self, most: int) -> Iterator[ExchangeRecord]:
        for _ in range(most):
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return
            if item is not None:
                yield item[1]

    def _wait(self, seconds: float) -> bool:
        """Wait before the next try, as long as there is time; `stop` ends the waiting."""
        if not self._stopping.wait(seconds):
            return True
        left_s = self._left_s()
        time.sleep(max(0.0, min(seconds, left_s)))
        return left_s > 0


def _size_bytes(record: ExchangeRecord) -> int:
    """Return about how large an exchange is, without looking at its texts: the loop has no time for that.

    An answer's code points count as bytes, which is true of most text, in memory as on the wire.
    """
    try:
        return _BYTES_BESIDE_TEXTS + record.request_bytes + record.coverage.received
    except (AttributeError, TypeError):  # whatever is wrong with it, it must be taken
        return _BYTES_BESIDE_TEXTS
