"""The form in which an exchange is kept: its rows, redacted, protected, and linked into the writer's chain.

Linked once, before anything is written: whether the entry then goes into the database at once or waits in the
journal, it is the same. Should the database refuse its rows in the end, what is left of it is linked anew,
behind all else, and of several entries of the chain about an exchange the last one holds.
"""

import msgspec

from app.domain.exchange import ExchangeRecord
from app.records.chain import Chain
from app.records.delivery import error_name
from app.records.entry import Entry, bare, bare_end, begun, ended
from app.records.protection import Protection
from app.records.rows import Capture, Rows
from telemetry import Log


class Kept(msgspec.Struct, frozen=True):
    """What is to be kept of an exchange."""

    record: ExchangeRecord
    has_ended: bool = True
    follows: bool = False
    """Whether its beginning was kept."""


class Form:
    """Makes entries. Used by one thread.

    Args:
        capture: how much is recorded.
        protection: salts, hashes and encrypts.
        chain: links.
        log: for what an operator must know. No line holds content.
    """

    def __init__(self, capture: Capture, protection: Protection, chain: Chain, log: Log) -> None:
        self._capture = capture
        self._protection = protection
        self._chain = chain
        self._log = log

    def entry(self, kept: Kept | Entry) -> Entry | None:
        """Return what is kept, None where there is nothing to be said yet. Never raises for a record's sake.

        Args:
            kept: an exchange, or rows that are protected and only to be linked.
        """
        if isinstance(kept, Entry):
            return self._linked(kept)
        try:
            return self._linked(self._made(kept))
        except Exception as error:  # noqa: BLE001 (it must not stop the others)
            return self._left(kept, error_name(error))

    def _made(self, kept: Kept) -> Entry:
        record = kept.record
        if kept.has_ended:
            entry = ended(record, self._capture, follows=kept.follows)
        else:
            entry = begun(record, self._capture)
        return _with(entry, self._protection.protect(entry.rows, record.metadata))

    def _left(self, kept: Kept, reason: str) -> Entry | None:
        record = kept.record
        self._log.error("record_refused", exchange_id=record.id, error=reason)
        if not kept.has_ended:
            return None  # its end will say what can be said
        return self._linked(bare_end(record, reason, follows=kept.follows))

    def _linked(self, entry: Entry) -> Entry:
        (sealed,) = linked = self._chain.seal([entry.rows])
        self._chain.advance(linked)
        return _with(entry, sealed)

    def left_of(self, entry: Entry, reason: str) -> Entry:
        """Return what is left of an entry that was refused, in its place of the chain. By any thread."""
        rest = bare(entry, reason)
        row = rest.rows.exchanges[0] | {"writer": self._chain.head.writer}
        return _with(rest, msgspec.structs.replace(rest.rows, exchanges=(row,), chain=entry.rows.chain))


def _with(entry: Entry, rows: Rows) -> Entry:
    return msgspec.structs.replace(entry, rows=rows)
