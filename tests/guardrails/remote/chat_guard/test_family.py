"""The score of a label is read from the token in which it begins, however a model cuts it into tokens."""

import math
import re
from collections.abc import Mapping, Sequence

import pytest

from guardrails.remote.chat_guard.family import messages, score
from guardrails.remote.completion import Said, Token
from guardrails.remote.context import Turn
from guardrails.remote.service import UnsoundAnswer

FORM = re.compile(r"\s*(?P<label>safe|unsafe)(?=\s|\Z)")


def said(*tokens: tuple[str, Mapping[str, float]]) -> Said:
    made = tuple(
        Token(
            token,
            math.log(chances[token]),
            tuple(Token(other, math.log(chance)) for other, chance in chances.items()),
        )
        for token, chances in tokens
    )
    return Said("".join(token for token, _ in tokens), made)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([("safe", {"safe": 0.9, "unsafe": 0.1})], 0.1),
        ([("\n\n", {"\n\n": 1.0}), ("unsafe", {"unsafe": 0.6, "safe": 0.4})], 0.6),
        ([("un", {"un": 0.7, "safe": 0.3}), ("safe", {"safe": 1.0})], 0.7),
        ([(" safe", {" safe": 0.4, "safe": 0.4, "Unsafe": 0.2})], 0.2),
        ([("safe", {"safe": 0.5, "unsafe": 0.1, "sorry": 0.4})], 1 / 6),
        ([("\n\nunsafe", {"\n\nunsafe": 1.0}), ("\nS1", {"\nS1": 1.0})], 1.0),
    ],
)
def test_a_label_is_found_where_it_begins(
    tokens: Sequence[tuple[str, Mapping[str, float]]], expected: float
) -> None:
    assert score(said(*tokens), FORM, ["unsafe"], ["safe"]) == pytest.approx(expected)


def test_a_token_that_was_taken_counts_though_it_is_not_among_the_likeliest() -> None:
    answer = Said("unsafe", (Token("unsafe", math.log(0.2), (Token("safe", math.log(0.6)),)),))
    assert score(answer, FORM, ["unsafe"], ["safe"]) == pytest.approx(0.25)


def test_the_likelier_of_several_labels_counts() -> None:
    answer = said(("safe", {"safe": 0.5, "unsafe": 0.25, "controversial": 0.25}))
    assert score(answer, FORM, ["unsafe", "controversial"], ["safe"]) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "answer",
    [
        Said("safe"),
        Said("safe", (Token("I", -0.1),)),
        Said("safe", (Token("safe", -800.0),)),
    ],
)
def test_without_probabilities_of_a_label_there_is_no_score(answer: Said) -> None:
    with pytest.raises(UnsoundAnswer):
        score(answer, FORM, ["unsafe"], ["safe"])


def test_turns_are_messages() -> None:
    assert messages([Turn("user", "a"), Turn("assistant", "b")]) == (
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
    )
