"""Documents of OpenAI's as messages of the GenAI conventions, case by case."""

import json
from typing import Any

import pytest

from app.wire.genai import input_messages, output_messages, tool_definitions, without_instructions


def said(content: Any, role: str = "user", **more: Any) -> list[dict[str, Any]]:
    (message,) = input_messages({"messages": [{"role": role, "content": content, **more}]})
    assert message["role"] == role
    parts: list[dict[str, Any]] = message["parts"]
    return parts


def test_a_conversation_is_roles_and_parts() -> None:
    document = {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "you"}]},
            {"role": "assistant", "content": "", "reasoning_content": "Hm."},
        ]
    }
    assert input_messages(document) == [
        {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
        {"role": "user", "parts": [{"type": "text", "content": one} for one in ("Hi", "you")]},
        {"role": "assistant", "parts": [{"type": "reasoning", "content": "Hm."}]},
    ]


def test_tools_are_called_with_decoded_arguments_and_answer() -> None:
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":[1]}'}},
        {"id": "c2", "type": "function", "function": {"name": "g", "arguments": '{"a":'}},
        {"id": "c3", "type": "custom", "custom": {"name": "h", "input": "{}"}},
    ]
    assert said(None, "assistant", tool_calls=calls, function_call={"name": "i", "arguments": "{}"}) == [
        {"type": "tool_call", "id": "c1", "name": "f", "arguments": {"a": [1]}},
        {"type": "tool_call", "id": "c2", "name": "g", "arguments": '{"a":'},
        {"type": "tool_call", "id": "c3", "name": "h", "arguments": "{}"},
        {"type": "tool_call", "name": "i", "arguments": {}},
    ]
    assert said("42", "tool", tool_call_id="c1") == [
        {"type": "tool_call_response", "id": "c1", "response": "42"}
    ]
    assert said([{"type": "text", "text": "42"}], "tool")[0]["response"] == [
        {"type": "text", "content": "42"}
    ]


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAABBBB"}},
            {
                "type": "blob",
                "modality": "image",
                "mime_type": "image/png",
                "content": "",
                "base64_length": 8,
            },
        ),
        (
            {"type": "image_url", "image_url": {"url": "https://u:p@host.example/a.png?sig=secret#x"}},
            {"type": "uri", "modality": "image", "uri": "https://host.example/a.png"},
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
            {
                "type": "blob",
                "modality": "audio",
                "mime_type": "audio/wav",
                "content": "",
                "base64_length": 4,
            },
        ),
        (
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "file", "modality": "document", "file_id": "file-1"},
        ),
        (
            {"type": "file", "file": {"file_data": "QUJD", "filename": "alice.pdf"}},
            {"type": "blob", "modality": "document", "content": "", "base64_length": 4},
        ),
        ({"type": "refusal", "refusal": "No."}, {"type": "refusal", "content": "No."}),
        ({"type": "thinking", "thinking": "Hm.", "signature": "s"}, {"type": "reasoning", "content": "Hm."}),
        ({"type": "strange", "strange": {"text": "what"}}, {"type": "strange"}),
        ({"type": ["odd"]}, {"type": "other"}),
        ({"type": "image_url", "image_url": {"url": "https://[broken"}}, None),
    ],
    ids=lambda one: str(one.get("type")) if isinstance(one, dict) else "",
)
def test_a_part_of_each_kind(part: dict[str, Any], shown: dict[str, Any] | None) -> None:
    (told,) = said([part])
    assert told == (shown or {"type": "blob", "modality": "image", "content": "", "base64_length": 15})


def test_instructions_stand_apart_where_the_provider_takes_them_so() -> None:
    roles = ("system", "developer", "user", "system")
    messages = input_messages({"messages": [{"role": role, "content": role} for role in roles]})
    instructions, rest = without_instructions(messages)
    assert instructions == [{"type": "text", "content": role} for role in ("system", "developer")]
    assert [one["role"] for one in rest] == ["user", "system"]
    assert without_instructions(messages[:1]) == (instructions[:1], [])


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("Once", [{"type": "text", "content": "Once"}]),
        (["a", "b"], [{"type": "text", "content": "a"}, {"type": "text", "content": "b"}]),
        ([1, 2, 3], [{"type": "tokens"}]),
        ([[1], [2]], [{"type": "tokens"}]),
    ],
    ids=["a text", "texts", "tokens", "lists of tokens"],
)
def test_what_a_completion_goes_on_with(prompt: Any, shown: list[dict[str, Any]]) -> None:
    assert input_messages({"prompt": prompt}) == [{"role": "user", "parts": [part]} for part in shown]


def test_tools_are_flat() -> None:
    function = {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True}
    flat = {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}}
    custom = {"type": "custom", "custom": {"name": "g"}}
    offered = {"tools": [{"type": "function", "function": function}, custom], "functions": [function]}
    assert tool_definitions(offered) == [flat, {"type": "custom", "name": "g"}, flat]


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("stop", "stop"),
        ("tool_calls", "tool_call"),
        ("content_filter", "content_filter"),
        ("a word of its own", "other"),
        (None, "error"),
    ],
)
def test_how_a_choice_ended(reason: str | None, shown: str) -> None:
    choice = {"message": {"role": "assistant", "content": "Hi"}, "finish_reason": reason}
    assert output_messages({"choices": [choice]}) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "Hi"}], "finish_reason": shown}
    ]


def test_other_answers() -> None:
    spoken = {"message": {"refusal": "No.", "audio": {"data": "AA", "transcript": "Hi"}}}
    first, second = output_messages({"choices": [spoken, {"text": "upon a time", "finish_reason": "length"}]})
    assert [part["type"] for part in first["parts"]] == ["refusal", "blob", "text"]
    assert (second["parts"], second["finish_reason"]) == (
        [{"type": "text", "content": "upon a time"}],
        "length",
    )


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"messages": "x"},
        {"messages": [1, {"role": 2}, {"content": [3, "x"]}]},
        {"tools": [{"type": 1}, 2], "functions": 3},
        {"messages": [{"role": "assistant", "tool_calls": [{"function": 1}, 2], "content": 5}]},
        {"prompt": None},
        {"choices": [{"message": None}, 3]},
        {"choices": 1},
    ],
    ids=json.dumps,
)
def test_documents_of_any_shape_are_borne(document: dict[str, Any]) -> None:
    shown = [input_messages(document), tool_definitions(document), output_messages(document)]
    assert json.loads(json.dumps(shown)) == shown
