"""Whether a stretch of one writer's chain holds together, and holds what others say of it. Pure.

A chain is checked in stretches, so that several processes share a long one; how neighbours fit is checked
from their ends (`fits`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from app.records.canonical import link_hash
from app.records.chain import GENESIS
from app.records.flaws import Flaw

Row = Mapping[str, Any]


class Stretch(msgspec.Struct):
    """What is left of a stretch once it was checked."""

    writer: str
    first: int = 0
    """Sequence of the first entry, 0 where there is none."""
    first_previous: str = ""
    """What it says that the hash before it was."""
    last: int = 0
    last_hash: str = ""
    entries: int = 0
    events: set[tuple[str, str]] = set()
    """Ids of events that entries are about, and the digests in the entries."""
    opened: list[tuple[str, str]] = []
    """Moments at which chains were opened, and the events that say so."""
    flaws: list[Flaw] = []


def check_stretch(writer: str, entries: Iterable[Row], stated: Mapping[int, Mapping[str, str]]) -> Stretch:
    """Check entries that follow each other.

    Args:
        writer: whose they are.
        entries: by sequence.
        stated: what hash an entry has according to others, by sequence; with it, who says so.
    """
    done = Stretch(writer)
    for entry in entries:
        sequence = entry["sequence"]
        if done.entries:
            done.flaws += _link_flaws(writer, done.last, done.last_hash, sequence, entry["previous_hash"])
        else:
            done.first, done.first_previous = sequence, entry["previous_hash"]
        done.flaws += _own_flaws(writer, entry, stated.get(sequence, {}))
        if entry["event_id"] is not None:
            done.events.add((entry["event_id"], entry["digest"]))
        if entry["kind"] == "opened":
            done.opened.append((entry["at"], entry["event_id"]))
        done.last, done.last_hash = sequence, entry["hash"]
        done.entries += 1
    return done


def fits(before: tuple[int, str], stretch: Stretch) -> list[Flaw]:
    """Return what is wrong between the end of a stretch and the begin of the next.

    Args:
        before: sequence and hash of the entry before; those of `START` at the begin of a chain.
        stretch: that comes next.
    """
    if not stretch.entries:
        return []
    return _link_flaws(stretch.writer, *before, stretch.first, stretch.first_previous)


START = (0, GENESIS)


def ends_too_soon(writer: str, last: int, stated: Mapping[int, Mapping[str, str]]) -> list[Flaw]:
    """Return a flaw where others state entries behind the end of a chain."""
    beyond = max(stated, default=0)
    if beyond <= last:
        return []
    who = next(iter(stated[beyond].values()))
    if not last:
        return [_flaw("deleted", writer, beyond, f"the whole chain is gone; {who} states this entry of it")]
    return [_flaw("truncated", writer, last, f"the chain ends here, but {who} states entry {beyond}")]


def _own_flaws(writer: str, entry: Row, stated: Mapping[str, str]) -> Iterator[Flaw]:
    sequence, hash_ = entry["sequence"], entry["hash"]
    if link_hash(entry["previous_hash"], entry) != hash_:
        yield _flaw("changed", writer, sequence, "the entry is not what its hash is of")
    if (entry["kind"] == "opened") != (sequence == 1):
        yield _flaw("changed", writer, sequence, "a chain begins where it is opened")
    for other, who in stated.items():
        if other != hash_:
            yield _flaw("changed", writer, sequence, f"{who} says that it had another hash")


def _link_flaws(writer: str, last: int, last_hash: str, sequence: int, previous_hash: str) -> list[Flaw]:
    if sequence == last + 1:
        if previous_hash == last_hash:
            return []
        return [_flaw("reordered", writer, sequence, f"it was not written behind entry {last}")]
    gone = f"entry {last + 1}" if sequence == last + 2 else f"entries {last + 1} to {sequence - 1}"
    return [_flaw("deleted", writer, last + 1, f"{gone} of the chain, before entry {sequence}")]


def _flaw(kind: Any, writer: str, sequence: int, why: str) -> Flaw:  # noqa: ANN401 (a Kind)
    return Flaw("chain", kind, f"{writer}/{sequence}", why)
