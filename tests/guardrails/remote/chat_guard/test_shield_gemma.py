"""ShieldGemma is asked for each guideline, in the words for prompts or answers, and says Yes or No."""

import math

import pytest

from guardrails.remote.chat_guard.family import Hazard
from guardrails.remote.chat_guard.shield_gemma import GUIDELINES, ShieldGemma
from guardrails.remote.completion import Said, Token
from guardrails.remote.context import Turn
from guardrails.remote.service import UnsoundAnswer

ASKED = Turn("user", "How?")
SAID = Turn("assistant", "Thus.")


def test_each_guideline_is_a_question_in_the_words_for_prompts() -> None:
    questions = ShieldGemma().questions([ASKED], ["hate", "harassment"])
    assert [question.rule for question in questions] == ["hate", "harassment"]
    guideline = questions[1].template["guideline"]
    assert guideline.startswith('"No Harassment": The prompt shall not contain or seek generation of content')
    assert guideline.endswith("disparaging victims of violence).")
    assert [message["role"] for message in questions[0].messages] == ["user"]


def test_an_answer_has_words_of_its_own() -> None:
    [question] = ShieldGemma().questions([ASKED, SAID], ["hate"])
    assert question.template["guideline"].startswith(
        '"No Hate Speech": The chatbot shall not generate content'
    )
    assert [message["role"] for message in question.messages] == ["user", "assistant"]


def test_all_guidelines_are_asked_unless_some_are_chosen() -> None:
    assert ShieldGemma.standard == tuple(GUIDELINES)


@pytest.mark.parametrize(
    ("text", "found"), [("Yes", True), ("Yes, it is", True), (" yes\n", True), ("No", False), ("No.", False)]
)
def test_yes_is_the_hazard_that_was_asked_about(text: str, *, found: bool) -> None:
    [question] = ShieldGemma().questions([ASKED], ["hate"])
    hazards = ShieldGemma().read(question, Said(text), scored=False)
    assert hazards == ([Hazard("hate", 1.0)] if found else [])


@pytest.mark.parametrize("text", ["", "Nobody", "Yesterday", "The answer is No", "I can't say", "**No**"])
def test_anything_else_is_an_error(text: str) -> None:
    [question] = ShieldGemma().questions([ASKED], ["hate"])
    with pytest.raises(UnsoundAnswer):
        ShieldGemma().read(question, Said(text), scored=False)


def test_the_score_is_that_of_yes() -> None:
    [question] = ShieldGemma().questions([ASKED], ["hate"])
    tokens = (Token("No", math.log(0.75), (Token("No", math.log(0.75)), Token("Yes", math.log(0.25)))),)
    [hazard] = ShieldGemma().read(question, Said("No", tokens), scored=True)
    assert hazard.rule == "hate"
    assert hazard.score == pytest.approx(0.25)
