"""What the cache needs of the world: a place for bytes, and something that turns a text into a vector."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

Embedder = Callable[[str], Awaitable[Sequence[float]]]
"""Returns the vector of a text; may raise anything, which is a miss. `/embeddings` of a provider, usually."""

Noted = Callable[[str], None]
"""Is told what happened, for a counter. The words stand with who says them."""


def unnoted(_word: str) -> None:
    """Note nothing."""


class Store(Protocol):
    """A place for bytes. It may forget at any time, and it never raises: not to have is always an answer."""

    async def get(self, key: str) -> bytes | None:
        """Return what was put there, None if it is gone, too old, or cannot be had in time."""

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep this for at most so many seconds; what was there is replaced."""

    async def close(self) -> None:
        """Let go of connections, if there are any."""
