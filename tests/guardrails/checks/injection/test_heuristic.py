"""Phrases end where they are said to, so that a stream needs to be held no longer."""

import re
import warnings

import pytest

from guardrails.checks.injection.families import HEURISTICS
from guardrails.checks.injection.heuristic import MAX_BEGINNING, REACH, Beginnings, Heuristic, spaced

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from re import _parser as parser  # type: ignore[attr-defined]  # how long a match may be, nothing else says


@pytest.mark.parametrize("one", HEURISTICS, ids=lambda one: f"{one.family} {one.begins[0]}")
def test_no_phrase_is_longer_than_what_is_looked_back_for(one: Heuristic) -> None:
    assert _width(one.rest) <= REACH
    assert max(map(_width, one.begins)) < MAX_BEGINNING


@pytest.mark.parametrize("one", HEURISTICS, ids=lambda one: f"{one.family} {one.begins[0]}")
def test_no_beginning_contains_a_break_and_its_words_stand_one_space_apart(one: Heuristic) -> None:
    for beginning in one.begins:
        assert beginning == " ".join(beginning.split())
        for word in beginning.split(" "):
            re.compile(word.replace(r"\pL", r"\w"))  # no group goes on behind a space


ONE = Heuristic(family="f", begins=("stop the", "go"), rest=" presses", score=1)


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("stop ", True),
        ("stop\t\n", True),
        ("stop the ", True),
        ("go on and on ", True),
        ("stop. ", False),
        ("go. Then ", False),
        ("stop it ", False),
        ("ago ", False),
        ("'go ", False),
        ("", False),
        ("go " + "a " * (REACH + MAX_BEGINNING), False),
    ],
)
def test_a_beginning_stands_in_its_sentence_and_within_reach(text: str, stands: bool) -> None:
    assert Beginnings([ONE]).stand_in(text) is stands


def _width(source: str) -> int:
    pattern = re.sub(r"\\x\{\w+\}", "x", spaced(source)).replace(r"\pL", r"\w").replace(r"\z", r"\Z")
    width: int = parser.parse(pattern).getwidth()[1]
    return width
