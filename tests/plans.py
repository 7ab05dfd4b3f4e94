"""Plans run to their end, with attempts that become what a test says."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from app.routing.conditions import Facts
from app.routing.config_reader import read_config
from app.routing.outcome import Outcome
from app.routing.planner import Budget, Ending, Step, steps
from app.routing.retry import RandomSource
from app.routing.tree import Leaf, prepare

WATCHED = {"failure_threshold": 3}
"""A `cb_config`."""


class Health:
    """Circuits that are open, by path."""

    def __init__(self, *barred: str) -> None:
        self._barred = barred

    def has_open(self) -> bool:
        return bool(self._barred)

    def is_open(self, leaf: Leaf) -> bool:
        assert leaf.breaker is not None
        return leaf.path in self._barred

    def latency_s(self, leaf: Leaf) -> float | None:
        return None


def run(
    config: Mapping[str, Any],
    become: Callable[[Step], Outcome],
    *,
    facts: Facts | None = None,
    seed: int = 0,
    chance: RandomSource | None = None,
    health: Health | None = None,
    budget: Budget | None = None,
) -> tuple[list[Step], Ending]:
    """Return the steps of a plan and its end, if attempts become this."""
    plan = steps(
        prepare(read_config(config)),
        facts or Facts(),
        chance or random.Random(seed),
        health or Health(),
        budget or Budget(),
    )
    taken = []
    try:
        step = next(plan)
        while True:
            taken.append(step)
            step = plan.send(become(step))
    except StopIteration as stop:
        return taken, stop.value


def always(outcome: Outcome) -> Callable[[Step], Outcome]:
    return lambda _: outcome


def each(*outcomes: Outcome) -> Callable[[Step], Outcome]:
    return lambda step: outcomes[step.number - 1]


def fallback(*targets: Mapping[str, Any], **strategy: Any) -> dict[str, Any]:
    return {"strategy": {"mode": "fallback", **strategy}, "targets": list(targets)}


def shown(taken: list[Step]) -> list[str]:
    """Return the paths, without what all have in common."""
    return [step.leaf.path.replace("config", "").replace(".targets", "") for step in taken]
