"""Puts stretches of chains together again: how they fit, where they end, what their events allow. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from app.records.chain_check import START, Stretch, ends_too_soon, fits
from app.records.chain_slice import Statements
from app.records.exchange_check import Allowed
from app.records.flaws import Flaw


class Chains(msgspec.Struct):
    """All chains of a record, checked."""

    writers: int = 0
    entries: int = 0
    checkpoints: int = 0
    allowed: Allowed = Allowed()
    flaws: list[Flaw] = []


def joined(said: Statements, stretches: Iterable[Stretch], since: str | None) -> Chains:
    """Return what stretches are together.

    Args:
        said: what others say of chains.
        stretches: of all of them, those of one writer in order.
        since: moment before which entries were left out.
    """
    done = Chains(writers=len(said.bounds), checkpoints=said.checkpoints, flaws=[*said.flaws])
    by_writer: dict[str, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        by_writer[stretch.writer].append(stretch)
    for writer in said.writers:
        _join(said, writer, by_writer[writer], since, done)
    events = {event for found in by_writer.values() for stretch in found for event in stretch.events}
    done.flaws += _event_flaws(said, events, since)
    done.allowed = _allowed(said, events)
    return done


def _join(said: Statements, writer: str, stretches: list[Stretch], since: str | None, done: Chains) -> None:
    before = said.starts.get(writer, START) if since is None else None
    for stretch in stretches:
        done.flaws += stretch.flaws
        done.entries += stretch.entries
        if before is not None:
            done.flaws += fits(before, stretch)
        if stretch.entries:
            before = stretch.last, stretch.last_hash
    last = max(said.bounds.get(writer, (0, 0))[1], said.starts.get(writer, (0, ""))[0])
    done.flaws += ends_too_soon(writer, last, said.of(writer))


def _event_flaws(said: Statements, chained: set[tuple[str, str]], since: str | None) -> Iterable[Flaw]:
    digests = {id_: digest for id_, (_, digest) in said.events.items()}
    for id_, digest in sorted(chained):
        if id_ not in digests:
            yield Flaw("record_events", "deleted", id_, "the chain holds this event, but its row is gone")
        elif digests[id_] != digest:
            yield Flaw("record_events", "changed", id_, "it is not what the chain holds of it")
    ids = {id_ for id_, _ in chained}
    from_ = max(since or "", _latest(said, chained, "chain_gone_before"))
    for id_, (event, _) in said.events.items():
        if id_ not in ids and event["at"] >= from_:
            yield Flaw("record_events", "inserted", id_, "no chain holds this event")


def _allowed(said: Statements, chained: set[tuple[str, str]]) -> Allowed:
    opened = [event["at"] for event, _ in said.events.values() if event["kind"] == "opened"]
    return Allowed(
        gone_before=_latest(said, chained, "gone_before"),
        bodies_gone_before=_latest(said, chained, "bodies_gone_before"),
        chained_from=min(opened, default="9"),
    )


def _latest(said: Statements, chained: set[tuple[str, str]], name: str) -> str:
    """Return the latest moment that a `retained` event which the chain holds gives under this name."""
    found = [
        _member(event, name)
        for id_, (event, digest) in said.events.items()
        if event["kind"] == "retained" and (id_, digest) in chained
    ]
    return max(found, default="")


def _member(event: dict[str, Any], name: str) -> str:
    value = json.loads(event["detail"]).get(name)
    return value if isinstance(value, str) else ""
