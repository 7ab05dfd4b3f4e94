"""Which one of several targets: by weight, by who asks, by who was fast.

A weight of 0 means never: such a target is not chosen even if all others are barred, since it is how one is
taken out of service.

Who is sticky is hashed, not remembered (weighted rendezvous hashing, Thaler and Ravishankar 1998): every
replica and every restart agrees without asking anyone, a target that is barred loses only its own callers and
gets them back, and a weight that changes moves only as many as it must.
"""

import math
import struct
from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from app.routing.conditions import Facts
from app.routing.config import Mode, Sticky
from app.routing.health import Health
from app.routing.retry import RandomSource
from app.routing.tree import Branch, Leaf, Tree, leaves

_EXPLORED = 0.1
"""Share of requests that go to targets of unknown latency while others are known: all at once would be a
stampede at one that was slow a minute ago."""
_SPACE = float(1 << 64)
_DRAWS = struct.Struct(">8Q")
"""What one hash gives (BLAKE2b: 64 bytes)."""


def chosen(
    branch: Branch, candidates: Sequence[int], facts: Facts, random: RandomSource, health: Health
) -> int:
    """Return the index of a child.

    Args:
        branch: which balances in some way.
        candidates: indexes of the children that are healthy, at least one.
        facts: whom a sticky session is for.
        random: for the draw.
        health: for latencies.
    """
    weighty = candidates
    if 0.0 in branch.weights or len(candidates) < len(branch.children):
        weighty = [index for index in candidates if branch.weights[index]]
        weighty = weighty or [index for index, weight in enumerate(branch.weights) if weight]
    if branch.sticky is not None and (whom := _identity(branch.sticky, facts)) is not None:
        return _nearest(branch, weighty, whom)
    if branch.mode is Mode.LEAST_LATENCY:
        weighty = _fastest(branch, weighty, random, health)
    return _drawn(branch, weighty, random)


def _drawn(branch: Branch, candidates: Sequence[int], random: RandomSource) -> int:
    """Draw one by weight."""
    if len(candidates) == 1:
        return candidates[0]
    if len(candidates) == len(branch.children):
        bounds: Sequence[float] = branch.bounds
    else:
        bounds, total = [], 0.0
        for index in candidates:
            total += branch.weights[index]
            bounds.append(total)
    place = bisect_right(bounds, random.random() * bounds[-1])
    return candidates[min(place, len(candidates) - 1)]  # the product may round up to the last bound


def _fastest(
    branch: Branch, candidates: Sequence[int], random: RandomSource, health: Health
) -> Sequence[int]:
    """Return the fastest that is known, or now and then all that are not."""
    known, unknown = [], []
    for index in candidates:
        seconds = _latency_s(branch.children[index], health)
        if seconds is None:
            unknown.append(index)
        else:
            known.append((seconds, index))
    if not known or (unknown and random.random() < _EXPLORED):
        return unknown
    return [min(known)[1]]


def _latency_s(tree: Tree, health: Health) -> float | None:
    """Return the latency of a target; of a strategy, that of its first target of which it is known."""
    if isinstance(tree, Leaf):
        return health.latency_s(tree)
    return next((known for leaf in leaves(tree) if (known := health.latency_s(leaf)) is not None), None)


def _identity(sticky: Sticky, facts: Facts) -> bytes | None:
    """Return what a session hangs on, None if the request says nothing of it."""
    is_known, plain = False, []
    for operand in sticky.fields:
        value = operand.value(facts)
        is_plain = isinstance(value, (str, int, float))
        is_known = is_known or is_plain
        plain.append(value if is_plain else None)
    if not is_known:
        return None
    try:
        return msgspec.json.encode(plain)
    except UnicodeEncodeError:  # half of a surrogate pair
        return repr(plain).encode("ascii", "backslashreplace")


def _nearest(branch: Branch, candidates: Sequence[int], whom: bytes) -> int:
    """Return the nearest child; of each caller one is as often it as its weight says."""
    draws, weights = _draws_for(whom, branch), branch.weights
    nearest, least = candidates[0], math.inf
    for index in candidates:
        distance = -math.log((draws[index] + 1) / (_SPACE + 1)) / weights[index]
        if distance < least:
            nearest, least = index, distance
    return nearest


def _draws_for(whom: bytes, branch: Branch) -> Sequence[int]:
    """Return a draw from 0 to 2**64 for each child, always the same ones for the same caller."""
    seed = branch.path.encode() + b"\n" + whom
    draws = _DRAWS.unpack(blake2b(seed).digest())
    for number in range(1, -(-len(branch.children) // len(draws))):
        draws += _DRAWS.unpack(blake2b(seed, salt=b"%d" % number).digest())
    return draws
