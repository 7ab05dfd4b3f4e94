"""Keeps exchanges until they are in the database: the `Records` of the pipeline.

The event loop only appends to a queue. One thread makes rows and redacts, in batches (`keeping.py`); another
one writes them, or ships what waits in the journal while the database is away (`shipping.py`). Threads and
plain drivers rather than asynchronous ones: SQLite has none that is not a thread, the redaction must leave
the loop anyway, and both databases share one code path.

How soon, says `records.durability`:

    bounded   one transaction for what came within 20 ms, or for 500 exchanges
    strict    one transaction for what came while the last one was committed; who waits for it is told

Where the database has not done it within a quarter of a second the batch goes into the journal, and all that
follows until that has been shipped. So what is in memory stays small however long the database is away.

The queue itself has no bound, because what was answered must be kept. The bound is at the door: an exchange
is admitted only while the journal has room, and if it, all that are under way and all that are in memory fit
within `max_backlog` and `max_backlog_bytes`; the latter can be exceeded by what is under way, whose size
nobody knows yet, and so can the journal's. Nor is any admitted while nobody would write it: before `start`,
from `stop` on, and should the thread have died.
"""

import asyncio
import threading
import time
from pathlib import Path
from typing import Literal

from app.domain.exchange import ExchangeRecord
from app.records.admission import Admission
from app.records.batches import Batches, Committed, tell
from app.records.delivery import error_name
from app.records.form import Kept
from app.records.gauges import Gauges
from app.records.journals import journal_folder, waiting
from app.records.protection import Protection
from app.records.rows import Capture
from app.records.scrubbing import Remembering
from app.records.signing_key import Signer
from app.records.works import Works, require
from telemetry import Log

_MAX_BACKLOG_BYTES = 512 * 1024 * 1024
_STALL_S = 3.0
"""How long a batch may take while the service stops, beside the patience with a database: sixteen million
characters, on a slow disk."""
_JOIN_S = 0.05

Durability = Literal["bounded", "strict"]


class Writer:
    """Writes exchanges into one database. `admit`, `begin` and `take` are called on one event loop.

    Args:
        url: `records.url`.
        capture: how much of an exchange is recorded.
        log: for what an operator must know.
        protection: salts, hashes and encrypts what is written.
        signer: signs the heads of the chain; None: see `proving.py`.
        journal: folder of the journals; None: beside an SQLite database, or in the working directory.
        durability: `records.durability`.
        max_journal_bytes: of what may wait in this process's journal.
        max_backlog: exchanges that may be under way or in memory.
        max_backlog_bytes: of requests and answers that may be in memory.
    """

    def __init__(  # noqa: PLR0913 (what it works with, and its bounds)
        self,
        url: str,
        capture: Capture,
        log: Log,
        protection: Protection | None = None,
        signer: Signer | None = None,
        *,
        journal: Path | None = None,
        durability: Durability = "bounded",
        max_journal_bytes: int = 1024 * 1024 * 1024,
        max_backlog: int = 10_000,
        max_backlog_bytes: int = _MAX_BACKLOG_BYTES,
    ) -> None:
        self.is_strict = durability == "strict"
        self._url = url
        self._capture = Capture(capture.content, Remembering(capture.redact))
        self._log = log
        self._protection = protection or Protection()
        self._signer = signer
        self.folder = journal or journal_folder(url)
        """Of the journals."""
        self._admission = Admission(max_backlog, max_backlog_bytes, max_journal_bytes, log)
        self._answers: bool | None = True
        self._begun: set[str] = set()
        self._batches = Batches(lingers=not self.is_strict)
        self._stopping = threading.Event()
        self._moved_at = 0.0
        self._patience_s = float("inf")
        self._works: Works | None = None
        self._thread = threading.Thread(target=self._run, name="records", daemon=True)

    def require(self) -> None:
        """Make sure that `start` will do; nothing is written. Blocks.

        Raises:
            RecordsUnavailable: as `start`.
        """
        require(self._url, self.folder)

    def start(self) -> None:
        """Bring the database up to date and begin to write. Blocks; to be called before anything is served.

        Raises:
            RecordsUnavailable: there is no usable database, or no journal.
        """
        self._works = Works(
            self._url,
            self.folder,
            is_strict=self.is_strict,
            capture=self._capture,
            protection=self._protection,
            signer=self._signer,
            batches=self._batches,
            gives_up=self._gives_up,
            log=self._log,
        )
        self._works.shipping.start()
        self._thread.start()

    @property
    def backlog(self) -> int:
        """Exchanges that were handed over and are neither in the database nor in the journal."""
        return self._admission.backlog

    def gauges(self) -> Gauges:
        """Return how it is doing. May be called by any thread, at any time."""
        works, admission = self._works, self._admission
        entries, size_bytes, oldest_s = waiting(() if works is None else works.journals)
        return Gauges(
            under_way=admission.under_way,
            backlog=admission.backlog,
            backlog_bytes=admission.backlog_bytes,
            kept_total=admission.kept_total,
            journal_entries=entries,
            journal_bytes=size_bytes,
            journal_max_bytes=admission.max_journal_bytes,
            journal_oldest_s=oldest_s,
            shipped_total=0 if works is None else works.shipping.shipped,
            turned_away_total=admission.turned_away_total,
            database_away=works is not None and works.shipping.is_away,
            journal_full=self._full_because() is not None,
        )

    def admit(self, *, is_refused: bool = False) -> None:
        """Keep a place for one more exchange, until it is taken. See `app.domain.ports.Records`.

        Raises:
            Overloaded: there is none: too many or too large ones wait for the database, or nobody writes.
        """
        is_open = self._thread.is_alive() and not self._stopping.is_set()
        waiting = 0 if self._works is None else self._works.journal.bytes
        full = self._full_because()
        self._admission.admit(
            is_open=is_open, full_because=full, journal_bytes=waiting, is_refused=is_refused
        )

    def release(self) -> None:
        """Give back the place of an exchange that will not be taken."""
        self._admission.leave()

    def begin(self, record: ExchangeRecord) -> Committed | None:
        """Keep that this one has begun; it will be taken once it has ended. Never blocks, never raises.

        Returns:
            In strict durability, what is done when a crash cannot take it any more.
        """
        self._begun.add(record.id)
        return self._hand_over(record, Kept(record, has_ended=False))

    def take(self, record: ExchangeRecord) -> Committed | None:
        """Keep this one, in the place that was kept for it. Never blocks, never drops, never raises.

        Returns:
            As `begin`.
        """
        self.release()
        follows = record.id in self._begun
        self._begun.discard(record.id)
        committed = self._hand_over(record, Kept(record, follows=follows))
        if self._thread.ident is not None and not self._thread.is_alive():
            self._log.error("record_taken_too_late", exchange_id=record.id)
        return committed

    def _hand_over(self, record: ExchangeRecord, kept: Kept) -> Committed | None:
        committed = asyncio.get_running_loop().create_future() if self.is_strict else None
        self._batches.put(kept, self._admission.take(record), committed)
        return committed

    async def ready(self, timeout_s: float = 2.0) -> bool:
        """Return whether exchanges are kept: in the database, or in the journal while that is away.

        A database that answers and is of another version is no such thing.
        """
        if self._works is None or not self._thread.is_alive():
            return False
        self._answers = await self._works.database.answers(timeout_s)
        return self._answers is not False and self._full_because() is None

    def why_degraded(self) -> str | None:
        """Return what is not as it should be although exchanges are kept; None: nothing that is known."""
        now = self.gauges()
        if self._answers and not now.database_away and not now.journal_entries:
            return None
        state = "is away or slow" if now.database_away or not self._answers else "is back"
        return (
            f"{state}; {now.journal_entries} exchanges wait in the journal, the oldest for "
            f"{now.journal_oldest_s:.0f} s"
        )

    async def stop(self, timeout_s: float) -> int:
        """Keep what is left and end, however long that takes as long as it goes on.

        Args:
            timeout_s: how long a database that is away may take to come back, before what waits for it is
                left in the journal.

        Returns:
            How many exchanges could not be kept: 0 if all is well.
        """
        self._patience_s, self._moved_at = timeout_s, time.monotonic()
        self._stopping.set()
        self._batches.stop()
        if self._thread.ident is not None:
            await asyncio.to_thread(self._end, timeout_s)
        if self.backlog:
            self._log.error("records_left_unwritten", exchanges=self.backlog)
        return self.backlog

    def _end(self, timeout_s: float) -> None:
        while self._thread.is_alive() and time.monotonic() < self._moved_at + timeout_s + _STALL_S:
            self._thread.join(_JOIN_S)
        if self._works is not None and not self._thread.is_alive():
            self._works.stop(timeout_s)

    def _gives_up(self) -> bool:
        return self._stopping.is_set() and time.monotonic() > self._moved_at + self._patience_s

    def _run(self) -> None:
        assert self._works is not None, "started by start"
        try:
            for batch in self._batches:
                if not self._works.keeping.keep([queued.kept for queued in batch]):
                    break
                self._moved_at = time.monotonic()
                taken = [queued for queued in batch if isinstance(queued.kept, Kept)]
                self._admission.kept(len(taken), sum(queued.size_bytes for queued in taken))
                tell(batch)
        except Exception as error:
            self._log.error("records_writer_crashed", error=error_name(error))
            raise

    def _full_because(self) -> str | None:
        """Return what keeps the journal from taking more."""
        if self._works is None:
            return None
        is_stuck = self._works.keeping.is_stuck
        return self._admission.full_because(self._works.journal.bytes, is_stuck=is_stuck)
