"""Finds the answer to a question that means the same as one that was asked before.

What is remembered is a vector and the key under which the answer lies in the store; the store keeps answers
and forgets them. Vectors are where the answers are: in the memory of this process, or in the Redis that
replicas share (`app/cache/redis_index.py` says why there, and how).

Questions are compared only within a group: same scope, same system prompt, earlier turns, parameters,
numbers and placeholders (`app/cache/meaning.py`), same embedder.

An embedder that fails some times in a row is left alone for a while (`rest.py`).
"""

import asyncio
from collections.abc import Callable
from typing import Any

from app.cache.key import LEFT_OUT, Keys, Scope
from app.cache.meaning import meaning_of
from app.cache.ports import Embedder, Index, Noted, Place, unnoted
from app.cache.rest import Rest
from app.cache.vectors import Vector
from telemetry import Log

DEFAULT_THRESHOLD = 0.95
"""Portkey's (documentation, 2026-08)."""


class SemanticIndex:
    """Remembers which questions have answers.

    Args:
        embedder: turns a text into a vector.
        index: where vectors are.
        name: of the embedder, its model included: vectors of two are never compared.
        keys: for the names of groups.
        clock: seconds that only grow.
        log: for embedders that fail. No line holds content.
        timeout_s: for one embedding.
        noted: is told `embedding_failed`.
    """

    def __init__(  # noqa: PLR0913 (what it needs of the world)
        self,
        embedder: Embedder,
        index: Index,
        *,
        name: str,
        keys: Keys,
        clock: Callable[[], float],
        log: Log,
        timeout_s: float = 2.0,
        noted: Noted = unnoted,
    ) -> None:
        self._embedder = embedder
        self.index = index
        self._name = name
        self._keys = keys
        self._rest = Rest(clock)
        self._log = log
        self._timeout_s = timeout_s
        self._noted = noted

    async def place(self, scope: Scope, document: dict[str, Any]) -> Place | None:
        """Return where this question stands, None where it cannot be compared by meaning.

        Calls the embedder. That it fails or takes too long is one line in the log and no more.
        """
        meaning = meaning_of(document)
        if meaning is None or self._rest.lasts:
            return None
        try:
            async with asyncio.timeout(self._timeout_s):
                vector = Vector(await self._embedder(meaning.text))
        except Exception as error:  # noqa: BLE001 (whatever an embedder does, the question can be asked)
            self._note_failure(error)
            return None
        self._rest.note_success()
        rest = {name: value for name, value in meaning.rest.items() if name not in LEFT_OUT}
        return Place(self._keys.alike(self._name, scope, rest, meaning.marks), vector)

    def _note_failure(self, error: Exception) -> None:
        self._noted("embedding_failed")
        self._log.warning("cache_embedding_failed", embedder=self._name, error=type(error).__name__)
        self._rest.note_failure()
