import copy
from typing import Any

import pytest
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from cohere.types import ChatMessageV2
from mistralai.client.models import ChatCompletionRequest
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

from tests.oracles import checker, violations

GOOD: dict[str, Any] = {
    "model": "claude-opus-4-8",
    "max_tokens": 16,
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "hi"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}},
            ],
        }
    ],
    "tools": [{"name": "f", "input_schema": {"type": "object", "properties": {}, "x-ours": 1}}],
}


def spoiled(place: list[Any], value: Any) -> dict[str, Any]:
    body = copy.deepcopy(GOOD)
    inner: Any = body
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return body


def test_a_good_body_passes() -> None:
    assert violations(checker(MessageCreateParamsNonStreaming), GOOD) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["max_completion_tokens"], 5),
        (["messages", 0, "name"], "n"),
        (["messages", 0, "content", 0, "text"], 5),
        (["messages", 0, "content", 0, "detail"], "low"),
        (["messages", 0, "content", 1, "source", "media_type"], "image/bmp"),
        (["messages", 0, "content", 1, "source", "url"], "x"),
        (["messages", 0, "role"], "tool"),
        (["max_tokens"], "16"),
        (["tools", 0, "parameters"], {}),
    ],
)
def test_what_does_not_belong_is_found(place: list[Any], value: Any) -> None:
    assert len(violations(checker(MessageCreateParamsNonStreaming), spoiled(place, value))) == 1


def test_a_missing_field_is_named() -> None:
    body = {key: value for key, value in GOOD.items() if key != "max_tokens"}
    (found,) = violations(checker(MessageCreateParamsNonStreaming), body)
    assert "max_tokens" in found


def test_a_fault_is_named_by_its_path() -> None:
    (found,) = violations(checker(MessageCreateParamsNonStreaming), spoiled(["max_tokens"], "16"))
    assert found.startswith("$.max_tokens: ")


def test_openai_s_request_is_closed_as_well() -> None:
    check = checker(CompletionCreateParamsNonStreaming)
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    assert violations(check, body) == []
    assert len(violations(check, {**body, "top_k": 1})) == 1


def test_models_that_are_declared_open_are_closed_unless_wished_otherwise() -> None:
    message = {"role": "user", "content": "hi", "name": "n"}
    assert violations(checker(ChatMessageV2), message) != []
    assert violations(checker(ChatMessageV2, close_open=False), message) == []
    del message["name"]
    assert violations(checker(ChatMessageV2), message) == []


def test_answers_may_be_held_against_their_models() -> None:
    answer = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {"index": 0, "finish_reason": "stop", "logprobs": None, "message": {"role": "assistant"}},
        ],
    }
    message = answer["choices"][0]["message"]  # type: ignore[index]
    message.update({"content": "hi", "refusal": None})
    assert violations(checker(ChatCompletion), answer) == []
    message["reasoning_content"] = "hm"
    assert violations(checker(ChatCompletion, close_open=False), answer) == []
    assert violations(checker(ChatCompletion), answer) != []


def test_mistral_s_request_has_a_schema() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    assert violations(checker(ChatCompletionRequest), body) == []
    assert violations(checker(ChatCompletionRequest), {**body, "max_completion_tokens": 1}) != []


def test_a_checker_is_made_once() -> None:
    assert checker(ChatCompletion) is checker(ChatCompletion)
