"""What the cache needs of the world: places for bytes and vectors, and who turns a text into a vector."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from app.cache.vectors import Near, Vector

Embedder = Callable[[str], Awaitable[Sequence[float]]]
"""Returns the vector of a text; may raise anything, which is a miss. `/embeddings` of a provider, usually."""

Noted = Callable[[str], None]
"""Is told what happened, for a counter (`app/cache/counts.py`). The words stand with who says them."""


def unnoted(_word: str) -> None:
    """Note nothing."""


class Holding(msgspec.Struct, frozen=True):
    """What a store in this process holds at a moment."""

    entries: int
    held_bytes: int
    """Overhead included."""


class Store(Protocol):
    """A place for bytes. It may forget at any time, and it never raises: not to have is always an answer."""

    async def get(self, key: str) -> bytes | None:
        """Return what was put there, None if it is gone, too old, or cannot be had in time."""

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep this for at most so many seconds; what was there is replaced. For none: it is forgotten."""

    async def clear(self) -> bool:
        """Forget all, whoever put it there; return whether it is gone."""

    def holding(self) -> Holding | None:
        """Return what is held, None if that is not in this process."""

    async def close(self) -> None:
        """Let go of connections, if there are any."""


class Place(msgspec.Struct, frozen=True):
    """Where a question stands among others."""

    group: str
    """Keyed hash of all that two questions must have in common to be compared by meaning."""
    vector: Vector


class Index(Protocol):
    """A place for vectors by group and name of their answer. As a `Store`, it may forget and never raises."""

    async def find(self, place: Place, threshold: float) -> Near | None:
        """Return the name of the answer to the most similar question of the group that is similar enough."""

    async def add(self, place: Place, name: str, ttl_s: float) -> None:
        """Remember that the answer to this question lies under this name, for so many seconds."""

    async def forget(self, group: str, name: str) -> None:
        """Forget the question with this answer: the store has it no more."""

    async def clear(self) -> bool:
        """Forget all, whoever added it; return whether it is gone."""
