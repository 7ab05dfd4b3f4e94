import itertools

import pytest

from app.domain.content import Content, exceeds, least

LEVELS: tuple[Content, ...] = ("none", "hashes", "redacted", "full")


@pytest.mark.parametrize("levels", [*itertools.product(LEVELS, repeat=3)])
def test_the_least_of_all_that_say_holds_in_whatever_order(levels: tuple[Content, ...]) -> None:
    lowest = least(*levels)
    assert LEVELS.index(lowest) == min(map(LEVELS.index, levels))
    assert {least(*order) for order in itertools.permutations(levels)} == {lowest}


def test_a_level_exceeds_those_that_keep_less() -> None:
    over = [(one, other) for one in LEVELS for other in LEVELS if exceeds(one, other)]
    assert over == [(one, other) for one in LEVELS for other in LEVELS[: LEVELS.index(one)]]
