"""Texts that are too long or too short."""

import pytest

from guardrails.check import Match, Run
from guardrails.decoding import ConfigError
from tests.guardrails.checks.finding import built


def test_a_text_at_its_bound_is_fine() -> None:
    assert built("length", {"max_chars": 3}).find(Run("abc")) == []


def test_the_first_character_over_the_bound_is_the_place() -> None:
    assert built("length", {"max_chars": 3}).find(Run("abcd")) == [Match("too_long", 3, 3)]


def test_only_the_run_that_crosses_the_bound_finds_it() -> None:
    check = built("length", {"max_chars": 5})
    assert check.find(Run("1234 ", 0, last=False)) == []
    assert check.find(Run("6789 ", 5, last=False)) == [Match("too_long", 0, 0)]
    assert check.find(Run("more", 10)) == []


def test_characters_are_code_points() -> None:
    assert built("length", {"max_chars": 2}).find(Run("\U0001f600\U0001f600")) == []


def test_a_short_text_is_found_at_its_end() -> None:
    assert built("length", {"min_chars": 4}).find(Run("abc")) == [Match("too_short", 3, 3)]
    assert built("length", {"min_chars": 3}).find(Run("abc")) == []
    assert built("length", {"min_chars": 1}).find(Run("")) == [Match("too_short", 0, 0)]


def test_only_the_last_run_can_be_too_short() -> None:
    check = built("length", {"min_chars": 9})
    assert check.find(Run("abc ", 0, last=False)) == []
    assert check.find(Run("abcde", 4)) == []
    assert check.find(Run("abcd", 4)) == [Match("too_short", 4, 4)]


def test_a_text_is_held_until_it_is_long_enough() -> None:
    check = built("length", {"min_chars": 6})
    assert check.is_open("abc ", 0)
    assert not check.is_open("abcde ", 0)
    assert not check.is_open("a ", 4)


def test_a_length_is_no_characters_to_redact() -> None:
    assert not built("length", {"max_chars": 1}).redactable


@pytest.mark.parametrize(
    ("bound", "text", "expected"),
    [
        ({"max_words": 2}, "one two three", [Match("too_many_words", 8, 8)]),
        ({"max_words": 3}, "one two three ", []),
        ({"min_words": 3}, "one two ", [Match("too_few_words", 8, 8)]),
        ({"max_bytes": 3}, "aéé", [Match("too_many_bytes", 2, 2)]),
        ({"min_bytes": 4}, "aé", [Match("too_few_bytes", 2, 2)]),
        ({"max_sentences": 1}, "One. Two.", [Match("too_many_sentences", 5, 5)]),
        ({"min_sentences": 2}, "One.", [Match("too_few_sentences", 4, 4)]),
        ({"max_lines": 1}, "a\nb", [Match("too_many_lines", 2, 2)]),
        ({"min_lines": 2}, "a\n", [Match("too_few_lines", 2, 2)]),
        (
            {"max_words": 1, "min_lines": 2},
            "a b",
            [Match("too_many_words", 2, 2), Match("too_few_lines", 3, 3)],
        ),
        ({"min_words": 1}, "", [Match("too_few_words", 0, 0)]),
    ],
)
def test_other_measures_have_bounds_of_their_own(
    bound: dict[str, object], text: str, expected: list[Match]
) -> None:
    assert built("length", bound).find(Run(text)) == expected


def test_a_text_is_held_until_its_words_are_settled() -> None:
    most, least = built("length", {"max_words": 2}), built("length", {"min_words": 2})
    assert most.is_open("one two ", 0)
    assert not most.is_open("one two three ", 0)
    assert least.is_open("one ", 0)
    assert not least.is_open("one two ", 0)
    assert not most.is_open("four ", 14)


def test_what_follows_a_settled_run_is_not_counted_anew() -> None:
    check = built("length", {"max_words": 1, "min_lines": 2})
    assert check.find(Run("one two three", 8)) == []


def test_a_least_above_the_most_is_refused() -> None:
    with pytest.raises(ConfigError, match="greater than max_words") as raised:
        built("length", {"max_words": 1, "min_words": 2})
    assert raised.value.path == "guardrails.any.checks[0].length.min_words"
    with pytest.raises(ConfigError, match="give max_chars"):
        built("length", {})
