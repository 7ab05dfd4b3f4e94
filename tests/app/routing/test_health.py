"""How targets have been doing."""

import pytest

from app.routing.breaker import MemoryBreakers
from app.routing.config_reader import read_config
from app.routing.health import Latencies, MemoryHealth
from app.routing.outcome import OK, Outcome
from app.routing.tree import Leaf, prepare


class Clock:
    """Seconds as the test says."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def _leaf(**keys: object) -> Leaf:
    leaf = prepare(read_config({"provider": "@a", **keys}))
    assert isinstance(leaf, Leaf)
    return leaf


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(clock: Clock) -> MemoryBreakers:
    return MemoryBreakers(clock)


@pytest.fixture
def latencies(clock: Clock) -> Latencies:
    return Latencies(clock)


def test_a_latency_is_a_moving_average_that_is_forgotten(
    clock: Clock, breakers: MemoryBreakers, latencies: Latencies
) -> None:
    health, leaf = MemoryHealth(breakers, latencies, "a"), _leaf()
    assert health.latency_s(leaf) is None
    health.record(leaf, OK, 1.0)
    health.record(leaf, OK, 2.0)
    assert health.latency_s(leaf) == pytest.approx(1.3)
    clock.now_s += 61
    assert health.latency_s(leaf) is None
    health.record(leaf, OK, 5.0)
    assert health.latency_s(leaf) == 5.0


def test_a_target_that_fails_at_once_is_not_fast(breakers: MemoryBreakers, latencies: Latencies) -> None:
    health, leaf = MemoryHealth(breakers, latencies, "a"), _leaf()
    health.record(leaf, Outcome(status=500), 0.001)
    health.record(leaf, OK, None)
    assert health.latency_s(leaf) is None


def test_latencies_belong_to_provider_and_model(breakers: MemoryBreakers, latencies: Latencies) -> None:
    mine, yours = MemoryHealth(breakers, latencies, "a"), MemoryHealth(breakers, latencies, "b")
    mine.record(_leaf(), OK, 1.0)
    assert yours.latency_s(_leaf(weight=5)) == 1.0
    assert yours.latency_s(_leaf(override_params={"model": "m"})) is None


def test_what_latencies_remember_is_bounded(latencies: Latencies) -> None:
    for number in range(10_001):
        latencies.record(_leaf(override_params={"model": f"m{number}"}), 1.0)
    assert len(latencies._averages) == 1


def test_circuits_belong_to_a_scope(breakers: MemoryBreakers, latencies: Latencies) -> None:
    mine, yours = MemoryHealth(breakers, latencies, "a"), MemoryHealth(breakers, latencies, "b")
    leaf = _leaf(cb_config={"failure_threshold": 1})
    assert mine.record(leaf, Outcome(status=503), None)
    assert mine.is_open(leaf)
    assert not yours.is_open(leaf)


@pytest.mark.parametrize("outcome", [OK, Outcome(status=500), Outcome(status=503, is_unsupported=True)])
def test_what_says_nothing_bad_about_a_target_opens_nothing(
    breakers: MemoryBreakers, latencies: Latencies, outcome: Outcome
) -> None:
    health, leaf = MemoryHealth(breakers, latencies, "a"), _leaf(cb_config={"failure_threshold": 1})
    assert not health.record(leaf, outcome, None)
    assert not health.is_open(leaf)


def test_a_denied_input_says_nothing_about_a_target(breakers: MemoryBreakers, latencies: Latencies) -> None:
    health = MemoryHealth(breakers, latencies, "a")
    leaf = _leaf(cb_config={"failure_threshold": 1, "failure_status_codes": [446]})
    assert not health.record(leaf, Outcome(status=446, denied_at="config"), None)
    assert health.record(leaf, Outcome(status=446), None)


def test_a_target_without_a_breaker_is_never_open(breakers: MemoryBreakers, latencies: Latencies) -> None:
    health, leaf = MemoryHealth(breakers, latencies, "a"), _leaf()
    assert not any(health.record(leaf, Outcome(status=503), None) for _ in range(100))
    assert not health.is_open(leaf)
