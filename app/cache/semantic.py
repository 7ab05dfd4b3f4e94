"""Finds the answer to a question that means the same as one that was asked before.

What it remembers is a vector and the key under which the answer lies in the store; the store keeps answers
and forgets them. Vectors are in the memory of this process, also where the store is Redis: replicas share
answers to equal questions, each knows which questions are alike from what it has seen itself. Redis would
need a module for vectors that Valkey and Debian's Redis lack, PostgreSQL an extension.

Questions are compared only within a group: same scope, same system prompt, earlier turns, parameters,
numbers and placeholders (`app/cache/meaning.py`), same embedder.

An embedder that fails `_FAILURES` times in a row is left alone for `_REST_S`: one that hangs would make every
exchange wait for it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec

from app.cache.key import LEFT_OUT, Keys, Scope
from app.cache.meaning import meaning_of
from app.cache.ports import Embedder
from app.cache.vectors import Near, Vector, nearest
from telemetry import Log

DEFAULT_THRESHOLD = 0.95
"""Portkey's (documentation, 2026-08)."""
_FAILURES = 3
_REST_S = 10.0


class Place(msgspec.Struct, frozen=True):
    """Where a question stands among others."""

    group: str
    vector: Vector


class _Kept(msgspec.Struct):
    group: str
    vector: Vector
    until_s: float


class SemanticIndex:
    """Remembers which questions have answers.

    Args:
        embedder: turns a text into a vector.
        name: of the embedder, its model included: vectors of two are never compared.
        keys: for the names of groups.
        clock: seconds that only grow.
        log: for embedders that fail. No line holds content.
        max_entries: vectors remembered; the least recently used goes first. 10,000 with 1,536 coordinates
            take 66 MB.
        timeout_s: for one embedding.
    """

    def __init__(  # noqa: PLR0913 (what it needs of the world)
        self,
        embedder: Embedder,
        *,
        name: str,
        keys: Keys,
        clock: Callable[[], float],
        log: Log,
        max_entries: int = 10_000,
        timeout_s: float = 2.0,
    ) -> None:
        self._embedder = embedder
        self._name = name
        self._keys = keys
        self._clock = clock
        self._log = log
        self._max_entries = max_entries
        self._timeout_s = timeout_s
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        """By key of the answer, the least recently used first."""
        self._groups: dict[str, dict[str, _Kept]] = {}
        self._failures = 0
        self._rests_until_s = float("-inf")

    def __len__(self) -> int:
        return len(self._kept)

    async def place(self, scope: Scope, document: dict[str, Any]) -> Place | None:
        """Return where this question stands, None where it cannot be compared by meaning.

        Calls the embedder. That it fails or takes too long is one line in the log and no more.
        """
        meaning = meaning_of(document)
        if meaning is None or self._clock() < self._rests_until_s:
            return None
        try:
            async with asyncio.timeout(self._timeout_s):
                vector = Vector(await self._embedder(meaning.text))
        except Exception as error:  # noqa: BLE001 (whatever an embedder does, the question can be asked)
            self._note_failure(error)
            return None
        self._failures = 0
        rest = {name: value for name, value in meaning.rest.items() if name not in LEFT_OUT}
        return Place(self._keys.alike(self._name, scope, rest, meaning.marks), vector)

    def _note_failure(self, error: Exception) -> None:
        self._log.warning("cache_embedding_failed", embedder=self._name, error=type(error).__name__)
        self._failures += 1
        if self._failures >= _FAILURES:
            self._rests_until_s = self._clock() + _REST_S

    def find(self, place: Place, threshold: float) -> Near | None:
        """Return the key of the answer to the most similar question that is similar enough."""
        now_s = self._clock()
        group = self._groups.get(place.group, {})
        for key in [key for key, kept in group.items() if now_s >= kept.until_s]:
            self.forget(key)
        near = nearest(place.vector, ((key, kept.vector) for key, kept in group.items()))
        if near is None or near.cosine < threshold:
            return None
        self._kept.move_to_end(near.name)
        return near

    def add(self, place: Place, key: str, ttl_s: float) -> None:
        """Remember that the answer to this question lies under this key, for so many seconds."""
        self.forget(key)
        while self._kept and len(self._kept) >= self._max_entries:
            self.forget(next(iter(self._kept)))
        kept = _Kept(place.group, place.vector, self._clock() + ttl_s)
        self._kept[key] = self._groups.setdefault(place.group, {})[key] = kept

    def forget(self, key: str) -> None:
        """Forget the question with this answer: the store has it no more."""
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        group = self._groups[kept.group]
        del group[key]
        if not group:
            del self._groups[kept.group]
