"""Which one of several targets: shares within statistical bounds, and who stays where."""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.routing.choosing import chosen
from app.routing.conditions import Facts
from app.routing.config_reader import read_config
from app.routing.tree import Branch, Leaf, prepare

DRAWS = 4_000
SIGMAS = 5.0
"""A fair draw is further off once in two million."""


class Known:
    """Latencies as the test says, by path."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self._seconds = seconds

    def has_open(self) -> bool:
        return False

    def is_open(self, leaf: Leaf) -> bool:
        return False

    def latency_s(self, leaf: Leaf) -> float | None:
        return self._seconds.get(leaf.path)


def _branch(weights: Sequence[float], mode: str = "loadbalance", **strategy: Any) -> Branch:
    document = {"strategy": {"mode": mode, **strategy}, "targets": [{"weight": weight} for weight in weights]}
    branch = prepare(read_config(document))
    assert isinstance(branch, Branch)
    return branch


def _draw(branch: Branch, candidates: Sequence[int], seed: int) -> Counter[int]:
    chance, health = random.Random(seed), Known({})
    return Counter(chosen(branch, candidates, Facts(), chance, health) for _ in range(DRAWS))


def _is_fair(count: int, share: float) -> bool:
    return abs(count - DRAWS * share) <= SIGMAS * math.sqrt(DRAWS * share * (1 - share)) + 1e-9


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 0.3, 1.0, 2.5]), min_size=1, max_size=5).filter(any), st.integers(0, 2**32)
)
def test_targets_are_drawn_by_their_weights(weights: list[float], seed: int) -> None:
    counts = _draw(_branch(weights), range(len(weights)), seed)
    for index, weight in enumerate(weights):
        assert _is_fair(counts[index], weight / sum(weights))


def test_those_that_are_left_share_by_their_weights() -> None:
    counts = _draw(_branch([1, 5, 3]), [0, 2], 1)
    assert counts[1] == 0
    assert _is_fair(counts[0], 0.25)


def test_a_target_of_no_weight_is_not_chosen_even_if_the_others_are_barred() -> None:
    counts = _draw(_branch([0, 1, 1]), [0], 1)
    assert set(counts) == {1, 2}


class _AlmostOne:
    def random(self) -> float:
        return math.nextafter(1.0, 0.0)


def test_the_highest_draw_is_the_last_target_that_has_a_weight() -> None:
    assert chosen(_branch([0.1] * 10), range(10), Facts(), _AlmostOne(), Known({})) == 9
    assert chosen(_branch([0.1, 0.2, 0]), range(3), Facts(), _AlmostOne(), Known({})) == 1
    assert chosen(_branch([5e-324, 5e-324]), range(2), Facts(), _AlmostOne(), Known({})) == 1


STICKY = {"hash_fields": ["metadata.user", "params.user"]}


def _sticky_choice(
    branch: Branch, user: object, candidates: Sequence[int] | None = None, seed: int = 0
) -> int:
    everyone = range(len(branch.children))
    return chosen(branch, candidates or everyone, Facts({"user": user}), random.Random(seed), Known({}))


def test_a_sticky_caller_stays_whatever_chance_says() -> None:
    branch = _branch([1, 1, 1], sticky_session=STICKY)
    for user in range(50):
        assert len({_sticky_choice(branch, user, seed=seed) for seed in range(5)}) == 1


def test_sticky_callers_are_spread_by_weight() -> None:
    branch = _branch([1, 3, 0], sticky_session=STICKY)
    counts = Counter(_sticky_choice(branch, f"user {number}") for number in range(DRAWS))
    assert _is_fair(counts[0], 0.25)
    assert counts[2] == 0


def test_sticky_callers_are_spread_over_more_targets_than_one_hash_has_draws_for() -> None:
    branch = _branch([1] * 20, sticky_session=STICKY)
    counts = Counter(_sticky_choice(branch, f"user {number}") for number in range(DRAWS))
    assert set(counts) == set(range(20))
    assert all(_is_fair(count, 0.05) for count in counts.values())


@pytest.mark.parametrize("user", ["\ud800", 10**30, 1.5, True, ""], ids=ascii)
def test_whoever_says_something_is_sticky(user: object) -> None:
    branch = _branch([1, 1, 1], sticky_session=STICKY)
    assert len({_sticky_choice(branch, user, seed=seed) for seed in range(20)}) == 1


def test_only_the_callers_of_a_barred_target_move() -> None:
    branch = _branch([1, 1, 1], sticky_session=STICKY)
    for user in range(200):
        before, after = _sticky_choice(branch, user), _sticky_choice(branch, user, [0, 2])
        assert after == before if before != 1 else after != 1


@given(st.lists(st.floats(0.1, 10), min_size=2, max_size=5), st.integers(0, 4), st.text())
def test_a_weight_that_grows_draws_callers_to_it_and_moves_no_others(
    weights: list[float], index: int, user: str
) -> None:
    index %= len(weights)
    grown = [weight * 3 if number == index else weight for number, weight in enumerate(weights)]
    before = _sticky_choice(_branch(weights, sticky_session=STICKY), user)
    assert _sticky_choice(_branch(grown, sticky_session=STICKY), user) in {before, index}


@pytest.mark.parametrize("facts", [Facts(), Facts({"user": None}), Facts({"user": ["a"]})])
def test_who_says_nothing_of_themselves_is_drawn(facts: Facts) -> None:
    branch, chance = _branch([1, 1], sticky_session=STICKY), random.Random(1)
    assert {chosen(branch, [0, 1], facts, chance, Known({})) for _ in range(50)} == {0, 1}


def _fastest(weights: Sequence[float], seconds: Mapping[int, float]) -> Counter[int]:
    branch, chance = _branch(weights, "least_latency"), random.Random(7)
    health = Known({f"config.targets[{index}]": value for index, value in seconds.items()})
    return Counter(chosen(branch, range(len(weights)), Facts(), chance, health) for _ in range(DRAWS))


def test_the_fastest_is_chosen_where_all_are_known() -> None:
    assert _fastest([1, 1, 1], {0: 0.3, 1: 0.1, 2: 0.2}) == {1: DRAWS}


def test_the_fastest_of_no_weight_is_not_chosen() -> None:
    assert _fastest([1, 0], {0: 0.3, 1: 0.1}) == {0: DRAWS}


def test_a_tenth_finds_out_about_those_that_are_not_known() -> None:
    counts = _fastest([1, 1, 1], {0: 0.3})
    assert _is_fair(counts[0], 0.9)
    assert counts[1] > 0
    assert counts[2] > 0


def test_where_none_is_known_they_are_drawn() -> None:
    assert _is_fair(_fastest([3, 1], {})[0], 0.75)


def test_a_strategy_is_as_fast_as_its_first_target_that_is_known() -> None:
    inner = {"strategy": {"mode": "fallback"}, "targets": [{}, {}]}
    branch = prepare(read_config({"strategy": {"mode": "least-latency"}, "targets": [{}, inner]}))
    assert isinstance(branch, Branch)
    health = Known({"config.targets[0]": 0.2, "config.targets[1].targets[1]": 0.1})
    assert chosen(branch, [0, 1], Facts(), random.Random(1), health) == 1
