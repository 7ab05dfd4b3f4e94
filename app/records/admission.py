"""The door: whether one more exchange can be kept, should it be begun.

What is counted here is written by two threads, each of which has its own counters; so no lock is needed.
"""

from app.domain.errors import JournalFull, Overloaded
from app.domain.exchange import ExchangeRecord
from telemetry import Log

_BYTES_BESIDE_TEXTS = 4096
"""Of an exchange in memory, about: its attempts, verdicts and all that is neither request nor answer."""
_SHARE_OF_REFUSED = 0.5
"""Of each bound, up to which requests are kept that were refused before they were read. Anybody can send
those, without a key, and may not take the room of whoever has one."""


class Admission:
    """Counts what is under way and what is in memory. `kept` is for the writer's thread, all else the loop's.

    Args:
        max_backlog: exchanges that may be under way or in memory.
        max_backlog_bytes: of requests and answers that may be in memory.
        max_journal_bytes: of what may wait in the journal.
        log: for what an operator must know.
    """

    def __init__(self, max_backlog: int, max_backlog_bytes: int, max_journal_bytes: int, log: Log) -> None:
        self.max_journal_bytes = max_journal_bytes
        self._log = log
        self._was_full = False
        self._max_backlog = max_backlog
        self._max_backlog_bytes = max_backlog_bytes
        self._taken = self._taken_bytes = self._kept_bytes = 0
        self.kept_total = 0
        self.under_way = 0
        self.turned_away_total = 0

    @property
    def backlog(self) -> int:
        """Exchanges that were handed over and are neither in the database nor in the journal."""
        return self._taken - self.kept_total

    @property
    def backlog_bytes(self) -> int:
        """About how large they are."""
        return self._taken_bytes - self._kept_bytes

    def full_because(self, journal_bytes: int, *, is_stuck: bool) -> str | None:
        """Return what keeps the journal from taking more, None if nothing does.

        Args:
            journal_bytes: in it.
            is_stuck: whether its disk refuses.
        """
        if is_stuck:
            return "its disk cannot be written"
        if journal_bytes >= self.max_journal_bytes:
            return f"the {self.max_journal_bytes} bytes of `records.journal.max_bytes` are used up"
        return None

    def admit(
        self, *, is_open: bool, full_because: str | None, journal_bytes: int = 0, is_refused: bool = False
    ) -> None:
        """Let one more in.

        Args:
            is_open: whether anybody writes.
            full_because: of the journal.
            journal_bytes: in it.
            is_refused: whether it is over already, with nothing read of it.

        Raises:
            Overloaded: there is no place.
        """
        if (full_because is not None) is not self._was_full:
            self._note_full(full_because)
        if full_because is not None:
            self.turned_away_total += 1
            raise JournalFull(
                "Handrail's database of records is away, and the journal that stands in for it takes no more "
                f"({full_because}), so nothing new is begun. Bring the database back, or give it more room."
            )
        if not is_open or self._is_full(journal_bytes, _SHARE_OF_REFUSED if is_refused else 1.0):
            self.turned_away_total += 1
            raise Overloaded(
                "Handrail cannot put more exchanges on record at the moment, so it begins none; try again."
            )
        self.under_way += 1

    def _is_full(self, journal_bytes: int, share: float) -> bool:
        return (
            self.under_way + self.backlog >= self._max_backlog * share
            or self.backlog_bytes >= self._max_backlog_bytes * share
            or journal_bytes >= self.max_journal_bytes * share
        )

    def _note_full(self, because: str | None) -> None:
        self._was_full = because is not None
        if because is not None:
            self._log.error("records_journal_full", reason=because)
        else:
            self._log.info("records_journal_takes_more")

    def leave(self) -> None:
        """Give back a place."""
        self.under_way = max(0, self.under_way - 1)

    def take(self, record: ExchangeRecord) -> int:
        """Count what is handed over, and return about how many bytes that is."""
        size_bytes = _size_bytes(record)
        self._taken += 1
        self._taken_bytes += size_bytes
        return size_bytes

    def kept(self, number: int, size_bytes: int) -> None:
        """Count what is where a crash cannot take it."""
        self.kept_total += number
        self._kept_bytes += size_bytes


def _size_bytes(record: ExchangeRecord) -> int:
    """Return about how large an exchange is, without looking at its texts: the loop has no time for that.

    An answer's code points count as bytes, which is true of most text, in memory as on the wire.
    """
    try:
        return _BYTES_BESIDE_TEXTS + record.request_bytes + record.coverage.received
    except (AttributeError, TypeError):  # whatever is wrong with it, it must be taken
        return _BYTES_BESIDE_TEXTS
