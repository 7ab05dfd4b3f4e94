"""Granite Guardian is asked once for each criterion, by the key of its generation, and says yes or no."""

import math

import pytest

from guardrails.remote.chat_guard.family import Hazard
from guardrails.remote.chat_guard.granite_guardian import GraniteGuardian
from guardrails.remote.completion import Said, Token
from guardrails.remote.context import Turn
from guardrails.remote.service import UnsoundAnswer

ASKED = (Turn("user", "How?"),)


@pytest.mark.parametrize("key", ["criteria_id", "risk_name"])
def test_each_criterion_is_a_question(key: str) -> None:
    questions = GraniteGuardian(key).questions(ASKED, ["harm", "violence"])
    assert [question.template for question in questions] == [
        {"guardian_config": {key: "harm"}, "think": False},
        {"guardian_config": {key: "violence"}, "think": False},
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<score> yes </score>", True),
        ("<score>no</score>\n", False),
        ("Yes", True),
        ("No\n<confidence> High </confidence>", False),
        ("Yes\n<confidence> Low </confidence>", True),
    ],
)
def test_yes_is_the_hazard_that_was_asked_about(text: str, *, found: bool) -> None:
    [question] = GraniteGuardian().questions(ASKED, ["harm"])
    hazards = GraniteGuardian().read(question, Said(text), scored=False)
    assert hazards == ([Hazard("harm", 1.0)] if found else [])


@pytest.mark.parametrize(
    "text",
    ["", "<score>", "<score> maybe </score>", "No, but", "Failed", "<think>no</think>", "Yes or No", "Nope"],
)
def test_anything_else_is_an_error(text: str) -> None:
    [question] = GraniteGuardian().questions(ASKED, ["harm"])
    with pytest.raises(UnsoundAnswer):
        GraniteGuardian().read(question, Said(text), scored=False)


def test_the_score_is_that_of_the_word_between_the_tags() -> None:
    [question] = GraniteGuardian().questions(ASKED, ["harm"])
    word = Token(" yes", math.log(0.8), (Token(" yes", math.log(0.8)), Token(" no", math.log(0.2))))
    tokens = (Token("<score>"), word, Token(" </score>"))
    [hazard] = GraniteGuardian().read(question, Said("<score> yes </score>", tokens), scored=True)
    assert hazard.rule == "harm"
    assert hazard.score == pytest.approx(0.8)
