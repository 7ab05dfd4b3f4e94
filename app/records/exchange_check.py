"""Whether the rows of some exchanges are what the chain holds of them. Pure.

Of each exchange the last entry that is about its rows counts. What may be missing is what an event of the
chain allows: words that were erased, and all of it where it was older than what is retained.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from app.records.canonical import COLUMNS, ERASABLE, VERSION
from app.records.flaws import Flaw

CHILDREN = ("attempts", "verdicts", "findings", "payloads")
_NUMBERED = ("attempts", "verdicts", "findings")
_ENCODE = msgspec.json.Encoder().encode
_WRITER = COLUMNS["exchanges"].index("writer")
_STARTED_AT = COLUMNS["exchanges"].index("started_at")
_ERASABLE_HASH = COLUMNS["exchanges"].index("erasable_hash")


class Allowed(msgspec.Struct, frozen=True):
    """What may be missing, and what may be there without a chain."""

    gone_before: str = ""
    """Exchanges that began before this moment may be gone."""
    bodies_gone_before: str = ""
    """Bodies of these may be gone."""
    chained_from: str = "9"
    """When the first chain was opened: what began before may be in none."""


class Found(msgspec.Struct):
    """One exchange as it was read: arrays of hashed values, and what stands beside them."""

    rows: list[tuple[list[Any], str | None, list[Any]]] = []
    """Of `exchanges`: hashed values, salt and erasable values. One, unless somebody put another there."""
    children: dict[str, list[list[Any]]] = {}
    moments: set[str] = set()
    """`exchange_started_at` of the children."""
    entries: list[tuple[bool, str, int, str]] = []
    """Of the chain, but for erasures: whether it has ended, moment, sequence, digest."""
    started_at: str = ""
    """According to the entries."""
    is_erased: bool = False
    gone_bodies: list[str] = []
    wrong_bodies: list[str] = []


class Checked(msgspec.Struct):
    """What became of some exchanges."""

    exchanges: int = 0
    proven: int = 0
    unchained: int = 0
    """Written before there was a chain."""
    rows: int = 0
    """Of all tables."""
    sealed_bodies: int = 0
    """That could not be checked for want of their key."""
    flaws: list[Flaw] = []


def check_exchanges(found: Mapping[str, Found], allowed: Allowed) -> Checked:
    """Check what was found of these exchanges, by id."""
    done = Checked(exchanges=sum(1 for one in found.values() if one.rows))
    for id_, one in found.items():
        flaws = list(_flaws(id_, one, allowed, done))
        done.flaws += flaws
        done.proven += bool(one.rows and one.entries and not flaws)
    return done


def digest_of(values: Sequence[Any], children: Mapping[str, list[list[Any]]]) -> str:
    """Return the digest of an exchange: `canonical.exchange_digest` of what is arrays already."""
    parts: list[Any] = [VERSION, values]
    for table in CHILDREN:
        of_table = children.get(table, [])
        of_table.sort(key=_first)
        parts.append(of_table)
    return hashlib.sha256(_ENCODE(parts)).hexdigest()


def salted_hash(salt: str | None, text: bytes) -> str | None:
    """Return the hash of a text behind its salt; None: there is no salt."""
    try:
        return hashlib.sha256(bytes.fromhex(salt or "") + text).hexdigest() if salt else None
    except ValueError:
        return None


def _first(values: list[Any]) -> Any:  # noqa: ANN401 (a number or a text)
    return values[0]


def _flaws(id_: str, one: Found, allowed: Allowed, done: Checked) -> Iterable[Flaw]:
    if not one.rows:
        yield from _without_row(id_, one, allowed)
        return
    if len(one.rows) > 1:
        yield Flaw("exchanges", "inserted", id_, "there are several rows of this id")
        return
    values, salt, words = one.rows[0]
    if not one.entries:
        if values[_WRITER] is None and values[_STARTED_AT] < allowed.chained_from:
            done.unchained += 1
        else:
            yield Flaw("exchanges", "inserted", id_, "no chain holds this exchange")
        return
    yield from _row_flaws(id_, one, values)
    yield from _word_flaws(id_, one, values[_ERASABLE_HASH], salt, words)
    for kind in one.wrong_bodies:
        yield Flaw("payloads", "changed", id_, f"the body of the {kind} is not what its hash is of")
    if not one.is_erased and not values[_STARTED_AT] < allowed.bodies_gone_before:
        for kind in one.gone_bodies:
            yield Flaw("payloads", "deleted", id_, f"the body of the {kind} is gone, and no event says why")


def _without_row(id_: str, one: Found, allowed: Allowed) -> Iterable[Flaw]:
    if one.entries and not one.started_at < allowed.gone_before:
        yield Flaw("exchanges", "deleted", id_, "the chain holds this exchange, but its row is gone")
    for table in CHILDREN:
        if one.children.get(table):
            yield Flaw(table, "inserted", id_, "its exchange is not on record")


def _row_flaws(id_: str, one: Found, values: list[Any]) -> Iterable[Flaw]:
    _, _, _, digest = max(one.entries)
    if one.moments - {values[_STARTED_AT]}:
        yield Flaw("exchanges", "changed", id_, "rows of it are of another moment")
    if digest_of(values, one.children) == digest:
        return
    for table in _NUMBERED:
        numbers = [row[0] for row in one.children.get(table, [])]
        missing = sorted({*range(1, max(numbers, default=0) + 1)} - {*numbers})
        if missing:
            yield Flaw(table, "deleted", id_, f"number {missing[0]} is missing")
            return
    tables = "its row, attempts, verdicts, findings or hashes of payloads"
    yield Flaw("exchanges", "changed", id_, f"{tables} are not those the chain holds")


def _word_flaws(
    id_: str, one: Found, hash_: str | None, salt: str | None, words: list[Any]
) -> Iterable[Flaw]:
    if all(word is None for word in words):
        if hash_ is not None and not one.is_erased:
            names = ", ".join(ERASABLE)
            yield Flaw("exchanges", "deleted", id_, f"{names} are gone, and no event says why")
        return
    if salted_hash(salt, _ENCODE(words)) != hash_:
        yield Flaw("exchanges", "changed", id_, f"one of {', '.join(ERASABLE)} is not what its hash is of")
