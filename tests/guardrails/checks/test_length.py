"""Texts that are too long or too short."""

from guardrails.check import Match, Run
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
