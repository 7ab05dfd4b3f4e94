"""Gets exchanges into the database, whatever happens to it.

Three things can go wrong, and each has one answer:

- The database is away, busy, full or broken: the exchanges are kept and tried again, for ever, less and less
  often. One log line says that it went away, one that it is back.
- It refuses some for their values: they are halved until the one to blame stands alone. That one gets a bare
  row (`bare.py`) and a log line; all others are written as they are.
- The connection breaks while it commits, so that nobody knows whether it did: tried again, with statements
  that leave rows alone which are there. No row is written twice, none is lost.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
import sqlalchemy as sa

from app.domain.exchange import ExchangeRecord
from app.records.bare import bare_rows
from app.records.chain import Chain
from app.records.inserts import Inserts, is_refusal
from app.records.protection import Protection
from app.records.rows import Capture, Rows, rows_of
from telemetry import Log

_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 2.0
"""Between two tries; doubled from the first to the longest."""
_TRANSACTION_CHARS = 16 * 1024 * 1024
"""Bodies in one transaction: bounds what is held twice, as records and as rows."""


class _Kept(msgspec.Struct, frozen=True):
    """An exchange on its way, and what it was made from."""

    record: ExchangeRecord
    rows: Rows
    is_bare: bool = False


class Delivery:
    """Delivers exchanges. Used by one thread; `delivered` and `owed_since` may be read by others.

    Args:
        inserts: into the database.
        capture: how much is recorded.
        protection: salts, hashes and encrypts.
        chain: links what is written.
        log: for what an operator must know. No line holds content.
        wait: waits for so many seconds; False where no time is left, so that delivery gives up.
    """

    def __init__(  # noqa: PLR0913 (what it works with)
        self,
        inserts: Inserts,
        capture: Capture,
        protection: Protection,
        chain: Chain,
        log: Log,
        wait: Callable[[float], bool],
    ) -> None:
        self._inserts = inserts
        self._capture = capture
        self._protection = protection
        self._chain = chain
        self._log = log
        self._wait = wait
        self._is_away = False
        self.delivered = 0
        """Exchanges written so far."""
        self.owed_since: float | None = None
        """Since when the database has not done what it was asked to, in `time.monotonic` seconds; None while
        nothing is asked of it. Making rows takes its time, but is no fault of the database."""

    def deliver(self, records: Iterable[ExchangeRecord]) -> bool:
        """Write these exchanges, in order; return False where it gave up before all were written."""
        return all(self._write(group) for group in _transactions(map(self._kept, records)))

    def _kept(self, record: ExchangeRecord) -> _Kept:
        try:
            return _Kept(record, self._protection.protect(rows_of(record, self._capture), record.metadata))
        except Exception as error:  # noqa: BLE001 (it must not stop the others)
            return self._bare(record, error)

    def _bare(self, record: ExchangeRecord, error: Exception) -> _Kept:
        self._log.error("record_refused", exchange_id=record.id, error=error_name(error))
        return _Kept(record, bare_rows(record, error_name(error)), is_bare=True)

    def _write(self, group: Sequence[_Kept]) -> bool:
        groups, again, wait_s = [group], False, _FIRST_WAIT_S
        while groups:
            group = groups.pop()
            is_alone_and_bare = len(group) == 1 and group[0].is_bare
            self.owed_since = self.owed_since or time.monotonic()
            try:
                sealed = self._chain.seal([kept.rows for kept in group])
                self._inserts.write(sealed, again=again or is_alone_and_bare)
            except Exception as error:  # noqa: BLE001 (nothing that a database does may end this thread)
                if is_refusal(error) and not is_alone_and_bare:
                    self.owed_since = None
                    groups += self._divided(group, error)
                    continue
                groups.append(group)
                self._note_away(error, len(group))
                if not self._wait(wait_s):
                    return False
                again, wait_s = True, min(2 * wait_s, _LONGEST_WAIT_S)
            else:
                self.owed_since = None
                self._chain.advance(sealed)
                self.delivered += len(group)
                self._note_back()
        return True

    def _divided(self, group: Sequence[_Kept], error: Exception) -> list[Sequence[_Kept]]:
        """Return the halves of a refused group, the first one last; what stands alone becomes bare."""
        if len(group) == 1:
            return [[self._bare(group[0].record, error)]]
        middle = len(group) // 2
        return [group[middle:], group[:middle]]

    def _note_away(self, error: Exception, held: int) -> None:
        if not self._is_away:
            self._log.error("records_database_away", error=error_name(error), held=held)
        self._is_away = True

    def _note_back(self) -> None:
        if self._is_away:
            self._log.info("records_database_back")
        self._is_away = False


def error_name(error: Exception) -> str:
    """Return what an error is called, by its driver if it has one; its message may hold content."""
    if not isinstance(error, sa.exc.DBAPIError) or error.orig is None:
        return type(error).__name__
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return f"{type(error.orig).__name__} {code}" if code else type(error.orig).__name__


def _transactions(exchanges: Iterable[_Kept]) -> Iterator[list[_Kept]]:
    """Yield the exchanges in groups of bounded size."""
    group: list[_Kept] = []
    chars = 0
    for kept in exchanges:
        if group and chars > _TRANSACTION_CHARS:
            yield group
            group, chars = [], 0
        group.append(kept)
        chars += sum(len(str(payload["body"])) for payload in kept.rows.payloads)
    if group:
        yield group
