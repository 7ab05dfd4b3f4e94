"""Vectors in this process, where answers are in memory, too; else see `app/cache/redis_index.py`."""

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from app.cache.ports import Noted, Place, unnoted
from app.cache.vectors import Near, Vector, nearest


class _Kept(msgspec.Struct):
    group: str
    vector: Vector
    until_s: float


class MemoryIndex:
    """Vectors in memory; an `Index`.

    Args:
        clock: seconds that only grow.
        max_entries: vectors remembered; the least recently used goes first. 10,000 with 1,536 coordinates
            take 66 MB.
        noted: is told `evicted`.
    """

    def __init__(
        self, *, clock: Callable[[], float], max_entries: int = 10_000, noted: Noted = unnoted
    ) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._noted = noted
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        """By name of the answer, the least recently used first."""
        self._groups: dict[str, dict[str, _Kept]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    async def find(self, place: Place, threshold: float) -> Near | None:
        """See `Index`."""
        now_s = self._clock()
        group = self._groups.get(place.group, {})
        for name in [name for name, kept in group.items() if now_s >= kept.until_s]:
            self._forget(name)
        near = nearest(place.vector, ((name, kept.vector) for name, kept in group.items()))
        if near is None or near.cosine < threshold:
            return None
        self._kept.move_to_end(near.name)
        return near

    async def add(self, place: Place, name: str, ttl_s: float) -> None:
        """See `Index`."""
        self._forget(name)
        while self._kept and len(self._kept) >= self._max_entries:
            self._forget(next(iter(self._kept)))
            self._noted("evicted")
        kept = _Kept(place.group, place.vector, self._clock() + ttl_s)
        self._kept[name] = self._groups.setdefault(place.group, {})[name] = kept

    async def forget(self, group: str, name: str) -> None:  # noqa: ARG002 (names are of one group each)
        """See `Index`."""
        self._forget(name)

    async def clear(self) -> bool:
        """See `Index`."""
        self._kept.clear()
        self._groups.clear()
        return True

    def _forget(self, name: str) -> None:
        kept = self._kept.pop(name, None)
        if kept is None:
            return
        group = self._groups[kept.group]
        del group[name]
        if not group:
            del self._groups[kept.group]
