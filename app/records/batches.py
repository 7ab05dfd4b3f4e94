"""The queue between the event loop and the writer's thread, taken in batches, and the word back.

In `bounded` durability the first exchange of a batch waits a moment for others. In `strict` somebody waits
for it, so it waits for nobody: what comes while one batch is committed is the next batch.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

from app.records.entry import Entry
from app.records.form import Kept

Committed = asyncio.Future[None]
"""Done when what was handed over is where a crash cannot take it."""

_BATCH = 500
"""Exchanges in one transaction."""
_LINGER_S = 0.02
"""How long the first exchange of a batch waits for others; leaves 30 of the 50 ms to write them."""


class Queued(msgspec.Struct, frozen=True):
    """What was handed over."""

    taken_at: float
    """In seconds of the clock of `Batches`."""
    size_bytes: int
    kept: Kept | Entry
    committed: Committed | None


class Batches:
    """What was handed over and not taken yet. `put` never blocks; iterating is for one thread.

    Args:
        lingers: whether a batch waits for more.
        clock: tells seconds; any zero.
        wait: returns after so many of them, or sooner; None: once `stop` was called, that is.
    """

    def __init__(
        self,
        *,
        lingers: bool,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._linger_s = _LINGER_S if lingers else 0.0
        self._queue: queue.SimpleQueue[Queued | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._clock = clock
        self._wait = wait or self._stopping.wait

    def put(self, kept: Kept | Entry, size_bytes: int, committed: Committed | None = None) -> None:
        """Hand something over."""
        self._queue.put(Queued(self._clock(), size_bytes, kept, committed))

    def stop(self) -> None:
        """Let the iteration end once nothing is left."""
        self._stopping.set()
        self._queue.put(None)

    def __iter__(self) -> Iterator[list[Queued]]:
        """Yield batches, until there is nothing left after `stop`."""
        while not self._stopping.is_set() or not self._queue.empty():
            first = self._queue.get()
            if first is None:
                continue
            left_s = first.taken_at + self._linger_s - self._clock()
            if left_s > 0 and self._queue.qsize() < _BATCH:
                self._wait(left_s)
            yield [first, *self._waiting(_BATCH - 1)]

    def _waiting(self, most: int) -> Iterator[Queued]:
        for _ in range(most):
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return
            if item is not None:
                yield item


def tell(batch: Sequence[Queued]) -> None:
    """Tell those who wait for this batch, in one turn of their loop."""
    all_committed = [queued.committed for queued in batch if queued.committed is not None]
    if all_committed:
        all_committed[0].get_loop().call_soon_threadsafe(_set_done, all_committed)


def _set_done(all_committed: Sequence[Committed]) -> None:
    for committed in all_committed:
        if not committed.done():
            committed.set_result(None)
