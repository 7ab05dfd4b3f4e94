"""What every plan keeps to, whatever the config and whatever becomes of its attempts."""

import math
import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.routing.conditions import Facts
from app.routing.config_reader import read_config
from app.routing.outcome import Outcome
from app.routing.planner import NO_MATCH, Budget, Ending, Step, steps
from app.routing.tree import leaves, prepare
from tests.plain_walk import Fixed, Walk
from tests.plans import WATCHED, Health, run

LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "weight": st.sampled_from([0, 1, 2.5]),
        "retry": st.fixed_dictionaries(
            {"attempts": st.integers(0, 3)},
            optional={
                "on_status_codes": st.lists(st.sampled_from([246, 429, 446, 500]), max_size=2),
                "use_retry_after_header": st.booleans(),
            },
        ),
        "cb_config": st.just(WATCHED),
    },
)
MODES = st.sampled_from(["fallback"] * 4 + ["single", "loadbalance", "least_latency", "conditional"])


@st.composite
def _branches(draw: st.DrawFn, inner: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    mode = draw(MODES)
    targets = [
        {**target, "name": str(index)}
        for index, target in enumerate(draw(st.lists(inner, min_size=1, max_size=3)))
    ]
    strategy: dict[str, Any] = {"mode": mode}
    if mode == "conditional":
        names = st.sampled_from([target["name"] for target in targets])
        strategy["conditions"] = [{"query": {"metadata.plan": "paid"}, "then": draw(names)}]
        strategy["default"] = draw(names | st.none())
    elif mode == "fallback" and draw(st.booleans()):
        strategy["on_status_codes"] = draw(
            st.lists(st.sampled_from([200, 246, 401, 429, 446, 500]), max_size=4)
        )
    elif not any(target.get("weight", 1) for target in targets):
        targets[0]["weight"] = 1
    return {"strategy": strategy, "targets": targets, **draw(LEAVES)}


CONFIGS = st.recursive(LEAVES, _branches, max_leaves=10)
DEEP = _branches(LEAVES | _branches(LEAVES | _branches(LEAVES)))
"""What is drawn above is a target alone as often as not."""
SELDOM = st.sampled_from([*[False] * 7, True])
OUTCOMES = st.builds(
    Outcome,
    status=st.sampled_from([200, 246, 401, 408, 429, 429, 446, 500, 500, 502]),
    retryable=st.sampled_from([None, None, True, False]),
    retry_after_s=st.sampled_from([None, 0.0, 5.0, 40.0, 40.0, 90.0]),
    began=SELDOM,
    is_unreachable=SELDOM,
    is_unsupported=SELDOM,
    denied_at=st.sampled_from([*[None] * 7, "config", "config.targets[0]"]),
)
FACTS = st.sampled_from([Facts(), Facts({"plan": "paid"})])
BARRED = st.lists(
    st.sampled_from(["config", "config.targets[0]", "config.targets[1]", "config.targets[0].targets[0]"])
)


@settings(max_examples=200, deadline=None)
@given(CONFIGS, st.lists(OUTCOMES, min_size=1), FACTS, st.integers(0, 99), BARRED, st.integers(1, 12))
def test_every_plan_keeps_its_bounds(
    config: dict[str, Any], outcomes: list[Outcome], facts: Facts, seed: int, barred: list[str], attempts: int
) -> None:
    def once() -> tuple[list[Step], Ending]:
        return run(
            config,
            lambda step: outcomes[step.number % len(outcomes)],
            facts=facts,
            seed=seed,
            health=Health(*barred),
            budget=Budget(attempts=attempts),
        )

    taken, ending = once()
    assert once() == (taken, ending), "the same seed gave another plan"
    assert len(taken) <= attempts
    assert [step.number for step in taken] == list(range(1, len(taken) + 1))
    assert sum(step.wait_s for step in taken) <= 60
    known = [leaf.path for leaf in leaves(prepare(read_config(config)))]
    first = [step.leaf.path for step in taken if step.attempt == 1]
    assert first == sorted(set(first), key=known.index), "a target was tried twice or out of order"
    for step, before in zip(taken[1:], taken, strict=False):
        assert not outcomes[before.number % len(outcomes)].began
        if step.attempt > 1:
            assert step.leaf is before.leaf
            assert before.attempt == step.attempt - 1 <= step.leaf.retry.attempts
        else:
            assert step.wait_s == 0.0
    assert ending.step is (taken[-1] if taken else None)
    assert ending.outcome is (outcomes[len(taken) % len(outcomes)] if taken else NO_MATCH)


@settings(max_examples=600, deadline=None)
@given(
    DEEP,
    st.lists(OUTCOMES, min_size=1),
    FACTS,
    st.sampled_from([0.0, 0.3, 0.5, 0.99]),
    BARRED,
    st.integers(1, 12),
)
def test_what_is_tried_is_what_a_plain_walk_over_the_document_says(
    config: dict[str, Any],
    outcomes: list[Outcome],
    facts: Facts,
    chance: float,
    barred: list[str],
    attempts: int,
) -> None:
    walk = Walk(outcomes, facts, chance, barred, attempts)
    walk.node(config, "config", {})
    taken, ending = run(
        config,
        lambda step: outcomes[step.number % len(outcomes)],
        facts=facts,
        chance=Fixed(chance),
        health=Health(*barred),
        budget=Budget(attempts=attempts),
    )
    assert [(step.leaf.path, step.attempt, step.wait_s) for step in taken] == walk.taken
    assert (ending.outcome, ending.retries) == (walk.last or NO_MATCH, walk.retries)


WEIGHED = st.recursive(
    st.fixed_dictionaries({"weight": st.sampled_from([0, 0.5, 1, 3])}),
    lambda inner: st.fixed_dictionaries(
        {
            "strategy": st.just({"mode": "loadbalance"}),
            "targets": st.lists(inner, min_size=1, max_size=3),
            "weight": st.sampled_from([0, 1, 3]),
        }
    ),
    max_leaves=7,
)
DRAWS = 2_000
BOUND = 5.2
"""Deviations; a fair draw is further off once in five million."""


def _shares(node: dict[str, Any], path: str, share: float) -> dict[str, float]:
    """Return how many of all requests each target is to have."""
    if "targets" not in node:
        return {path: share}
    total = sum(target["weight"] for target in node["targets"])
    parts = [
        _shares(target, f"{path}.targets[{index}]", share * target["weight"] / total)
        for index, target in enumerate(node["targets"])
    ]
    return {place: part for one in parts for place, part in one.items()}


def _is_drawable(node: dict[str, Any]) -> bool:
    targets = node.get("targets", ())
    return all(map(_is_drawable, targets)) and (not targets or any(one["weight"] for one in targets))


@settings(max_examples=25, deadline=None)
@given(WEIGHED.filter(_is_drawable), st.integers(0, 99))
def test_each_target_has_its_share_and_none_is_lost(config: dict[str, Any], seed: int) -> None:
    tree, chance, health = prepare(read_config(config)), random.Random(seed), Health()
    counts = Counter(next(steps(tree, Facts(), chance, health)).leaf.path for _ in range(DRAWS))
    for path, share in _shares(config, "config", 1.0).items():
        expected, deviation = DRAWS * share, math.sqrt(DRAWS * share * (1 - share))
        assert abs(counts[path] - expected) <= BOUND * deviation + 1e-6, path
    assert sum(counts.values()) == DRAWS
