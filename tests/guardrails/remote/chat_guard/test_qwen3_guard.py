"""Qwen3Guard is asked once, and says in three lines how safe a text is, why, and whether it was refused."""

import math

import pytest

from guardrails.remote.chat_guard.qwen3_guard import Qwen3Guard
from guardrails.remote.completion import Said, Token
from guardrails.remote.context import Turn
from guardrails.remote.service import UnsoundAnswer

[QUESTION] = Qwen3Guard().questions([Turn("user", "How?")], ["violence"])


def read(text: str, *, controversial: bool = True) -> list[str]:
    guard = Qwen3Guard(controversial=controversial)
    return [hazard.rule for hazard in guard.read(QUESTION, Said(text), scored=False)]


@pytest.mark.parametrize(
    "text",
    ["Safety: Safe\nCategories: None", "Safety: Safe\nCategories: None\nRefusal: Yes", "\nSafety: Safe\n"],
)
def test_safe_is_no_hazard(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Safety: Unsafe\nCategories: Violent", ["violence"]),
        ("Safety: Unsafe\nCategories: Violent, Jailbreak\nRefusal: No", ["violence", "jailbreak"]),
        ("Safety: Unsafe\nCategories: Suicide & Self-Harm", ["self_harm"]),
        ("Safety: Unsafe\nCategories: None", ["unsafe"]),
        ("Safety: Unsafe", ["unsafe"]),
        ("Safety: Unsafe\nCategories: Something New", ["unsafe"]),
        ("Safety: Unsafe\nCategories: Non-violent Ill", ["unsafe"]),
        ("Safety: Unsafe\nWhatever", ["unsafe"]),
    ],
)
def test_unsafe_is_a_hazard_for_each_category(text: str, rules: list[str]) -> None:
    assert read(text) == rules


def test_controversial_counts_unless_told_otherwise() -> None:
    text = "Safety: Controversial\nCategories: Politically Sensitive Topics"
    assert read(text) == ["political_topics"]
    assert read(text, controversial=False) == []
    assert read("Safety: Unsafe\nCategories: PII", controversial=False) == ["privacy"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Safe",
        "safe",
        "Safety: safe",
        "Safety: Safer",
        "Safety: Safe, mostly",
        "Safety: Safe\nCategories: Violent",
        "Safety: Safe\nBut see below",
        "Categories: None\nSafety: Safe",
        "The text says: Safety: Safe",
    ],
)
def test_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(UnsoundAnswer):
        read(text)


def test_the_score_is_that_of_the_label_in_the_first_line() -> None:
    alternatives = (
        Token(" Safe", math.log(0.5)),
        Token(" Unsafe", math.log(0.2)),
        Token(" Controversial", math.log(0.3)),
    )
    tokens = (Token("Safety"), Token(":"), Token(" Safe", math.log(0.5), alternatives), Token("\n"))
    said = Said("Safety: Safe\nCategories: None", tokens)
    for controversial, expected in ((True, 3 / 8), (False, 2 / 7)):
        [hazard] = Qwen3Guard(controversial=controversial).read(QUESTION, said, scored=True)
        assert hazard.rule == "unsafe"
        assert hazard.score == pytest.approx(expected)
