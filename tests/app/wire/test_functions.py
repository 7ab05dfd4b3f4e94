"""The deprecated `functions`: who asks with them gets a `function_call` from every native format."""

import json
from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.wire.anthropic.format import AnthropicFormat
from app.wire.bedrock.format import BedrockFormat
from app.wire.cohere.format import CohereFormat
from app.wire.format import AnswerHead, Format, Question
from app.wire.gemini.format import GeminiFormat
from tests.golden.openai_cases import fold

_USE = {"id": "c", "name": "f", "input": {"a": 1}}
_CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
_PART = {"functionCall": {"name": "f", "args": {"a": 1}}}
ANSWERS: list[tuple[Format, Any]] = [
    (
        AnthropicFormat(),
        {"id": "m", "model": "m", "content": [{"type": "tool_use", **_USE}], "stop_reason": "tool_use"},
    ),
    (
        BedrockFormat(lambda: 0.0),
        {
            "output": {
                "message": {
                    "role": "assistant",
                    "content": [{"toolUse": {"toolUseId": "c", "name": "f", "input": {"a": 1}}}],
                }
            },
            "stopReason": "tool_use",
        },
    ),
    (CohereFormat(), {"id": "m", "message": {"tool_calls": [_CALL]}, "finish_reason": "TOOL_CALL"}),
    (GeminiFormat(), {"candidates": [{"content": {"parts": [_PART]}, "finishReason": "STOP"}]}),
]


def choice(form: Format, answer: Any, **document: Any) -> Any:
    """Return the choice that an answer becomes."""
    whole = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **document}
    question = Question(document=whole, model="m", stream=False, abilities=Abilities())
    body = form.ask(question).read(AnswerHead(media_type="application/json", request_id="r"))
    events = [*body.feed(json.dumps(answer).encode()), *body.close()]
    return fold(events)["choices"][0]


@pytest.mark.parametrize(("form", "answer"), ANSWERS)
def test_who_asks_with_functions_gets_a_function_call(form: Format, answer: Any) -> None:
    found = choice(form, answer, functions=[{"name": "f"}])
    assert found["message"]["function_call"] == {"name": "f", "arguments": '{"a":1}'}
    assert "tool_calls" not in found["message"]
    assert found["finish_reason"] == "function_call"


@pytest.mark.parametrize(("form", "answer"), ANSWERS)
def test_who_asks_with_tools_gets_tool_calls(form: Format, answer: Any) -> None:
    found = choice(form, answer, tools=[{"type": "function", "function": {"name": "f"}}])
    assert "function_call" not in found["message"]
    assert found["message"]["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a":1}'}
    assert found["finish_reason"] == "tool_calls"
