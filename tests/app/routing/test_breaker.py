"""Circuit breakers, on a clock that the test moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.routing.breaker import MAX_KEYS, MemoryBreakers, is_failure
from app.routing.config import Breaker

COUNT = Breaker(failure_threshold=3, cooldown_s=30.0)
SHARE = Breaker(failure_percentage=50.0, minimum_requests=4, cooldown_s=30.0)


class Clock:
    """Seconds as the test says."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_failures_open_a_circuit_when_their_number_is_reached(clock: Clock) -> None:
    breakers = MemoryBreakers(clock)
    assert [breakers.record("a", COUNT, failed=failed) for failed in (True, True, False, True)] == [
        False,
        False,
        False,
        True,
    ]
    assert breakers.is_open("a")
    assert not breakers.is_open("b")
    assert (breakers.open_count(), breakers.opened_total) == (1, 1)


def test_a_share_of_failures_opens_a_circuit_once_there_were_enough_requests(clock: Clock) -> None:
    breakers = MemoryBreakers(clock)
    assert [breakers.record("a", SHARE, failed=failed) for failed in (True, True, False, True)][-2:] == [
        False,
        True,
    ]
    assert not any(breakers.record("b", SHARE, failed=number % 3 == 2) for number in range(30))


def test_a_circuit_closes_after_its_cooldown_and_begins_anew(clock: Clock) -> None:
    breakers = MemoryBreakers(clock)
    for _ in range(3):
        breakers.record("a", COUNT, failed=True)
    clock.now_s += 29.9
    assert breakers.is_open("a")
    assert not breakers.record("a", COUNT, failed=True)
    clock.now_s += 0.2
    assert not breakers.is_open("a")
    assert [breakers.record("a", COUNT, failed=True) for _ in range(3)] == [False, False, True]


def test_failures_that_are_long_ago_do_not_count(clock: Clock) -> None:
    breakers = MemoryBreakers(clock)
    for _ in range(10):
        assert not breakers.record("a", COUNT, failed=True)
        clock.now_s += 16


def test_a_circuit_that_another_replica_opened_is_open_here(clock: Clock) -> None:
    breakers = MemoryBreakers(clock)
    breakers.adopt("a", 5)
    breakers.adopt("a", 1)
    clock.now_s += 4
    assert breakers.is_open("a")
    clock.now_s += 1
    assert not breakers.is_open("a")


def test_by_default_a_failure_is_a_status_above_500() -> None:
    assert [is_failure(COUNT, status) for status in (200, 429, 500, 501, 504)] == [
        False,
        False,
        False,
        True,
        True,
    ]


def test_what_is_a_failure_can_be_listed() -> None:
    listed = Breaker(failure_threshold=1, failure_status_codes=frozenset({429}))
    assert [is_failure(listed, status) for status in (429, 503)] == [True, False]


def test_what_is_remembered_is_bounded_and_the_open_ones_are_kept_longest(clock: Clock) -> None:
    breakers = MemoryBreakers(clock)
    for number in range(MAX_KEYS):
        breakers.record(f"old {number}", COUNT, failed=True)
    clock.now_s += 31
    breakers.adopt("open", 60)
    assert breakers.is_open("open")
    for number in range(2 * MAX_KEYS):
        breakers.record(f"new {number}", COUNT, failed=True)
    assert len(breakers._circuits) <= MAX_KEYS


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 1.0, 10.0, 31.0])), max_size=40),
    st.sampled_from(
        [COUNT, SHARE, Breaker(failure_threshold=2, failure_percentage=100.0, minimum_requests=1)]
    ),
)
def test_a_circuit_does_what_a_plain_reading_says(events: list[tuple[bool, float]], breaker: Breaker) -> None:
    clock = Clock()
    breakers = MemoryBreakers(clock)
    seen: list[bool] = []
    forgotten_s = opened_s = float("-inf")
    for failed, pause in events:
        clock.now_s += pause
        is_open = clock.now_s < opened_s + 30
        assert breakers.is_open("a") == is_open == breakers.has_open()
        breakers.record("a", breaker, failed=failed)
        if is_open:
            continue
        if clock.now_s >= forgotten_s:
            seen, forgotten_s = [], clock.now_s + 30
        seen.append(failed)
        share = 100 * sum(seen) / len(seen)
        by_count = breaker.failure_threshold is not None and sum(seen) >= breaker.failure_threshold
        by_share = (
            breaker.failure_percentage is not None
            and len(seen) >= breaker.minimum_requests
            and share >= breaker.failure_percentage
        )
        if failed and (by_count or by_share):
            opened_s, forgotten_s = clock.now_s, clock.now_s
        assert breakers.is_open("a") == (clock.now_s < opened_s + 30) == breakers.has_open()
