"""Wording as Portkey judges it, but everywhere where something must not be said."""

from typing import Any

import pytest

from guardrails.config import ConfigError
from guardrails.portkey.wording import (
    all_lowercase,
    all_uppercase,
    contains,
    ends_with,
    not_null,
    regex_match,
)
from tests.guardrails.portkey.subjects import answered, arguments, asked, verdict


@pytest.mark.parametrize(
    ("operator", "text", "holds"),
    [
        ("any", "an apple", True),
        ("any", "An Apple", False),
        ("all", "an apple", False),
        ("all", "apple, pear", True),
        ("none", "a plum", True),
        ("none", "pineapple", False),
        ("any", "", False),
        ("none", "", True),
    ],
)
def test_words_are_contained(operator: str, text: str, holds: bool) -> None:
    assert verdict(contains({"words": ["apple", "pear"], "operator": operator}, "p"), asked(text)) is holds


@pytest.mark.parametrize(("operator", "holds"), [("any", False), ("all", True), ("none", True)])
def test_of_no_words_none_is_contained(operator: str, holds: bool) -> None:
    assert verdict(contains({"words": [], "operator": operator}, "p"), asked("text")) is holds


def test_a_word_that_must_not_be_there_must_not_be_in_an_earlier_message_or_a_tool_call() -> None:
    none = contains({"words": ["banned"], "operator": "none"}, "p")
    assert not verdict(none, asked("banned", "fine"))
    subject = asked("fine")
    hidden = type(subject)(subject.side, subject.conversation, (*subject.parts, arguments("banned")))
    assert not verdict(none, hidden)
    assert verdict(none, asked("fine", "fine"))
    assert not verdict(none, answered("fine", "banned"))


@pytest.mark.parametrize(
    ("rule", "text", "holds"),
    [(r"\d{3}", "a 123", True), (r"^a", "ba", False), ("A", "a", False), ("x", "", False)],
)
def test_a_pattern_matches_anywhere(rule: str, text: str, holds: bool) -> None:
    assert verdict(regex_match({"rule": rule}, "p"), asked(text)) is holds
    assert verdict(regex_match({"rule": rule, "not": True}, "p"), asked(text)) is not holds


def test_a_pattern_that_must_not_match_must_not_match_anywhere() -> None:
    assert not verdict(regex_match({"rule": "secret", "not": True}, "p"), asked("a secret", "fine"))
    assert not verdict(regex_match({"rule": "secret"}, "p"), asked("a secret", "fine"))


@pytest.mark.parametrize(
    ("text", "holds"), [("the end", True), ("the end.", True), ("the end..", False), ("", False)]
)
def test_a_text_ends_with_something(text: str, holds: bool) -> None:
    assert verdict(ends_with({"suffix": "end"}, "p"), answered(text)) is holds
    assert verdict(ends_with({"suffix": "end", "not": True}, "p"), answered(text)) is not holds


@pytest.mark.parametrize(
    ("text", "upper", "lower"),
    [("ABC 1", True, False), ("abc é", False, True), ("aB", False, False), ("12", True, True)],
)
def test_letters_have_one_case(text: str, upper: bool, lower: bool) -> None:
    assert verdict(all_uppercase({}, "p"), asked(text)) is upper
    assert verdict(all_lowercase({}, "p"), asked(text)) is lower
    assert verdict(all_uppercase({"not": True}, "p"), asked(text)) is not upper
    assert verdict(all_lowercase({"not": True}, "p"), asked(text)) is not lower


def test_something_is_said() -> None:
    assert verdict(not_null({}, "p"), answered("a"))
    assert not verdict(not_null({}, "p"), answered(" \n"))
    assert not verdict(not_null({}, "p"), answered())
    assert verdict(not_null({"not": True}, "p"), answered())


@pytest.mark.parametrize(
    ("build", "config", "path"),
    [
        (regex_match, {}, "p"),
        (regex_match, {"rule": ""}, "p.rule"),
        (regex_match, {"rule": "(?=a)"}, "p.rule"),
        (regex_match, {"rule": r"(a)\1"}, "p.rule"),
        (contains, {"words": ["a", ""]}, "p.words[1]"),
        (contains, {"words": ["a"], "operator": "some"}, "p.operator"),
        (ends_with, {"suffix": ""}, "p.suffix"),
        (not_null, {"what": 1}, "p.what"),
    ],
)
def test_a_mistake_is_named_when_it_is_loaded(build: Any, config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as raised:
        build(config, "p")
    assert raised.value.path == path
