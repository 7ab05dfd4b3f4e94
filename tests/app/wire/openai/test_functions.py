"""Functions of the deprecated form, asked for and answered by providers that know tools."""

import json
from typing import Any

import msgspec
import pytest

from app.domain.errors import InvalidRequest
from app.wire.format import AnswerHead, Asked
from tests.golden import compatible_answers
from tests.golden import compatible_cases as cases
from tests.golden.openai_cases import fold

FUNCTION = {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}
CALL = {"name": "get_weather", "arguments": '{"city":"Paris"}'}
MESSAGES = [
    {"role": "user", "content": "How warm is it?"},
    {"role": "assistant", "content": None, "function_call": CALL},
    {"role": "function", "name": "get_weather", "content": "21"},
]


def _ask(kind: str, **fields: Any) -> Asked:
    document = {"messages": MESSAGES, **fields}
    before = msgspec.json.encode(document)
    asked = cases.wire(kind).ask(cases.question(document, kind=kind))
    assert msgspec.json.encode(document) == before, "the caller's document was changed"
    return asked


def _body(kind: str, **fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(_ask(kind, **fields).content)
    return body


@pytest.mark.parametrize("kind", ["openai-compatible", "groq", "mistral", "vllm", "llama-cpp-python"])
def test_functions_are_sent_as_tools(kind: str) -> None:
    body = _body(kind, functions=[FUNCTION], function_call="auto")
    assert body["tools"] == [{"type": "function", "function": FUNCTION}]
    assert body["tool_choice"] == "auto"
    _, called, result = body["messages"]
    (call,) = called["tool_calls"]
    assert (call["type"], call["function"]) == ("function", CALL)
    assert (result["role"], result["content"]) == ("tool", "21")
    assert result["tool_call_id"] == call["id"]
    assert "function_call" not in called
    assert not {"functions", "function_call"} & set(body)


def test_a_named_function_is_a_named_tool() -> None:
    body = _body("vllm", functions=[FUNCTION], function_call={"name": "get_weather"})
    assert body["tool_choice"] == {"type": "function", "function": {"name": "get_weather"}}


def test_a_choice_among_no_functions_is_none() -> None:
    assert not {"tool_choice", "function_call"} & set(_body("vllm", function_call="auto"))


def test_turns_of_the_deprecated_form_are_turned_without_functions_too() -> None:
    assert [message["role"] for message in _body("vllm")["messages"]] == ["user", "assistant", "tool"]


def test_a_result_without_a_call_is_an_error() -> None:
    with pytest.raises(InvalidRequest) as caught:
        _ask("vllm", messages=[MESSAGES[0], MESSAGES[2]])
    assert caught.value.param == "messages[1]"


def test_who_knows_no_tools_is_asked_for_no_functions() -> None:
    with pytest.raises(InvalidRequest) as caught:
        _ask("perplexity", messages=MESSAGES[:1], functions=[FUNCTION])
    assert caught.value.param == "functions"


def test_openai_is_sent_functions_as_they_came() -> None:
    body = _body("openai", functions=[FUNCTION])
    assert (body["functions"], body["messages"]) == ([FUNCTION], MESSAGES)


def _answer(kind: str, pieces: list[bytes], media_type: str, **fields: Any) -> dict[str, Any]:
    body = _ask(kind, **fields).read(AnswerHead(media_type=media_type))
    events = [event for piece in pieces for event in body.feed(piece)]
    events += body.close()
    choice: dict[str, Any] = fold(events)["choices"][0]
    return choice


@pytest.mark.parametrize(
    "kind", ["openai-compatible", "groq", "mistral", "vllm", "ollama", "llama-cpp-python"]
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_call_is_answered_as_a_function_call(kind: str, stream: bool) -> None:
    whole = json.dumps(compatible_answers.whole(kind)).encode()
    pieces = [bytes([byte]) for byte in compatible_answers.stream(kind)] if stream else [whole]
    media_type = "text/event-stream" if stream else "application/json"
    choice = _answer(kind, pieces, media_type, functions=[FUNCTION])
    assert choice["finish_reason"] == "function_call"
    assert choice["message"]["function_call"] == CALL
    assert "tool_calls" not in choice["message"]
    choice = _answer(kind, pieces, media_type, tools=[{"type": "function", "function": FUNCTION}])
    assert choice["finish_reason"] == "tool_calls"
    assert "function_call" not in choice["message"]


def test_a_second_call_stays_a_call_and_a_text_stays_a_text() -> None:
    two = compatible_answers.Said(more=(("get_time", "{}"),))
    pieces = [json.dumps(compatible_answers.whole("vllm", two)).encode()]
    message = _answer("vllm", pieces, "application/json", functions=[FUNCTION])["message"]
    assert message["function_call"] == CALL
    assert [call["function"]["name"] for call in message["tool_calls"]] == ["get_time"]
    none = compatible_answers.Said(function="")
    pieces = [json.dumps(compatible_answers.whole("vllm", none)).encode()]
    choice = _answer("vllm", pieces, "application/json", functions=[FUNCTION])
    assert (choice["finish_reason"], choice["message"]["content"]) == ("stop", compatible_answers.TEXT)
