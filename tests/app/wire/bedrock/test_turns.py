"""Turns as messages: alternating, results in front, and what is refused."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.bedrock.turns import TurnsWriter, tool_use_id
from app.wire.conversation import (
    AssistantTurn,
    Call,
    Conversation,
    SystemTurn,
    TextPart,
    ToolTurn,
    Turn,
    UserTurn,
)


def _user(text: str = "u") -> UserTurn:
    return UserTurn((TextPart(text, "p"),) if text else (), "p")


def _said(text: str = "", *calls: str, **fields: Any) -> AssistantTurn:
    parts = (TextPart(text, "p"),) if text else ()
    return AssistantTurn(parts, tuple(Call(call, "f", {"a": 1}, "c") for call in calls), "p", **fields)


def _result(call_id: str, text: str = "r", *, is_error: bool = False) -> ToolTurn:
    return ToolTurn(call_id, "f", (TextPart(text, "p"),), "p", is_error)


def _writer(
    abilities: Abilities | None = None, family: str = "anthropic", *, tools: bool = True
) -> TurnsWriter:
    return TurnsWriter(abilities or Abilities(), family, "a test", tools=tools)


def _messages(
    *turns: Turn, abilities: Abilities | None = None, tools: bool = True
) -> list[tuple[str, list[Any]]]:
    found = _writer(abilities, tools=tools).messages(turns)
    return [(message["role"], [next(iter(block)) for block in message["content"]]) for message in found]


def test_turns_of_one_side_are_one_message() -> None:
    assert _messages(_user(), _user(), _said("a"), _said("b"), _user()) == [
        ("user", ["text", "text"]),
        ("assistant", ["text", "text"]),
        ("user", ["text"]),
    ]


def test_what_says_nothing_leaves_a_turn_that_says_nothing() -> None:
    assert _writer().messages((_user(""),)) == [{"role": "user", "content": [{"text": "."}]}]
    assert _writer().messages(()) == [{"role": "user", "content": [{"text": "."}]}]


def test_a_conversation_that_begins_with_the_assistant_gets_a_turn_in_front() -> None:
    assert _messages(_said("Hello"), _user())[0] == ("user", ["text"])


def test_results_stand_in_one_message_before_what_the_user_says() -> None:
    found = _messages(_user(), _said("", "a", "b"), _user("late"), _result("b"), _result("a"), _user())
    assert found[1:] == [
        ("assistant", ["toolUse", "toolUse"]),
        ("user", ["toolResult", "toolResult", "text", "text"]),
    ]


def test_a_model_that_wants_results_alone_gets_them_alone() -> None:
    abilities = Abilities(text_with_tool_results=False)
    found = _messages(_user(), _said("", "a"), _result("a"), _user(), _user(), abilities=abilities)
    assert found[2:] == [("user", ["toolResult"]), ("assistant", ["text"]), ("user", ["text", "text"])]


def test_thoughts_go_back_first_if_they_are_signed() -> None:
    blocks = (
        {"type": "thinking", "thinking": "t", "signature": "s"},
        {"type": "thinking", "thinking": "t", "signature": ""},
        {"type": "redacted_thinking", "data": "eA=="},
        {"type": "riddle"},
    )
    found = _writer().messages((_user(), _said("x", thinking_blocks=blocks), _user()))
    assert found[1]["content"] == [
        {"reasoningContent": {"reasoningText": {"text": "t", "signature": "s"}}},
        {"reasoningContent": {"redactedContent": "eA=="}},
        {"text": "x"},
    ]


@pytest.mark.parametrize(
    ("family", "status"), [("anthropic", "error"), ("amazon.nova", "error"), ("meta", None)]
)
def test_a_failure_is_said_to_those_who_know_the_word(family: str, status: str | None) -> None:
    turns = (_user(), _said("", "a"), _result("a", is_error=True))
    found = _writer(family=family).messages(turns)
    assert found[2]["content"][0]["toolResult"].get("status") == status


def test_marks_for_the_cache_stand_behind_the_result() -> None:
    result = ToolTurn("a", "f", (TextPart("r", "p", {"type": "ephemeral"}),), "p")
    found = _writer().messages((_user(), _said("", "a"), result))
    assert found[2]["content"] == [
        {"toolResult": {"toolUseId": "a", "content": [{"text": "r"}]}},
        {"cachePoint": {"type": "default"}},
    ]


def test_without_tools_calls_and_results_are_told() -> None:
    turns = (_user(), _said("", "a"), _result("a", "sun", is_error=True))
    found = _writer(tools=False).messages(turns)
    assert found[1]["content"] == [{"text": 'Called the tool f with {"a":1}'}]
    assert found[2]["content"] == [{"text": "The tool f failed:"}, {"text": "sun"}]


def test_ids_that_are_too_long_or_odd_are_replaced_by_the_same_one() -> None:
    assert tool_use_id("tooluse_a-1.b:c") == "tooluse_a-1.b:c"
    replaced = [tool_use_id(one) for one in ("x" * 65, "a b", "é", "", "a b")]
    assert replaced[1] == replaced[4]
    assert len(set(replaced)) == 4
    assert all(len(one) <= 64 and tool_use_id(one) == one for one in replaced)


def test_the_last_word_may_be_the_assistants_where_it_may_be_gone_on_with() -> None:
    found = _writer().messages((_user(), _said("The answer is \n")))
    assert found[1]["content"] == [{"text": "The answer is"}]
    with pytest.raises(InvalidRequest) as caught:
        _messages(_user(), _said("The answer is"), abilities=Abilities(prefill=False))
    assert caught.value.param == "p"


def test_later_instructions_go_to_the_others_unless_the_model_takes_them_there() -> None:
    turns = (_user(), SystemTurn((TextPart("late", "p"),), "p"))
    conversation = Conversation(system=(TextPart("first", "p"),), turns=turns)
    assert _writer().system(conversation) == [{"text": "first"}, {"text": "late"}]
    assert _messages(*turns) == [("user", ["text"])]
    between = Abilities(system_in_turns=True)
    assert _writer(between).system(conversation) == [{"text": "first"}]
    assert _messages(*turns, abilities=between) == [("user", ["text"]), ("system", ["text"])]


def test_an_instruction_that_only_marks_the_cache_is_none() -> None:
    blank = Conversation(system=(TextPart(" ", "p", {"type": "ephemeral"}),))
    assert _writer().system(blank) == []
