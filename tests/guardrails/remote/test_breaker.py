"""A service that fails again and again is left alone, and tried by one question later."""

import pytest

from guardrails.remote.breaker import Breaker
from guardrails.remote.service import CircuitOpen
from guardrails.remote.settings import BreakerSettings


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def breaker(clock: Clock, failures: int = 2) -> Breaker:
    return Breaker(BreakerSettings(failures=failures, open_s=5), clock)


def ask(one: Breaker, *, fails: bool) -> None:
    one.admit()
    (one.failed if fails else one.answered)()


def test_it_opens_after_so_many_failures_one_after_the_other() -> None:
    one = breaker(Clock())
    for fails in (True, False, True):
        ask(one, fails=fails)
    ask(one, fails=True)
    with pytest.raises(CircuitOpen):
        one.admit()


def test_when_its_time_is_over_one_question_tries_and_the_others_wait() -> None:
    clock = Clock()
    one = breaker(clock)
    for _ in range(2):
        ask(one, fails=True)
    clock.now_s += 4.9
    with pytest.raises(CircuitOpen):
        one.require_closed()
    clock.now_s += 0.2
    one.admit()
    with pytest.raises(CircuitOpen):
        one.admit()
    one.answered()
    ask(one, fails=True)
    one.require_closed()


def test_a_trial_that_fails_opens_it_once_more() -> None:
    clock = Clock()
    one = breaker(clock, failures=3)
    for _ in range(3):
        ask(one, fails=True)
    clock.now_s += 6
    ask(one, fails=True)
    with pytest.raises(CircuitOpen):
        one.admit()
    clock.now_s += 6
    one.admit()


def test_a_trial_that_nobody_waited_for_lets_the_next_question_try() -> None:
    clock = Clock()
    one = breaker(clock)
    for _ in range(2):
        ask(one, fails=True)
    clock.now_s += 6
    one.admit()
    one.given_up()
    one.admit()
    with pytest.raises(CircuitOpen):
        one.admit()


def test_without_settings_it_never_opens() -> None:
    one = Breaker(None, Clock())
    for _ in range(100):
        ask(one, fails=True)
    one.require_closed()
