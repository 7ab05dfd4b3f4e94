"""The fuzz target holds for inputs by chance, and it can fail."""

import pytest

from guardrails import Action, Engine
from tests.fuzz.engine import KEY, Dice, engines, judge
from tests.guardrails.planted import Groups, policy

MADE = engines(12)


@pytest.mark.parametrize("seed", range(40))
def test_a_stream_is_judged_like_the_whole(seed: int) -> None:
    judge(MADE, Dice(seed))


def test_it_fails_for_a_check_that_breaks_the_law() -> None:
    class Hasty(Groups):
        def is_open(self, text: str, start: int) -> bool:
            return False

    broken = [Engine([policy(Hasty("number", "[0-9]"), action=Action.REDACT)], KEY)]
    with pytest.raises(AssertionError):
        _judge_many(broken)


def _judge_many(made: list[Engine]) -> None:
    for seed in range(200):
        judge(made, Dice(seed))
