"""Who asks and who waits, under schedules nobody would write by hand."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cache.single_flight import Flights, Landed, Lease

Seen = tuple[str, str | None]


async def _soon(turns: int = 3) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


async def test_one_asks_and_all_who_wait_get_his_answer() -> None:
    flights: Flights[str] = Flights()
    lease = await flights.join("k", 1.0)
    assert isinstance(lease, Lease)
    waiting = [asyncio.ensure_future(flights.join("k", 1.0)) for _ in range(3)]
    await _soon()
    lease.land("Paris.")
    landed = await asyncio.gather(*waiting)
    assert [one.answer for one in landed if isinstance(one, Landed)] == ["Paris."] * 3
    assert len(flights) == 0


async def test_other_questions_do_not_wait() -> None:
    flights: Flights[str] = Flights()
    assert isinstance(await flights.join("k", 1.0), Lease)
    assert isinstance(await flights.join("j", 1.0), Lease)


async def test_who_fails_hands_over_to_the_one_who_waited_longest() -> None:
    flights: Flights[str] = Flights()
    lease = await flights.join("k", 1.0)
    first, second = (asyncio.ensure_future(flights.join("k", 1.0)) for _ in range(2))
    await _soon()
    assert isinstance(lease, Lease)
    lease.close()
    heir = await first
    assert isinstance(heir, Lease)
    assert not second.done()
    heir.land("Paris.")
    landed = await second
    assert isinstance(landed, Landed)
    assert landed.answer == "Paris."


async def test_an_answer_that_is_not_for_sharing_sends_all_off_at_once() -> None:
    flights: Flights[str] = Flights()
    lease = await flights.join("k", 1.0)
    waiting = [asyncio.ensure_future(flights.join("k", 1.0)) for _ in range(3)]
    await _soon()
    assert isinstance(lease, Lease)
    lease.part()
    assert await asyncio.gather(*waiting) == [None] * 3
    assert len(flights) == 0


async def test_waiting_ends() -> None:
    flights: Flights[str] = Flights()
    lease = await flights.join("k", 1.0)
    assert isinstance(lease, Lease)
    assert await flights.join("k", 0.01) is None
    lease.close()
    assert len(flights) == 0


async def test_who_is_cancelled_in_the_moment_he_is_to_lead_hands_over() -> None:
    flights: Flights[str] = Flights()
    lease = await flights.join("k", 1.0)
    first, second = (asyncio.ensure_future(flights.join("k", 1.0)) for _ in range(2))
    await _soon()
    assert isinstance(lease, Lease)
    lease.close()  # the first leads now, and does not know it yet
    first.cancel()
    assert isinstance(await second, Lease)
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_ending_a_lease_again_does_nothing() -> None:
    flights: Flights[str] = Flights()
    lease = await flights.join("k", 1.0)
    assert isinstance(lease, Lease)
    lease.land("Paris.")
    another = await flights.join("k", 1.0)
    lease.close()
    lease.part()
    assert len(flights) == 1
    assert isinstance(another, Lease)


PLANS = st.lists(
    st.tuples(
        st.integers(0, 6),  # turns of the loop before it asks
        st.integers(0, 6),  # turns it takes as leader
        st.sampled_from(["land", "fail", "part", "forget"]),
        st.none() | st.integers(0, 8),  # turns until it is cancelled
        st.sampled_from([0.0, 5.0]),  # seconds it waits
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(PLANS)
def test_whatever_happens_one_leads_at_a_time_and_nobody_waits_for_ever(
    plans: list[tuple[int, int, str, int | None, float]],
) -> None:
    asyncio.run(_play(plans))


async def _play(plans: list[tuple[int, int, str, int | None, float]]) -> None:
    flights: Flights[str] = Flights()
    leading: list[int] = []
    landed: list[str] = []
    seen: Counter[str] = Counter()

    async def exchange(number: int, before: int, takes: int, ending: str, wait_s: float) -> None:
        await _soon(before)
        found = await flights.join("k", wait_s)
        if isinstance(found, Landed):
            assert found.answer in landed
        if not isinstance(found, Lease):
            seen[type(found).__name__] += 1
            return
        try:
            leading.append(number)
            assert leading == [number]
            await _soon(takes)
            if ending == "land":
                landed.append(str(number))
                leading.remove(number)
                found.land(str(number))
            elif ending == "part":
                leading.remove(number)
                found.part()
        finally:
            if number in leading:
                leading.remove(number)
            found.close()

    async def cancelled(task: asyncio.Future[None], after: int) -> None:
        await _soon(after)
        task.cancel()

    tasks = [
        asyncio.ensure_future(exchange(number, before, takes, ending, wait_s))
        for number, (before, takes, ending, _, wait_s) in enumerate(plans)
    ]
    ends = [
        asyncio.ensure_future(cancelled(task, plan[3]))
        for task, plan in zip(tasks, plans, strict=True)
        if plan[3] is not None
    ]
    async with asyncio.timeout(2.0):
        results = await asyncio.gather(*tasks, *ends, return_exceptions=True)
    assert [one for one in results if one is not None and not isinstance(one, asyncio.CancelledError)] == []
    assert len(flights) == 0
