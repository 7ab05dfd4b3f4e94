"""Counts as Portkey counts."""

from collections.abc import Callable
from typing import Any

import pytest

from guardrails.config import ConfigError
from guardrails.portkey.counting import character_count, sentence_count, word_count
from guardrails.portkey.texts import TextVerdict
from tests.guardrails.portkey.subjects import answered, asked, verdict

Build = Callable[[object, str], TextVerdict]


@pytest.mark.parametrize(
    ("text", "count"), [("Hi... there? ok", 4), ("no end", 0), ("", 0), ("One. Two! Three?", 3)]
)
def test_sentences_are_counted_by_what_ends_them(text: str, count: int) -> None:
    exactly = sentence_count({"minSentences": count, "maxSentences": count}, "p")
    assert verdict(exactly, answered(text))


@pytest.mark.parametrize(("text", "count"), [("  a  b\nc ", 3), ("", 0), ("one", 1)])
def test_words_are_what_stands_between_white_space(text: str, count: int) -> None:
    assert verdict(word_count({"minWords": count, "maxWords": count}, "p"), asked(text))


@pytest.mark.parametrize(("text", "count"), [(" a ", 3), ("\U0001f600", 2), ("é", 1), ("", 0)])
def test_characters_are_counted_as_javascript_does(text: str, count: int) -> None:
    assert verdict(character_count({"minCharacters": count, "maxCharacters": count}, "p"), asked(text))


@pytest.mark.parametrize(
    ("build", "low", "high", "short", "long"),
    [
        (sentence_count, "minSentences", "maxSentences", "a.", "a. b. c. d."),
        (word_count, "minWords", "maxWords", "a", "a b c d"),
        (character_count, "minCharacters", "maxCharacters", "a", "abcd"),
    ],
)
def test_bounds_belong_to_what_is_allowed_and_not_turns_it_round(
    build: Build, low: str, high: str, short: str, long: str
) -> None:
    config: dict[str, Any] = {low: 2, high: 3}
    assert not verdict(build(config, "p"), asked(short))
    assert not verdict(build(config, "p"), asked(long))
    assert verdict(build(config | {"not": True}, "p"), asked(long))
    for wrong in ({low: 2}, {high: 2}, {low: 3, high: 2}, {low: -1, high: 2}, config | {"other": 1}):
        with pytest.raises(ConfigError, match=r"^p"):
            build(wrong, "p")


def test_bounds_may_be_fractions() -> None:
    check = sentence_count({"minSentences": 0.5, "maxSentences": 1.0}, "p")
    assert verdict(check, asked("One."))
    assert not verdict(check, asked("None"))


def test_every_choice_of_an_answer_is_counted() -> None:
    few = word_count({"minWords": 1, "maxWords": 2}, "p")
    assert [remark.path for remark in few.examine(answered("a", "a b c"))] == ["choices[1].message.content"]
