"""What a plan costs: to read a config, to prepare it, and to plan a request with it.

    python -m tests.bench.plan_cost

CPU time, not wall time, so that a busy machine disturbs it little; the best of several rounds.
"""

import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.routing.breaker import MemoryBreakers
from app.routing.conditions import Facts
from app.routing.config_reader import read_config
from app.routing.health import Latencies, MemoryHealth
from app.routing.outcome import OK, Outcome
from app.routing.planner import Ending, steps
from app.routing.prepared import PreparedConfigs
from app.routing.tree import Tree, leaves, prepare

CALLS = 5_000
ROUNDS = 7
FACTS = Facts({"user": "u-17", "plan": "paid"}, {"model": "gpt-5.6"}, "/v1/chat/completions")
FAILED = Outcome(status=500)
TARGETS = [{"provider": "@a", "retry": {"attempts": 1}, "weight": 2}, {"provider": "@b"}, {"provider": "@c"}]
BREAKER = {"failure_threshold": 3}
CONDITIONS = [
    {"query": {"metadata.plan": "free"}, "then": "a"},
    {"query": {"metadata.plan": "paid"}, "then": "b"},
]
CASES: Mapping[str, tuple[dict[str, Any], tuple[Outcome, ...]]] = {
    "single": ({"provider": "@a"}, (OK,)),
    "fallback, first answers": ({"strategy": {"mode": "fallback"}, "targets": TARGETS}, (OK,)),
    "fallback, retry, third answers": (
        {"strategy": {"mode": "fallback"}, "targets": TARGETS},
        (FAILED, FAILED, FAILED, OK),
    ),
    "loadbalance": ({"strategy": {"mode": "loadbalance"}, "targets": TARGETS}, (OK,)),
    "loadbalance with breakers": (
        {"strategy": {"mode": "loadbalance", "cb_config": BREAKER}, "targets": TARGETS},
        (OK,),
    ),
    "loadbalance, sticky": (
        {
            "strategy": {"mode": "loadbalance", "sticky_session": {"hash_fields": ["metadata.user"]}},
            "targets": TARGETS,
        },
        (OK,),
    ),
    "least latency": ({"strategy": {"mode": "least_latency"}, "targets": TARGETS}, (OK,)),
    "conditional": (
        {
            "strategy": {"mode": "conditional", "conditions": CONDITIONS},
            "targets": [{"name": "a"}, {"name": "b"}],
        },
        (OK,),
    ),
}


def main() -> None:
    """Print what each costs, in microseconds."""
    health = MemoryHealth(MemoryBreakers(time.monotonic), Latencies(time.monotonic), "bench")
    chance = random.Random(1)
    for name, (config, outcomes) in CASES.items():
        tree = prepare(read_config(config))
        first = leaves(tree)[0]
        print(f"{name:34}{_cost_us(lambda: _planned(tree, outcomes, chance, health)):7.1f} us")  # noqa: B023 (called at once)
    print(f"{'note an outcome':34}{_cost_us(lambda: health.record(first, OK, 0.5)):7.1f} us")
    text = json.dumps(CASES["loadbalance, sticky"][0])
    configs = PreparedConfigs()
    print(f"{'read and prepare a config':34}{_cost_us(lambda: PreparedConfigs().tree(text)):7.1f} us")
    print(f"{'find one that was read before':34}{_cost_us(lambda: configs.tree(text)):7.1f} us")


def _planned(
    tree: Tree, outcomes: tuple[Outcome, ...], chance: random.Random, health: MemoryHealth
) -> Ending | None:
    plan = steps(tree, FACTS, chance, health)
    next(plan)
    try:
        for outcome in outcomes:
            plan.send(outcome)
    except StopIteration as stop:
        ending: Ending = stop.value
        return ending
    return None


def _cost_us(work: Callable[[], object]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        start_s = time.process_time()
        for _ in range(CALLS):
            work()
        rounds.append(time.process_time() - start_s)
    return min(rounds) / CALLS * 1e6


if __name__ == "__main__":
    main()
