"""Llama Guard is asked once, and says safe, or unsafe and why."""

import math

import pytest

from guardrails.remote.chat_guard.llama_guard import HAZARDS, LlamaGuard
from guardrails.remote.completion import Said, Token
from guardrails.remote.context import Turn
from guardrails.remote.service import UnsoundAnswer

TURNS = (Turn("user", "How?"), Turn("assistant", "Thus."))
[QUESTION] = LlamaGuard().questions(TURNS, ["hate"])


def read(text: str) -> list[str]:
    return [hazard.rule for hazard in LlamaGuard().read(QUESTION, Said(text), scored=False)]


def test_it_is_asked_once_in_turns() -> None:
    assert QUESTION.messages == (
        {"role": "user", "content": "How?"},
        {"role": "assistant", "content": "Thus."},
    )
    assert not QUESTION.template


@pytest.mark.parametrize("text", ["safe", "\n\nsafe", "safe\n", " safe "])
def test_safe_is_no_hazard(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("unsafe\nS1", ["violent_crimes"]),
        ("\n\nunsafe\nS1,S10", ["violent_crimes", "hate"]),
        ("unsafe\nS2, S14\n", ["non_violent_crimes", "code_interpreter_abuse"]),
        ("unsafe S9", ["indiscriminate_weapons"]),
        ("unsafe\nS1,S", ["violent_crimes"]),
        ("unsafe", ["unsafe"]),
        ("unsafe\nS99", ["unsafe"]),
        ("unsafe\nbecause it is", ["unsafe"]),
        ("unsafe\nS1,S1", ["violent_crimes"]),
    ],
)
def test_unsafe_is_a_hazard_for_each_code(text: str, rules: list[str]) -> None:
    assert read(text) == rules


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "Safe!",
        "safe S1",
        "safe\nbut",
        "safely",
        "unsafely",
        "I cannot help with that.",
        "S1",
        "not safe",
    ],
)
def test_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(UnsoundAnswer):
        read(text)


def test_with_a_score_what_it_holds_to_be_safe_has_one_too() -> None:
    tokens = (Token("safe", math.log(0.6), (Token("safe", math.log(0.6)), Token("unsafe", math.log(0.4)))),)
    [hazard] = LlamaGuard().read(QUESTION, Said("safe", tokens), scored=True)
    assert hazard.rule == "unsafe"
    assert hazard.score == pytest.approx(0.4)


def test_with_a_score_wanted_and_none_told_it_is_an_error() -> None:
    with pytest.raises(UnsoundAnswer):
        LlamaGuard().read(QUESTION, Said("safe"), scored=True)


def test_every_hazard_of_the_taxonomy_has_a_rule_of_its_own() -> None:
    assert list(HAZARDS) == [f"S{number}" for number in range(1, 15)]
    assert len(set(HAZARDS.values())) == len(HAZARDS)
