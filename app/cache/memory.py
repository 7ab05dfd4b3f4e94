"""A store in this process: bounded by bytes and by number, the least recently used goes first.

Values are bytes, not documents: so their size is known, and no two exchanges hold the same mutable document.
"""

from collections import OrderedDict
from collections.abc import Callable

from app.cache.ports import Holding, Noted, unnoted

OVERHEAD_BYTES = 300
"""What an entry takes beside its value: key, pair, slot and the bytes' own head (286 on CPython 3.11,
tests/bench/cache_cost.py)."""


class MemoryStore:
    """Keeps values in memory.

    Args:
        max_bytes: of all values, each with `OVERHEAD_BYTES`.
        max_entries: how many.
        clock: seconds that only grow.
        noted: is told `evicted`: something went to make room.
    """

    def __init__(
        self, *, max_bytes: int, max_entries: int, clock: Callable[[], float], noted: Noted = unnoted
    ) -> None:
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._clock = clock
        self._noted = noted
        self._values: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self.held_bytes = 0
        """Now held, overhead included."""

    def __len__(self) -> int:
        return len(self._values)

    async def get(self, key: str) -> bytes | None:
        """See `Store`. What is asked for has been used."""
        found = self._values.get(key)
        if found is None:
            return None
        value, until_s = found
        if self._clock() >= until_s:
            self._forget(key)
            return None
        self._values.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """See `Store`. What is larger than all of the store is not kept."""
        self._forget(key)
        size = len(value) + OVERHEAD_BYTES
        if size > self._max_bytes or self._max_entries < 1 or ttl_s <= 0:
            return
        while self.held_bytes + size > self._max_bytes or len(self._values) >= self._max_entries:
            self._forget(next(iter(self._values)))
            self._noted("evicted")
        self._values[key] = (value, self._clock() + ttl_s)
        self.held_bytes += size

    def holding(self) -> Holding:
        """See `Store`."""
        return Holding(len(self._values), self.held_bytes)

    async def clear(self) -> bool:
        """See `Store`."""
        self._values.clear()
        self.held_bytes = 0
        return True

    async def close(self) -> None:
        """See `Store`."""
        await self.clear()

    def _forget(self, key: str) -> None:
        found = self._values.pop(key, None)
        if found is not None:
            self.held_bytes -= len(found[0]) + OVERHEAD_BYTES
