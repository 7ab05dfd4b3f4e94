"""An answer in JSON by the call of a tool, alike in every format that needs it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.domain.abilities import Abilities
from app.wire.answer_tool import AnswerTool, answer_tool
from app.wire.anthropic.format import AnthropicFormat
from app.wire.bedrock.format import BedrockFormat
from app.wire.cohere.format import CohereFormat
from app.wire.conversation import AnswerFormat
from app.wire.format import AnswerHead, Format, Question
from app.wire.gemini.format import GeminiFormat
from tests.emulators import anthropic_events, cohere_events
from tests.event_streams import stream
from tests.golden.openai_cases import fold

Json = dict[str, Any]
NODE = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
ROOTS: dict[str, tuple[Json, Any, Any, bool]] = {
    "object": (NODE, {"a": 1}, {"a": "x"}, False),
    "array": ({"type": "array", "items": {"type": "string"}}, ["x", "é"], "x", True),
    "any_of": ({"anyOf": [{"type": "string"}, {"type": "number"}]}, 1.5, True, True),
    "reference": ({"$ref": "#/$defs/n", "$defs": {"n": NODE}}, {"a": 1}, {}, True),
    "recursive": ({"type": "array", "items": {"$ref": "#"}}, [[], [[]]], [1], True),
    "nullable": ({"type": ["object", "null"]}, None, 1, True),
    "composed": ({"type": "object", "oneOf": [NODE, {"required": ["b"]}]}, {"a": 1}, {}, True),
}
"""Schema of an answer, one that is valid, one that is not, and whether it is wrapped."""


def _anthropic(call: Json) -> tuple[Json, bytes]:
    block = {"type": "tool_use", "id": "c", "name": call["name"], "input": call["arguments"]}
    whole = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [block],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    return whole, anthropic_events.stream_bytes(whole)


def _bedrock(call: Json) -> tuple[Json, bytes]:
    use = {"toolUseId": "c", "name": call["name"]}
    content = [{"toolUse": {**use, "input": call["arguments"]}}]
    text = json.dumps(call["arguments"], separators=(",", ":"))
    deltas: list[Json] = [{"contentBlockIndex": 0, "delta": {"toolUse": {"input": piece}}} for piece in text]
    events: list[dict[str, Json]] = [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockStart": {"contentBlockIndex": 0, "start": {"toolUse": use}}},
        *({"contentBlockDelta": delta} for delta in deltas),
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "tool_use"}},
    ]
    message = {"role": "assistant", "content": content}
    return {"output": {"message": message}, "stopReason": "tool_use"}, stream(events)


def _gemini(call: Json) -> tuple[Json, bytes]:
    part = {"functionCall": {"name": call["name"], "args": call["arguments"]}}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}
    whole = {"candidates": [candidate], "responseId": "r", "modelVersion": "m"}
    return whole, b"data: %b\r\n\r\n" % json.dumps(whole).encode()


def _cohere(call: Json) -> tuple[Json, bytes]:
    text = json.dumps(call["arguments"], separators=(",", ":"))
    calls = [{"id": "c", "type": "function", "function": {"name": call["name"], "arguments": text}}]
    message = {"role": "assistant", "tool_calls": calls}
    whole = {"id": "m", "message": message, "finish_reason": "TOOL_CALL", "usage": {}}
    return whole, cohere_events.stream_bytes(whole)


FORMATS: dict[
    str, tuple[Format, str, Callable[[Json], tuple[Json, bytes]], Callable[[Json], tuple[str, Json]]]
]
FORMATS = {
    "anthropic": (
        AnthropicFormat(),
        "text/event-stream",
        _anthropic,
        lambda body: (body["tools"][-1]["name"], body["tools"][-1]["input_schema"]),
    ),
    "bedrock": (
        BedrockFormat(lambda: 0.0),
        "application/vnd.amazon.eventstream",
        _bedrock,
        lambda body: (
            body["toolConfig"]["tools"][-1]["toolSpec"]["name"],
            body["toolConfig"]["tools"][-1]["toolSpec"]["inputSchema"]["json"],
        ),
    ),
    "gemini": (
        GeminiFormat(),
        "text/event-stream",
        _gemini,
        lambda body: (
            body["tools"][0]["functionDeclarations"][-1]["name"],
            body["tools"][0]["functionDeclarations"][-1]["parametersJsonSchema"],
        ),
    ),
    "cohere": (
        CohereFormat(),
        "text/event-stream",
        _cohere,
        lambda body: (
            body["tools"][-1]["function"]["name"],
            body["tools"][-1]["function"]["parameters"],
        ),
    ),
}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gets_an_answer_of_any_root_by_a_tool(name: str, root: str, streamed: bool) -> None:
    wire, media_type, answered, tool_of = FORMATS[name]
    schema, answer, wrong, is_wrapped = ROOTS[root]
    question = Question(
        document={
            "model": "m",
            "messages": [{"role": "user", "content": "Go"}],
            "tools": [{"type": "function", "function": {"name": "json_output"}}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}},
            "stream": streamed,
        },
        model="anthropic.m",
        stream=streamed,
        abilities=Abilities(structured_output="tool", structured_output_with_tools=False),
    )
    asked = wire.ask(question)
    tool_name, parameters = tool_of(json.loads(asked.content))
    assert tool_name == "json_output_"
    assert parameters["type"] == "object"
    wrap = (lambda value: {"value": value}) if is_wrapped else (lambda value: value)
    validator = Draft202012Validator(parameters)
    assert validator.is_valid(wrap(answer))
    assert not validator.is_valid(wrap(wrong))

    whole, pieces = answered({"name": tool_name, "arguments": wrap(answer)})
    body = asked.read(AnswerHead(media_type=media_type if streamed else "application/json"))
    events = [*body.feed(pieces if streamed else json.dumps(whole).encode()), *body.close()]
    choice = fold(events)["choices"][0]
    assert json.loads(choice["message"]["content"]) == answer
    assert "tool_calls" not in choice["message"]
    assert choice["finish_reason"] == "stop"


def test_the_tool_has_a_name_that_no_other_has() -> None:
    assert answer_tool(AnswerFormat(), ()).name == "json_output"
    assert answer_tool(AnswerFormat(), {"json_output", "json_output_"}).name == "json_output__"


def test_the_description_is_the_callers_behind_ours() -> None:
    plain = answer_tool(AnswerFormat(), ())
    assert answer_tool(AnswerFormat(description="A city."), ()).description == f"{plain.description} A city."
    assert "`json_output`" in plain.instruction


@pytest.mark.parametrize("schema", [None, {}])
def test_without_a_schema_any_object_is_an_answer(schema: Json | None) -> None:
    tool = answer_tool(AnswerFormat(schema=schema), ())
    assert (tool.schema, tool.is_wrapped) == ({"type": "object"}, False)


def test_references_follow_what_they_point_to() -> None:
    schema = {
        "type": "array",
        "prefixItems": [{"$ref": "#/$defs/n"}, {"type": "null"}],
        "items": {"$ref": "#/prefixItems/1"},
        "not": {"$ref": "https://example.org/n"},
        "$defs": {"n": {"anyOf": [{"$ref": "#"}, {"$ref": "#n"}]}},
    }
    assert answer_tool(AnswerFormat(schema=schema), ()).schema == {
        "type": "object",
        "properties": {
            "value": {
                "type": "array",
                "prefixItems": [{"$ref": "#/$defs/n"}, {"type": "null"}],
                "items": {"$ref": "#/properties/value/prefixItems/1"},
                "not": {"$ref": "https://example.org/n"},
            }
        },
        "required": ["value"],
        "$defs": {"n": {"anyOf": [{"$ref": "#/properties/value"}, {"$ref": "#n"}]}},
    }


@pytest.mark.parametrize("arguments", ["", '{"valu', "[1]", '{"other":1}', "[" * 100_000])
def test_an_answer_that_is_not_wrapped_as_it_should_be_stays(arguments: str) -> None:
    assert AnswerTool("a", is_wrapped=True).answer(arguments) == arguments


def test_an_answer_comes_out_of_its_wrapping() -> None:
    assert AnswerTool("a", is_wrapped=True).answer('{"value": [1, "é"]}') == '[1,"é"]'
    assert AnswerTool("a").answer('{"value": 1}') == '{"value": 1}'
