"""A writer's chain: every entry holds the hash of the one before, so that none is changed, removed or moved.

Pure: no database, no clock. One writer is one life of one process; its chain starts with an `opened` entry,
whose event states the heads of all other chains (`opening.py`), so that a whole chain cannot go unnoticed.

    kind          about                        digest of
    opened        event_id                     the event, which states heads of others' chains
    begun         exchange_id                  the exchange's rows as they were then
    ended         exchange_id                  its rows; of several entries about it the last one holds
    interrupted   exchange_id                  its rows, closed after a crash
    erased        exchange_id, event_id        the event; the rows are held against the entry before
    event         event_id                     the event

`seal` links without moving on, and gives the same for the same exchanges: a transaction of which nobody knows
whether it was committed is tried again with the same entries. `advance` moves on, once it is.
"""

from collections.abc import Mapping, Sequence

import msgspec

from app.records.canonical import event_digest, exchange_digest, link_hash
from app.records.rows import Row, Rows

GENESIS = "0" * 64
"""Hash before the first entry."""


class Head(msgspec.Struct, frozen=True):
    """The last entry of a chain."""

    writer: str
    sequence: int = 0
    hash: str = GENESIS
    at: str = ""
    """Moment of the entry: none comes before it."""


class Chain:
    """Links what one writer writes. Used by one thread.

    Args:
        head: where it stands; a new writer's has sequence 0.
    """

    def __init__(self, head: Head) -> None:
        self.head = head

    def seal(self, exchanges: Sequence[Rows]) -> list[Rows]:
        """Return these exchanges with their writer and their entries of the chain, in order."""
        head, sealed = self.head, []
        for rows in exchanges:
            row = rows.exchanges[0] | {"writer": head.writer}
            about = {"exchange_id": row["id"], "exchange_started_at": row["started_at"]}
            at = str(row["ended_at"] or row["started_at"])
            digest = exchange_digest(row, msgspec.structs.asdict(rows))
            entry, head = _link(head, at, kind_of(row), digest, about)
            sealed.append(msgspec.structs.replace(rows, exchanges=(row,), chain=(entry,)))
        return sealed

    def advance(self, sealed: Sequence[Rows]) -> None:
        """Move on behind these, which are on record."""
        if sealed:
            self.head = head_of(sealed[-1].chain[-1])

    def record(self, kind: str, event: Row, erased: Sequence[Row] = ()) -> list[Row]:
        """Return the entries for an event, and move on behind them.

        Args:
            kind: `opened` or `event`.
            event: the row of `record_events`, which is written in the same transaction as the entries.
            erased: exchanges it erased something of: each has an `id` and `started_at`.
        """
        digest, at, about = event_digest(event), str(event["at"]), {"event_id": event["id"]}
        entry, self.head = _link(self.head, at, kind, digest, about)
        entries = [entry]
        for exchange in erased:
            of = about | {"exchange_id": exchange["id"], "exchange_started_at": exchange["started_at"]}
            entry, self.head = _link(self.head, at, "erased", digest, of)
            entries.append(entry)
        return entries


def head_of(entry: Mapping[str, object]) -> Head:
    """Return the head of a chain that ends with this entry."""
    return Head(str(entry["writer"]), int(str(entry["sequence"])), str(entry["hash"]), str(entry["at"]))


def kind_of(exchange: Row) -> str:
    """Return what an entry about an exchange that stands so is called."""
    match exchange["outcome"]:
        case None:
            return "begun"
        case "interrupted":
            return "interrupted"
        case _:
            return "ended"


def _link(head: Head, at: str, kind: str, digest: str, about: Row) -> tuple[Row, Head]:
    entry: Row = {
        "writer": head.writer,
        "sequence": head.sequence + 1,
        "at": max(at, head.at),
        "kind": kind,
        "exchange_id": None,
        "exchange_started_at": None,
        "event_id": None,
        "digest": digest,
        "previous_hash": head.hash,
        **about,
    }
    entry["hash"] = link_hash(head.hash, entry)
    return entry, head_of(entry)
