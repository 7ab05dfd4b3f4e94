import asyncio

import pytest

from app.records.batches import Batches, Committed, tell
from app.records.form import Kept
from tests.exchanges import exchange


@pytest.mark.parametrize("lingers", [True, False])
def test_all_that_was_put_is_taken_in_batches_of_bounded_size(lingers: bool) -> None:
    batches = Batches(lingers=lingers)
    for _ in range(1201):
        batches.put(Kept(exchange()), 0)
    batches.stop()
    assert [len(batch) for batch in batches] == [500, 500, 201]


def test_what_comes_within_a_moment_is_one_batch() -> None:
    def wait(_: float) -> None:
        batches.put(Kept(exchange()), 0)
        batches.put(Kept(exchange()), 0)

    batches = Batches(lingers=True, clock=lambda: 0.0, wait=wait)
    batches.put(Kept(exchange()), 0)
    assert len(next(iter(batches))) == 3


async def test_all_who_wait_are_told_and_who_left_is_no_matter() -> None:
    batches = Batches(lingers=False)
    waiting: list[Committed] = [asyncio.get_running_loop().create_future() for _ in range(3)]
    for committed in (*waiting, None):
        batches.put(Kept(exchange()), 0, committed)
    waiting[1].cancel()
    batches.stop()
    (batch,) = batches
    await asyncio.to_thread(tell, batch)
    async with asyncio.timeout(5):
        await asyncio.gather(waiting[0], waiting[2])
