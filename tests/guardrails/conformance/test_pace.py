"""The kit catches a check that takes more than linear time."""

from collections.abc import Sequence

import pytest

from guardrails import Match, Run
from guardrails.conformance.pace import assert_quick
from tests.guardrails.planted import Word


class Quadratic(Word):
    """Looks at all that follows each character."""

    def find(self, run: Run) -> Sequence[Match]:
        for start in range(len(run.text)):
            run.text[start:].count("b")
        return []


def test_a_linear_check_passes() -> None:
    assert_quick(Word("email", r"[a-z]+@[a-z]+"), "a@b ", "a", characters=20_000)


def test_a_quadratic_check_is_caught_by_the_unit_that_keeps_it_busy() -> None:
    with pytest.raises(AssertionError, match="40,000 characters of 'a' took"):
        assert_quick(Quadratic("x", "x"), "a", characters=40_000, limit_s=0.01)
