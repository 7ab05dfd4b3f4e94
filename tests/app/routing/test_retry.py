"""Whether and when the same target is asked again."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.routing.config import Retry
from app.routing.outcome import OK, Outcome
from app.routing.retry import RETRIED, may_retry, retry_after_s, wait_s

TWICE = Retry(2)
LISTED = Retry(2, frozenset({200, 246, 400, 446}))
NONE_LISTED = Retry(2, frozenset())
NOW_S = 1_795_000_000.0  # Wed, 18 Nov 2026 11:06:40 GMT


class Chance:
    """Always the same number."""

    def __init__(self, value: float) -> None:
        self._value = value

    def random(self) -> float:
        return self._value


@pytest.mark.parametrize(
    ("retry", "outcome"),
    [
        *((TWICE, Outcome(status=status)) for status in sorted(RETRIED)),
        (TWICE, Outcome(status=418, is_unreachable=True)),
        (NONE_LISTED, Outcome(status=502, is_unreachable=True)),
        (LISTED, Outcome(status=400, retryable=False)),
        (LISTED, Outcome(status=246)),
        (LISTED, Outcome(status=446)),
    ],
)
def test_an_outcome_is_worth_another_attempt(retry: Retry, outcome: Outcome) -> None:
    assert may_retry(retry, outcome)


@pytest.mark.parametrize(
    ("retry", "outcome"),
    [
        (Retry(0), Outcome(status=500)),
        (TWICE, OK),
        (TWICE, Outcome(status=246)),
        (TWICE, Outcome(status=446)),
        (TWICE, Outcome(status=408)),
        (TWICE, Outcome(status=429, retryable=False)),
        (TWICE, Outcome(status=500, began=True)),
        (TWICE, Outcome(status=500, is_unsupported=True)),
        (LISTED, Outcome(status=429)),
        (LISTED, OK),
        (LISTED, Outcome(status=446, denied_at="config")),
        (NONE_LISTED, Outcome(status=500)),
    ],
)
def test_an_outcome_is_final(retry: Retry, outcome: Outcome) -> None:
    assert not may_retry(retry, outcome)


def test_waits_double_up_to_a_bound_and_are_drawn_below_it() -> None:
    failed = Outcome(status=500)
    assert [wait_s(TWICE, failed, number, Chance(0.5)) for number in range(1, 7)] == [0.5, 1, 2, 4, 8, 8]
    assert wait_s(TWICE, failed, 1, Chance(0.0)) == 0.0


def test_a_guardrail_is_not_waited_for() -> None:
    assert [wait_s(LISTED, Outcome(status=status), 3, Chance(1.0)) for status in (246, 446)] == [0.0, 0.0]


def test_what_the_provider_asks_is_waited_where_the_config_says_so() -> None:
    told = Outcome(status=429, retry_after_s=7.0)
    assert wait_s(Retry(1, use_retry_after=True), told, 1, Chance(0.5)) == 7.0
    assert wait_s(Retry(1), told, 1, Chance(0.5)) == 0.5
    assert wait_s(Retry(1, use_retry_after=True), Outcome(status=429), 1, Chance(0.5)) == 0.5
    assert (
        wait_s(Retry(1, use_retry_after=True), Outcome(status=429, retry_after_s=60.0), 1, Chance(0.5))
        is None
    )


@given(st.integers(1, 5), st.integers(0, 2**32))
def test_a_wait_is_never_longer_than_portkeys(number: int, seed: int) -> None:
    wait = wait_s(TWICE, Outcome(status=500), number, random.Random(seed))
    assert wait is not None
    assert 0 <= wait <= 2 ** (number - 1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"x-ms-retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "Wed, 18 Nov 2026 11:07:10 GMT"}, 30.0),
        ({"retry-after": "Wednesday, 18-Nov-26 11:07:10 GMT"}, 30.0),
        ({"retry-after": "Wed, 18 Nov 2020 11:07:10 GMT"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "Wed, 99 Nov 2026 11:07:10 GMT"}, None),
    ],
)
def test_a_retry_after_is_understood_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW_S) == seconds


@given(st.text())
def test_no_header_breaks_the_reading_of_it(value: str) -> None:
    seconds = retry_after_s({"retry-after": value}, NOW_S)
    assert seconds is None or seconds >= 0
