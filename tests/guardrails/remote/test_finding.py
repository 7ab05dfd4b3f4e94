"""What a service says of a whole text becomes a match, and its label one harmless word."""

import math

import pytest

from guardrails.check import Match
from guardrails.remote.finding import about, bounded, rule


@pytest.mark.parametrize(
    ("text", "start", "end"), [("bad", 0, 3), ("  bad text\n", 2, 10), ("", 0, 0), ("  ", 0, 0)]
)
def test_a_match_covers_the_text_but_not_the_space_around_it(text: str, start: int, end: int) -> None:
    assert about(text, "hate", 0.5) == Match("hate", start, end, score=0.5)


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("Hate/Threatening", "hate/threatening"),
        ("self-harm", "self-harm"),
        ("S1: Violent Crimes", "s1_violent_crimes"),
        ("my number is 4111\n1111", "my_number_is_4111_1111"),
        ("x" * 100, "x" * 64),
        ("仇恨", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_a_rule_is_one_harmless_word(label: str, word: str) -> None:
    assert rule(label) == word


def test_a_score_is_between_zero_and_one() -> None:
    assert [bounded(score) for score in (-1, 0.25, 7, math.inf, math.nan)] == [0, 0.25, 1, 1, 1]
