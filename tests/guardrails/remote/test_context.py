"""A judge sees an answer with its question, and everything else by itself."""

import pytest

from guardrails.check import Passage
from guardrails.conversation import Conversation
from guardrails.part import Part, PartKind
from guardrails.remote.context import Turn, question, side, turns
from guardrails.verdict import Side

PARTS = (
    Part("messages[0].content", "Be kind.", role="system"),
    Part("messages[1].content", "Hello.", role="user"),
    Part("messages[2].content", "Hi.", role="assistant"),
    Part("messages[3].content[0].text", "Look this up.", role="user"),
    Part("messages[3].content[1].text", "All of it.", role="user"),
    Part("messages[3].name", "ann", PartKind.FIELD, role="user"),
    Part("messages[4].tool_calls[0].function.arguments.q", "it", PartKind.TOOL_ARGUMENTS, "assistant"),
    Part("messages[5].content", "It is 7.", PartKind.TOOL_RESULT, role="tool"),
)
ANSWER = Part("choices[0].message.content", "Seven.", role="assistant")


def passage(part: Part, text: str = "", before: str = "") -> Passage:
    return Passage(text or part.text, part, len(before), before, Conversation(parts=PARTS))


def test_what_a_user_says_is_judged_by_itself() -> None:
    assert turns(passage(PARTS[3])) == (Turn("user", "Look this up."),)


def test_what_a_tool_answers_counts_as_said_by_the_user() -> None:
    assert turns(passage(PARTS[7])) == (Turn("user", "It is 7."),)


def test_an_answer_is_judged_with_all_that_the_user_said_last() -> None:
    assert turns(passage(ANSWER)) == (Turn("user", "Look this up.\nAll of it."), Turn("assistant", "Seven."))


def test_an_earlier_answer_is_judged_with_its_own_question() -> None:
    assert turns(passage(PARTS[2])) == (Turn("user", "Hello."), Turn("assistant", "Hi."))


def test_a_passage_is_judged_with_what_stands_before_it() -> None:
    assert turns(passage(ANSWER, "No. ", "One. Two. "))[-1] == Turn("assistant", "One. Two. No. ")


def test_an_answer_to_nothing_has_an_empty_question() -> None:
    assert turns(Passage("Hi.", ANSWER)) == (Turn("user", ""), Turn("assistant", "Hi."))


def test_system_prompts_and_tool_results_are_no_questions() -> None:
    only = Conversation(parts=(PARTS[0], PARTS[7]))
    assert not question(Passage("Hi.", ANSWER, conversation=only))


@pytest.mark.parametrize(
    ("part", "way"),
    [(PARTS[0], Side.INPUT), (PARTS[2], Side.INPUT), (PARTS[7], Side.INPUT), (ANSWER, Side.OUTPUT)],
)
def test_what_stands_in_no_request_is_of_the_answer(part: Part, way: Side) -> None:
    assert side(passage(part)) is way
