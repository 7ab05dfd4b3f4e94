"""Turns as messages: results together and first, ids the vendor takes, thoughts in their place."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.anthropic.blocks import BlockWriter
from app.wire.anthropic.turns import MessageWriter
from app.wire.conversation_reader import read_conversation
from app.wire.params import Params

USER = {"role": "user", "content": "Hello"}


def call(call_id: str, name: str = "f") -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": "{}"}}


def calls(*call_ids: str, **fields: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": [call(name) for name in call_ids], **fields}


def result(call_id: str, content: Any = "done") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def write(*messages: dict[str, Any], system_in_turns: bool = False) -> MessageWriter:
    talk = read_conversation({"messages": list(messages)}, Params({}, "drop", "a test"))
    blocks = BlockWriter("a test", Abilities(), fetches=True)
    writer = MessageWriter(blocks, system_in_turns=system_in_turns)
    writer.write(talk.system, talk.turns)
    return writer


def outline(writer: MessageWriter) -> list[tuple[str, list[str]]]:
    return [(said["role"], [block["type"] for block in said["content"]]) for said in writer.messages]


def test_results_and_what_the_user_says_then_are_one_message_results_first() -> None:
    written = write(USER, calls("a", "b"), result("b"), result("a"), USER, USER)
    assert outline(written) == [
        ("user", ["text"]),
        ("assistant", ["tool_use", "tool_use"]),
        ("user", ["tool_result", "tool_result", "text", "text"]),
    ]
    assert [block.get("tool_use_id") for block in written.messages[2]["content"][:2]] == ["b", "a"]


def test_two_calls_of_a_turn_have_two_ids() -> None:
    with pytest.raises(InvalidRequest) as caught:
        write(USER, calls("a", "a"), result("a"), result("a"))
    assert caught.value.param == "messages[1].tool_calls[1].id"


@given(st.lists(st.text(max_size=6), min_size=1, max_size=4, unique=True))
def test_every_id_becomes_one_the_vendor_takes_and_finds_its_result(ids: list[str]) -> None:
    rounds = [calls(*ids), *map(result, ids)]
    written = write(USER, *rounds, *rounds).messages
    used = [block["id"] for said in (written[1], written[3]) for block in said["content"]]
    answered = [block["tool_use_id"] for said in (written[2], written[4]) for block in said["content"]]
    assert used == answered
    assert len(set(used)) == 2 * len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", name) for name in used)
    assert written == write(USER, *rounds, *rounds).messages


def test_an_id_the_vendor_takes_is_kept() -> None:
    assert write(USER, calls("toolu_0-A"), result("toolu_0-A")).messages[1]["content"][0]["id"] == "toolu_0-A"


def test_instructions_in_between_are_hoisted_or_wait_for_the_results() -> None:
    late = {"role": "system", "content": "Now in French."}
    messages = (late, USER, calls("a"), late, result("a"), USER)
    assert [block["text"] for block in write(*messages).system] == ["Now in French.", "Now in French."]
    assert outline(write(*messages, system_in_turns=True)) == [
        ("user", ["text"]),
        ("assistant", ["tool_use"]),
        ("user", ["tool_result"]),
        ("system", ["text"]),
        ("user", ["text"]),
    ]


def test_signed_thoughts_come_first_and_as_they_were() -> None:
    thought = {"type": "thinking", "thinking": "", "signature": "c2ln"}
    secret = {"type": "redacted_thinking", "data": "ZGF0YQ=="}
    unsigned = [{"type": "thinking", "thinking": "b"}, {"type": "thinking", "thinking": "c", "signature": ""}]
    blocks = [{**thought, "index": 0}, {**secret, "index": 1}, *unsigned, {"type": "other"}, {"type": ["x"]}]
    written = write(USER, calls("a", thinking_blocks=blocks, content="So"), result("a"))
    assert written.messages[1]["content"][:3] == [thought, secret, {"type": "text", "text": "So"}]


def test_blocks_we_gave_out_are_what_the_model_said() -> None:
    thought = {"type": "thinking", "thinking": "a", "signature": "c2ln"}
    blocks = [
        {**thought, "index": 0},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}, "index": 1},
        {"type": "text", "text": " "},
        {"type": "tool_use", "id": "a", "name": "f", "input": {}},
        {"type": ["x"]},
        7,
    ]
    written = write(USER, calls("a", content_blocks=blocks, content="not this"), result("a"))
    assert [block["type"] for block in written.messages[1]["content"]] == [
        "thinking",
        "server_tool_use",
        ["x"],
        "tool_use",
    ]
    assert not any("index" in block for block in written.messages[1]["content"])


def test_empty_texts_and_turns_are_left_out() -> None:
    empty = {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": " \n"}]}
    assert outline(write(USER, {"role": "assistant", "content": ""}, empty, USER)) == [
        ("user", ["text", "text"])
    ]


def test_an_answer_that_has_begun_does_not_end_in_white_space() -> None:
    written = write(USER, {"role": "assistant", "content": "The answer is: \n"})
    assert written.messages[-1]["content"] == [{"type": "text", "text": "The answer is:"}]


def test_a_conversation_begins_with_the_user() -> None:
    assert outline(write({"role": "assistant", "content": "Hi"}, USER))[0] == ("user", ["text"])
    written = write({"role": "system", "content": "Tell a joke."})
    assert (written.system, outline(written)) == ([], [("user", ["text"])])
    with pytest.raises(InvalidRequest) as caught:
        write({"role": "user", "content": " "})
    assert caught.value.param == "messages"


def test_a_result_is_a_text_or_blocks_or_nothing() -> None:
    texts = [
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "b"},
    ]
    written = write(
        USER, calls("a", "b", "c"), result("a"), result("b", texts), {**result("c", ""), "is_error": True}
    )
    plain, blocks, nothing = written.messages[2]["content"]
    assert plain == {"type": "tool_result", "tool_use_id": "a", "content": "done"}
    assert blocks["content"] == texts
    assert nothing == {"type": "tool_result", "tool_use_id": "c", "is_error": True}
