"""Reading a request as turns: what each message becomes, and laws over any document that is accepted."""

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidRequest
from app.wire.conversation import (
    AssistantTurn,
    Call,
    Conversation,
    SystemTurn,
    TextPart,
    ToolTurn,
    UserTurn,
)
from app.wire.conversation_reader import read_conversation
from app.wire.openai.request import Limits, decode
from app.wire.params import Params
from tests.conversations import documents

USER = {"role": "user", "content": "hi"}


def read(*messages: dict[str, Any], **fields: Any) -> Conversation:
    body = json.dumps({"model": "m", "messages": messages, **fields}).encode()
    document = decode(body, Limits()).document
    return read_conversation(document, Params(document, "drop", "A"))


def refused(*messages: dict[str, Any], **fields: Any) -> str | None:
    with pytest.raises(InvalidRequest) as caught:
        read(*messages, **fields)
    return caught.value.param


def called(*ids: str, arguments: str = "{}", **fields: Any) -> dict[str, Any]:
    calls = [
        {"id": id_, "type": "function", "function": {"name": f"f_{id_}", "arguments": arguments}, **fields}
        for id_ in ids
    ]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def result(call_id: str, **fields: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "done", **fields}


def test_instructions_before_the_first_turn_are_the_system_s() -> None:
    found = read(
        {"role": "system", "content": "a"},
        {"role": "developer", "content": "b"},
        USER,
        {"role": "system", "content": "c"},
    )
    assert found.system == (TextPart("a", "messages[0].content"), TextPart("b", "messages[1].content"))
    assert found.turns == (
        UserTurn((TextPart("hi", "messages[2].content"),), "messages[2]"),
        SystemTurn((TextPart("c", "messages[3].content"),), "messages[3]"),
    )


def test_results_know_who_was_called() -> None:
    found = read(USER, called("a", "b"), result("b"), result("a", is_error=True, cache_control={"type": "x"}))
    assert found.turns[1:] == (
        AssistantTurn(
            (),
            (
                Call("a", "f_a", {}, "messages[1].tool_calls[0]"),
                Call("b", "f_b", {}, "messages[1].tool_calls[1]"),
            ),
            "messages[1]",
        ),
        ToolTurn("b", "f_b", (TextPart("done", "messages[2].content"),), "messages[2]"),
        ToolTurn(
            "a",
            "f_a",
            (TextPart("done", "messages[3].content", {"type": "x"}),),
            "messages[3]",
            is_error=True,
            cache={"type": "x"},
        ),
    )


@pytest.mark.parametrize(
    "messages",
    [
        (USER, result("a")),
        (USER, called("a"), result("b")),
        (USER, called("a"), result("a"), result("a")),
        (USER, called("a", "b"), result("b"), result("b")),
        (USER, called("a"), result("a"), USER, {"role": "assistant", "content": "x"}, result("a")),
    ],
)
def test_a_result_without_a_call_that_waits_is_refused(messages: tuple[dict[str, Any], ...]) -> None:
    assert refused(*messages) == f"messages[{len(messages) - 1}].tool_call_id"


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ((called("a"),), "tool_calls[0]"),
        ((called("a"), USER, result("a")), "tool_calls[0]"),
        ((called("a"), called("b"), result("a"), result("b")), "tool_calls[0]"),
        ((called("a", "b"), result("a")), "tool_calls[1]"),
        ((called("a", "a"), result("a"), USER), "tool_calls[1]"),
        (({"role": "assistant", "function_call": {"name": "f", "arguments": ""}}, USER), "function_call"),
    ],
)
def test_a_call_without_a_result_before_the_next_turn_is_refused(
    messages: tuple[dict[str, Any], ...], param: str
) -> None:
    assert refused(USER, *messages) == f"messages[1].{param}"


def test_instructions_may_stand_between_a_call_and_its_result() -> None:
    found = read(USER, called("a", "b"), result("b"), {"role": "system", "content": "s"}, result("a"), USER)
    assert [type(turn).__name__ for turn in found.turns[2:]] == [
        "ToolTurn",
        "SystemTurn",
        "ToolTurn",
        "UserTurn",
    ]


@pytest.mark.parametrize(
    ("arguments", "value"),
    [("", {}), ("  ", {}), ("null", {}), ("{}", {}), ('{"a": [1, 1.0]}', {"a": [1, 1.0]})],
)
def test_arguments_become_an_object(arguments: str, value: dict[str, Any]) -> None:
    turn = read(called("a", arguments=arguments), result("a")).turns[0]
    assert isinstance(turn, AssistantTurn)
    assert turn.calls[0].arguments == value


@pytest.mark.parametrize("arguments", ["{", "[]", '"a"', "1", "{'a': 1}", "[" * 5000, '{"a": NaN}'])
def test_arguments_that_are_none_are_refused(arguments: str) -> None:
    assert refused(called("a", arguments=arguments)) == "messages[0].tool_calls[0].function.arguments"


def test_a_custom_tool_s_call_is_refused() -> None:
    call = {"id": "a", "type": "custom", "custom": {"name": "f", "input": "x"}}
    assert refused({"role": "assistant", "tool_calls": [call]}) == "messages[0].tool_calls[0]"


def test_a_signature_is_kept_wherever_it_stands() -> None:
    google = {"google": {"thought_signature": "s"}}
    calls = called("a", extra_content=google)
    old = called("a")
    old["tool_calls"][0]["function"]["thought_signature"] = "s"
    for message in (calls, old):
        turn = read(message, result("a")).turns[0]
        assert isinstance(turn, AssistantTurn)
        assert turn.calls[0].fields == {"extra_content": google}


def test_a_deprecated_call_becomes_one_with_an_id() -> None:
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": ""}}
    answer = {"role": "function", "name": "f", "content": "done"}
    found = read(USER, call, answer)
    assistant, tool = found.turns[1:]
    assert isinstance(assistant, AssistantTurn)
    assert isinstance(tool, ToolTurn)
    assert assistant.calls[0].id == tool.call_id
    assert (assistant.calls[0].name, tool.name) == ("f", "f")
    assert refused(USER, answer) == "messages[1]"
    assert refused(USER, call, answer, answer) == "messages[3]"
    assert refused(USER, call, result("call_1"), answer) == "messages[3]"
    said = {"role": "assistant", "content": "x"}
    assert refused(USER, call, answer, USER, said, answer) == "messages[5]"


def test_thoughts_and_foreign_fields_of_an_answer_are_kept() -> None:
    blocks = [{"type": "thinking", "thinking": "t", "signature": "s"}, 5]
    message = {"role": "assistant", "content": "x", "refusal": "no", "reasoning": "r", "name": "n"}
    turn = read({**message, "thinking_blocks": blocks, "audio": {"id": "a"}}).turns[0]
    assert turn == AssistantTurn(
        (TextPart("x", "messages[0].content"), TextPart("no", "messages[0].refusal")),
        (),
        "messages[0]",
        "r",
        ({"type": "thinking", "thinking": "t", "signature": "s"},),
        {"audio": {"id": "a"}},
    )


def test_reasoning_content_goes_before_reasoning() -> None:
    turn = read({"role": "assistant", "content": "x", "reasoning": "a", "reasoning_content": "b"}).turns[0]
    assert isinstance(turn, AssistantTurn)
    assert turn.reasoning == "b"


def test_tools_and_format_are_taken_from_the_parameters() -> None:
    document = {
        "messages": [USER],
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "response_format": {"type": "json_object"},
    }
    params = Params(document, "error", "A")
    found = read_conversation(document, params)
    assert params.rest() == {}
    assert (found.choice is not None, found.parallel, found.answer_format is not None) == (True, False, True)


_PLACE = re.compile(r"\w+|\[\d+\]")


def exists(document: Any, param: str) -> bool:
    """Whether the place is in the document."""
    for step in _PLACE.findall(param):
        key: Any = int(step[1:-1]) if step[0] == "[" else step
        try:
            document = document[key]
        except (KeyError, IndexError, TypeError):
            return False
    return True


_JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        1.5,
        "",
        "x",
        "f",
        "auto",
        "data:,",
        "://",
        "data:image/png;base64,A",
        [],
        {},
        {"type": "text"},
    ]
)


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a document of which some values were exchanged, removed or doubled."""
    document = copy.deepcopy(draw(documents()))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = document.get("messages") if draw(st.booleans()) else document
        while isinstance(place, dict | list) and place:
            key = draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
            if draw(st.booleans()) and isinstance(place[key], dict | list) and place[key]:
                place = place[key]
                continue
            how = draw(st.sampled_from(["exchange", "remove", "double"]))
            if how == "exchange":
                place[key] = draw(_JUNK)
            elif how == "remove":
                del place[key]
            elif isinstance(place, list):
                place.insert(key, copy.deepcopy(place[key]))
            break
    return document


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=300)
@given(spoiled())
def test_what_is_accepted_is_a_conversation_or_an_error_that_names_a_field(document: dict[str, Any]) -> None:
    try:
        document = decode(json.dumps(document).encode(), Limits()).document
    except InvalidRequest:
        return
    before = copy.deepcopy(document)
    for place in places(document):
        assert exists(document, place), place
    assert document == before


def places(document: dict[str, Any]) -> list[str]:
    """Return the places that the conversation, or the error, says it is about."""
    try:
        found = read_conversation(document, Params(document, "drop", "A"))
    except InvalidRequest as error:
        return [error.param or "nowhere", *re.findall(r"^`(.*?)`", error.message)]
    parts = [part for turn in found.turns for part in turn.parts]
    assert all(part.text for part in parts if isinstance(part, TextPart))
    things = (*found.turns, *parts, *found.system, *found.tools)
    return [thing.path for thing in things]
