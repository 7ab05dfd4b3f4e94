import random

import pytest

from app.domain.errors import InvalidRequest
from app.routing.breaker import MemoryBreakers
from app.routing.conditions import Facts
from app.routing.config_reader import read_config
from app.routing.health import Latencies, MemoryHealth
from app.routing.outcome import OK, Outcome
from app.routing.planner import Step, steps
from app.routing.resolve import Target
from app.routing.tree import prepare
from app.routing.way import Hop, OneWay, PlannedWay
from tests.fakes import FakeProvider

PROVIDER = FakeProvider()
FAILED = Outcome(status=503)


def hop_of(step: Step) -> Hop:
    target = Target(PROVIDER, step.leaf.model or "m")
    return Hop(target=target, path=step.leaf.path, wait_s=step.wait_s, attempt=step.attempt)


def way(config: object) -> PlannedWay:
    health = MemoryHealth(MemoryBreakers(lambda: 0.0), Latencies(lambda: 0.0), "x")
    plan = steps(prepare(read_config(config)), Facts(), random.Random(0), health)
    return PlannedWay(plan, health, hop_of)


def test_without_a_config_there_is_one_hop_whatever_becomes_of_it() -> None:
    only = Hop(target=Target(PROVIDER, "m"))
    route = OneWay(only)
    assert route.next() == only == route.hop
    assert route.next(FAILED) is None
    assert (route.hop, route.retries) == (only, 0)


def test_a_fallback_goes_on_until_an_answer_comes() -> None:
    route = way({"strategy": {"mode": "fallback"}, "targets": [{"provider": "@a"}, {"provider": "@b"}]})
    first = route.next()
    assert first is not None
    assert first.path == "config.targets[0]"
    second = route.next(FAILED)
    assert second is not None
    assert second.path == "config.targets[1]"
    assert route.next(OK) is None
    assert route.hop == second


def test_retries_are_counted_at_the_last_target() -> None:
    route = way({"provider": "@a", "retry": {"attempts": 1}})
    assert route.next() is not None
    again = route.next(FAILED)
    assert again is not None
    assert route.retries == 1
    assert (again.path, again.attempt) == ("config", 2)
    assert 0 < again.wait_s < 1
    assert route.next(FAILED) is None
    assert route.retries == -1


def test_a_request_for_which_no_condition_holds_is_refused() -> None:
    conditions = [{"query": {"metadata.plan": {"$eq": "paid"}}, "then": "a"}]
    route = way(
        {
            "strategy": {"mode": "conditional", "conditions": conditions},
            "targets": [{"name": "a", "provider": "@a"}],
        }
    )
    with pytest.raises(InvalidRequest) as caught:
        route.next()
    assert (caught.value.param, caught.value.code) == ("x-portkey-config", "no_condition_matched")
