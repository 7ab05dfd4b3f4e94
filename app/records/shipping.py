"""The one thread that speaks to the database: it writes what it is handed, and ships what is in journals.

Its counterpart is the writer's thread, which must not be held up by a database that hangs: it hands entries
over, waits a moment, and where that was not enough puts them into the journal, whatever becomes of the
attempt. What is shipped from a journal therefore always may be there already, and is left as it is then.

Order: what is handed over is written at once as long as nothing of this process waits in its journal; from
then on everything goes through the journal, until that is empty. Journals of processes that have died are
shipped in between: theirs are other exchanges.
"""

import threading
import time
from collections.abc import Callable, Sequence

from app.records.delivery import Delivery, error_name
from app.records.entry import Entry
from app.records.journal import Journal, JournalFailed
from telemetry import Log

_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 2.0
"""Between two tries; doubled from the first to the longest."""
_IDLE_S = 10.0
_LOT = 200
_LOT_BYTES = 4 * 1024 * 1024
"""Entries shipped in one transaction: a handful of them is in memory at once, and whoever hands something
over waits no longer than for these."""


class Shipping:
    """Writes into one database. `write` is called by one thread, the others by any.

    Args:
        delivery: into the database; used by this thread alone.
        journal: of this process.
        adopted: journals of processes that have died.
        log: for what an operator must know.
        idle: called between two pieces of work, while the database answers and nothing of the dead waits;
            returns in how many seconds to call it again.
        at_end: called when all is done, which may be long after `stop` where the database hangs.
        patience_s: after how long a database that has not answered is taken for away.
    """

    def __init__(  # noqa: PLR0913 (what it stands between)
        self,
        delivery: Delivery,
        journal: Journal,
        adopted: Sequence[Journal],
        log: Log,
        *,
        idle: Callable[[], float] = lambda: _IDLE_S,
        at_end: Callable[[], None] = lambda: None,
        patience_s: float = 0.25,
    ) -> None:
        self._delivery = delivery
        self._journal = journal
        self._adopted = list(adopted)
        self._log = log
        self._idle = idle
        self._at_end = at_end
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._handed: _Handed | None = None
        self._stopping = False
        self._stop_at = float("inf")
        self._wait_s = _FIRST_WAIT_S
        self._retry_at = 0.0
        self._reason: str | None = None
        self._busy_since: float | None = None
        self._idle_at = 0.0
        self.shipped = 0
        """Entries that went from a journal into the database."""
        self._thread = threading.Thread(target=self._run, name="records-database", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    @property
    def is_away(self) -> bool:
        """Whether the database has failed, or has not answered for too long."""
        busy_since = self._busy_since
        hangs = busy_since is not None and time.monotonic() - busy_since > self._patience_s
        return self._reason is not None or hangs

    def write(self, entries: Sequence[Entry], *, again: bool = False) -> bool:
        """Write these; return whether that was done in time. If not they may still get into the database."""
        handed = _Handed(entries, again)
        with self._changed:
            self._handed = handed
            self._changed.notify()
        done = handed.done.wait(self._patience_s)
        with self._changed:
            if self._handed is handed:
                self._handed = None
        if not done:
            self._note_away("TimeoutError", len(entries))
        return handed.succeeded

    def wake(self) -> None:
        """Look into the journal: there is something new."""
        with self._changed:
            self._changed.notify()

    def stop(self, patience_s: float) -> bool:
        """Ship what waits as long as the database takes it, and end.

        Args:
            patience_s: how long a database that is away has to come back.

        Returns:
            Whether it has ended: it has not while the database hangs.
        """
        with self._changed:
            self._stopping, self._stop_at = True, time.monotonic() + patience_s
            self._retry_at = 0.0
            self._changed.notify()
        while self._thread.is_alive() and (not self.is_away or time.monotonic() < self._stop_at):
            self._thread.join(_FIRST_WAIT_S)
        return not self._thread.is_alive()

    @property
    def adopted(self) -> Sequence[Journal]:
        """Journals of others that still have something in them."""
        return tuple(self._adopted)

    def _run(self) -> None:
        try:
            while (work := self._next()) is not None:
                work()
        except Exception as error:
            self._log.error("records_shipping_crashed", error=error_name(error))
            raise
        finally:
            for journal in self._adopted:
                journal.close()
            self._busy_since = time.monotonic()
            self._at_end()
            self._busy_since = None

    def _next(self) -> Callable[[], None] | None:
        """Wait for something to do and return it, None where all is done."""
        with self._changed:
            while True:
                now = time.monotonic()
                if (handed := self._handed) is not None:
                    self._handed = None
                    return lambda: self._take(handed)
                source = self._source()
                if source is not None and now >= self._retry_at:
                    return lambda: self._ship(source)
                if self._stopping and (source is None or now >= self._stop_at):
                    return None
                if now >= self._idle_at and self._reason is None and not self._adopted:
                    return self._look_around
                until = min(self._retry_at, self._stop_at) if source is not None else self._idle_at
                self._changed.wait(max(0.001, until - now) if until > now else _IDLE_S)

    def _source(self) -> Journal | None:
        """Return the journal whose turn it is: those of the dead first."""
        return next(
            (one for one in (*self._adopted, self._journal) if one.entries and not one.is_closed), None
        )

    def _look_around(self) -> None:
        self._idle_at = time.monotonic() + self._idle()

    def _take(self, handed: "_Handed") -> None:
        handed.succeeded = self._try(handed.entries, again=handed.again)
        handed.done.set()

    def _ship(self, journal: Journal) -> None:
        try:
            number, entries = journal.oldest(_LOT, _LOT_BYTES)
        except JournalFailed as error:
            self._log.error("records_journal_unreadable", reason=str(error))
            self._postpone()
            return
        if entries and self._try(entries, again=True):
            self.shipped += len(entries)
            journal.remove(number)
            if not journal.entries:
                self._note_empty(journal)

    def _try(self, entries: Sequence[Entry], *, again: bool) -> bool:
        self._busy_since = time.monotonic()
        try:
            self._delivery.deliver(entries, again=again)
        except Exception as error:  # noqa: BLE001 (nothing that a database does may end this thread)
            self._note_away(error_name(error), len(entries))
            self._postpone()
            return False
        else:
            self._note_back()
            return True
        finally:
            self._busy_since = None

    def _postpone(self) -> None:
        self._retry_at = time.monotonic() + self._wait_s
        self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)

    def _note_empty(self, journal: Journal) -> None:
        self._log.info("records_journal_shipped", journal=str(journal.path))
        if journal in self._adopted:
            self._adopted.remove(journal)
            journal.close()
            self._idle_at = 0.0

    def _note_away(self, reason: str, held: int) -> None:
        with self._changed:
            was_away, self._reason = self._reason is not None, reason
        if not was_away:
            self._log.error("records_database_away", error=reason, held=held)

    def _note_back(self) -> None:
        with self._changed:
            was_away, self._reason = self._reason is not None, None
        self._retry_at, self._wait_s = 0.0, _FIRST_WAIT_S
        if was_away:
            self._log.info("records_database_back")


class _Handed:
    """Entries that are handed over, and what has become of them."""

    __slots__ = ("again", "done", "entries", "succeeded")

    def __init__(self, entries: Sequence[Entry], again: bool) -> None:
        self.entries = entries
        self.again = again
        self.done = threading.Event()
        self.succeeded = False
