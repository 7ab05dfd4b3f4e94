"""What `bounded` promises: an exchange is where a crash cannot take it at most 50 ms after its answer.

The schedule is held to that on a clock of its own, so that no busy machine breaks it. The real writer is held
to it by the quickest of many: what that takes is the schedule's, not the machine's.
"""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records.batches import Batches
from app.records.form import Kept
from app.records.writer import Writer
from tests.exchanges import exchange

BOUND_MS = 50
_RECORD = exchange()


class _Arrivals:
    """A clock, and exchanges that end as it passes their moments, in milliseconds."""

    def __init__(self, moments_ms: list[int]) -> None:
        self.now_ms = 0.0
        self._coming = sorted(moments_ms)
        self.batches = Batches(
            lingers=True, clock=lambda: self.now_ms / 1000, wait=lambda s: self.pass_(s * 1000)
        )

    def pass_(self, ms: float) -> None:
        """Let time pass."""
        until_ms = self.now_ms + ms
        while self._coming and self._coming[0] <= until_ms:
            self.now_ms = max(self.now_ms, self._coming.pop(0))
            self.batches.put(Kept(_RECORD), 0)
        self.now_ms = until_ms

    def delays_ms(self, write_ms: float) -> list[float]:
        """Return how long each exchange waits until it is kept, if each batch takes so long to write."""
        delays: list[float] = []
        waiting = 0
        taken = iter(self.batches)
        expected = len(self._coming)
        while len(delays) < expected:
            if waiting == 0 and self._coming:
                self.pass_(max(0.0, self._coming[0] - self.now_ms))
            batch = next(taken)
            self.pass_(write_ms)
            delays += [self.now_ms - queued.taken_at * 1000 for queued in batch]
            waiting = expected - len(delays) - len(self._coming)
        return delays


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=60),
    st.sampled_from([0.0, 1.0, 10.0, 25.0]),
)
def test_whenever_exchanges_end_each_is_kept_within_the_bound(moments_ms: list[int], write_ms: float) -> None:
    assert max(_Arrivals(moments_ms).delays_ms(write_ms)) <= BOUND_MS + 1e-6


def test_one_that_comes_alone_waits_for_others_and_then_no_longer() -> None:
    assert _Arrivals([7]).delays_ms(30.0) == [pytest.approx(50.0)]


def test_one_that_waited_for_the_batch_before_waits_for_nobody_else() -> None:
    assert _Arrivals([0, 21]).delays_ms(25.0) == pytest.approx([45.0, 49.0])


async def test_the_writer_keeps_to_the_schedule(writer: Writer) -> None:
    delays_ms = []
    for _ in range(25):
        began = time.monotonic()
        writer.admit()
        writer.take(exchange())
        while writer.backlog:  # noqa: ASYNC110 (another thread writes)
            await asyncio.sleep(0.001)
        delays_ms.append((time.monotonic() - began) * 1000)
    assert min(delays_ms) <= BOUND_MS
