from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.cohere.messages import messages_of
from app.wire.conversation_reader import read_conversation
from app.wire.params import Params
from tests.conversations import PNG, data_url
from tests.emulators.cohere_rules import faults

THINKS = Abilities(thinking="budget")
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
SAID_CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "r"}
USER = {"role": "user", "content": "hi"}


def said(*messages: dict[str, Any], abilities: Abilities = THINKS) -> list[dict[str, Any]]:
    """Return the messages as Cohere gets them; no rule may be broken."""
    document = {"model": "m", "messages": list(messages)}
    conversation = read_conversation(document, Params(document, "drop", "Cohere's m"))
    found = messages_of(conversation, abilities, "Cohere's m")
    assert faults({"model": "m", "messages": found}) == []
    return found


def refusal(*messages: dict[str, Any], abilities: Abilities = THINKS) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        said(*messages, abilities=abilities)
    return caught.value


def image(url: str, **more: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def test_instructions_are_one_system_message_and_later_ones_stay_where_they_are() -> None:
    assert said(
        {"role": "developer", "content": "a"},
        {"role": "system", "content": [text("b"), text("")]},
        USER,
        {"role": "system", "content": "c"},
    ) == [
        {"role": "system", "content": [text("a"), text("b")]},
        {"role": "user", "content": "hi"},
        {"role": "system", "content": "c"},
    ]


def test_names_are_not_said() -> None:
    assert said({**USER, "name": "eve"}) == [USER]


def test_images_go_by_url_or_by_their_bytes() -> None:
    url = data_url("image/png", PNG)
    parts = [text("what"), image("https://x/y.png", detail="original"), image(url, detail="low"), image(url)]
    assert said({"role": "user", "content": parts})[0]["content"] == [
        text("what"),
        image("https://x/y.png", detail="high"),
        image(url, detail="low"),
        image(url),
    ]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "file", "file": {"file_id": "f"}},
        {"type": "something", "new": 1},
        image("gs://bucket/y.png"),
    ],
)
def test_other_parts_are_refused_by_their_place(part: dict[str, Any]) -> None:
    error = refusal({"role": "user", "content": [text("a"), part]})
    assert (error.status, error.param) == (400, "messages[0].content[1]")
    assert error.code == "unsupported_parameter"


def test_an_image_is_refused_for_a_model_that_sees_none() -> None:
    user = {"role": "user", "content": [image("https://x/y.png")]}
    assert refusal(user, abilities=Abilities(vision=False)).param == "messages[0].content[0]"


def test_calls_and_their_results_go_back() -> None:
    assert said(USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}, RESULT)[1:] == [
        {"role": "assistant", "tool_calls": [SAID_CALL]},
        RESULT,
    ]


def test_words_beside_calls_stay() -> None:
    assert said(USER, {"role": "assistant", "content": "hm", "tool_calls": [CALL]}, RESULT)[1] == {
        "role": "assistant",
        "tool_calls": [SAID_CALL],
        "content": "hm",
    }


def test_thoughts_go_back_before_what_was_said() -> None:
    answer = {"role": "assistant", "content": "b", "reasoning_content": "a"}
    content = [{"type": "thinking", "thinking": "a"}, text("b")]
    assert said(USER, answer, USER)[1] == {"role": "assistant", "content": content}


def test_thoughts_that_came_in_blocks_go_back_in_blocks() -> None:
    blocks = [{"type": "thinking", "thinking": "a"}, {"type": "redacted_thinking", "data": "x"}]
    answer = {"role": "assistant", "content": "b", "reasoning_content": "z", "thinking_blocks": blocks}
    assert said(USER, answer)[1]["content"] == [{"type": "thinking", "thinking": "a"}, text("b")]


@pytest.mark.parametrize(
    ("abilities", "key", "value"),
    [
        (Abilities(), "tool_plan", "p"),
        (THINKS, "content", [{"type": "thinking", "thinking": "p"}]),
    ],
)
def test_a_thought_before_calls_is_a_plan_to_a_model_that_does_not_think(
    abilities: Abilities, key: str, value: Any
) -> None:
    answer = {"role": "assistant", "reasoning_content": "p", "tool_calls": [CALL]}
    assert said(USER, answer, RESULT, abilities=abilities)[1] == {
        "role": "assistant",
        "tool_calls": [SAID_CALL],
        key: value,
    }


def test_a_plan_by_coheres_name_goes_back_under_it() -> None:
    answer = {"role": "assistant", "tool_plan": "p", "tool_calls": [CALL]}
    assert said(USER, answer, RESULT)[1]["tool_plan"] == "p"


def test_citations_go_back_if_they_are_coheres() -> None:
    cited = {
        "start": 0,
        "end": 1,
        "text": "b",
        "sources": [{"type": "tool", "id": "c1:0", "tool_output": {}}],
    }
    answer = {
        "role": "assistant",
        "content": "b",
        "citations": [{**cited, "ours": 1}, "https://x", {"start": 1}],
    }
    assert said(USER, answer)[1]["citations"] == [cited]


def test_a_result_may_be_texts_and_documents_to_cite_from() -> None:
    paper = {"type": "document", "document": {"data": {"t": "x"}, "id": "d", "more": 1}}
    result = {**RESULT, "content": [text("a"), paper]}
    assert said(USER, {"role": "assistant", "tool_calls": [CALL]}, result)[2]["content"] == [
        text("a"),
        {"type": "document", "document": {"data": {"t": "x"}, "id": "d"}},
    ]


def test_an_empty_result_is_an_empty_text() -> None:
    result = {**RESULT, "content": ""}
    assert said(USER, {"role": "assistant", "tool_calls": [CALL]}, result)[2] == result


def test_a_result_that_is_an_image_is_refused() -> None:
    result = {**RESULT, "content": [image("https://x/y.png")]}
    error = refusal(USER, {"role": "assistant", "tool_calls": [CALL]}, result)
    assert error.param == "messages[2].content[0]"


def test_turns_that_say_nothing_are_left_out() -> None:
    nothing = {"role": "assistant", "content": ""}
    assert said({"role": "user", "content": ""}, nothing, {"role": "system", "content": ""}, USER) == [USER]


def test_a_conversation_without_a_word_is_refused() -> None:
    assert refusal({"role": "user", "content": ""}).param == "messages"
