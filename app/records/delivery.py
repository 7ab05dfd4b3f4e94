"""Gets entries into the database, and tells what is their fault from what is the database's.

Two things can go wrong, and each has one answer:

- The database refuses some for their values: they are halved until the one to blame stands alone. That one
  gets a bare row (`bare.py`) and a log line; all others are written as they are.
- Anything else (away, busy, full, broken, or the connection lost while it committed, so that nobody knows
  whether it did) is raised. Whoever asked keeps the entries and comes again, and says so: then rows that are
  there are left as they are. No row is written twice, none is lost.
"""

from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa

from app.records.entry import Entry, bare
from app.records.inserts import Inserts, is_refusal
from telemetry import Log

_TRANSACTION_BYTES = 16 * 1024 * 1024
"""Of entries in one transaction."""


LeftOf = Callable[[Entry, str], Entry]


class Delivery:
    """Delivers entries. Used by one thread.

    Args:
        inserts: into the database.
        log: for what an operator must know. No line holds content.
        left_of: makes what is left of an entry that is refused, for the reason of that name.
    """

    def __init__(self, inserts: Inserts, log: Log, left_of: LeftOf = bare) -> None:
        self._inserts = inserts
        self._log = log
        self._left_of = left_of

    def deliver(self, entries: Sequence[Entry], *, again: bool = False) -> None:
        """Write all of these, in order.

        Args:
            entries: what to write, in transactions of bounded size.
            again: whether some may be there already.

        Raises:
            Exception: the database cannot be written; the first of them may be in it.
        """
        for group in _transactions(entries):
            self._write(group, again=again)

    def _write(self, group: Sequence[Entry], *, again: bool) -> None:
        groups = [group]
        while groups:
            group = groups.pop()
            is_alone_and_bare = len(group) == 1 and group[0].is_bare
            may_be_there = again or is_alone_and_bare or any(entry.follows for entry in group)
            try:
                self._inserts.write([entry.rows for entry in group], again=may_be_there)
            except Exception as error:
                if not is_refusal(error) or is_alone_and_bare:
                    raise
                groups += self._divided(group, error)

    def _divided(self, group: Sequence[Entry], error: Exception) -> list[Sequence[Entry]]:
        """Return the halves of a refused group, the first one last; what stands alone becomes bare."""
        if len(group) == 1:
            self._log.error("record_refused", exchange_id=group[0].id, error=error_name(error))
            return [[self._left_of(group[0], error_name(error))]]
        middle = len(group) // 2
        return [group[middle:], group[:middle]]


def error_name(error: Exception) -> str:
    """Return what an error is called, by its driver if it has one; its message may hold content."""
    if not isinstance(error, sa.exc.DBAPIError) or error.orig is None:
        return type(error).__name__
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return f"{type(error.orig).__name__} {code}" if code else type(error.orig).__name__


def _transactions(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Yield the entries in groups of bounded size."""
    group: list[Entry] = []
    size_bytes = 0
    for entry in entries:
        if group and size_bytes > _TRANSACTION_BYTES:
            yield group
            group, size_bytes = [], 0
        group.append(entry)
        size_bytes += entry.size_bytes
    if group:
        yield group
