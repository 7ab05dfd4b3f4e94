import json
import time
from typing import Any

import pytest
from openai.types.chat import completion_create_params

from app.domain.errors import InvalidRequest
from app.domain.model_request import ModelRequest
from app.wire.openai.request import Limits, decode, encode
from app.wire.openai.shapes import Request

USER = {"role": "user", "content": "hi"}
LIMITS = Limits(max_messages=100, max_depth=16)


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "@a/m", "messages": [USER], **fields}).encode()


def refused(data: bytes) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        decode(data, LIMITS)
    assert caught.value.status == 400
    assert caught.value.type == "invalid_request_error"
    return caught.value


FULL: dict[str, Any] = {
    "messages": [
        {"role": "developer", "content": [{"type": "text", "text": "d"}], "name": "n"},
        {"role": "system", "content": "s"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "t", "cache_control": {"type": "ephemeral"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA", "detail": "low"}},
                {"type": "image_url", "image_url": "https://a.example/b.png"},
                {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
                {"type": "file", "file": {"file_id": "f"}},
                {"type": "video_url", "video_url": {"url": "u"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "tool_calls": [
                {
                    "id": "a",
                    "type": "function",
                    "function": {"name": "f", "arguments": "{}"},
                    "extra_content": {},
                },
                {"id": "b", "type": "custom", "custom": {"name": "c", "input": "i"}},
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "r"},
        {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}, "audio": {"id": "x"}},
        {"role": "function", "name": "f", "content": None},
    ],
    "audio": {"format": "wav", "voice": {"id": "v"}},
    "frequency_penalty": 1,
    "function_call": {"name": "f"},
    "functions": [{"name": "f"}],
    "logit_bias": {"50256": -100},
    "logprobs": True,
    "max_completion_tokens": 5,
    "max_tokens": None,
    "metadata": {"_user": "u"},
    "modalities": ["text", "audio"],
    "n": 2,
    "parallel_tool_calls": False,
    "prediction": {"type": "content", "content": [{"type": "text", "text": "p"}]},
    "presence_penalty": -0.5,
    "reasoning_effort": "xhigh",
    "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {}, "strict": True}},
    "seed": 2**70,
    "service_tier": "flex",
    "stop": ["a", "b"],
    "store": False,
    "stream": True,
    "stream_options": {"include_usage": True, "continuous_usage_stats": True},
    "temperature": 0.7,
    "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}},
    "tools": [
        {"type": "function", "function": {"name": "f", "parameters": {}, "strict": None}},
        {"type": "custom", "custom": {"name": "c", "format": {"type": "text"}}},
        {"type": "web_search"},
    ],
    "top_logprobs": 3,
    "top_p": 1,
    "user": "u",
    "verbosity": "low",
    "web_search_options": {},
    "chat_template_kwargs": {"enable_thinking": False},
}


def test_a_request_with_every_field_is_read_and_kept() -> None:
    request = decode(body(**FULL), LIMITS)
    assert request == ModelRequest(
        document={"model": "@a/m", **FULL}, model="@a/m", stream=True, include_usage=True
    )


def test_every_field_of_the_sdk_is_checked() -> None:
    documented = set(completion_create_params.CompletionCreateParamsBase.__annotations__)
    assert documented - set(Request.__struct_fields__) == set()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": 5}, "model"),
        ({"model": ""}, "model"),
        ({"model": None}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": None}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [USER, {"content": "x"}]}, "messages[1].role"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": 5, "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages[0].content[0].type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": 5}]}]},
            "messages[0].content[0].text",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages[0].content[0].image_url.url",
        ),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"id": "x", "function": {"name": "f"}}]}]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        ({"temperature": "hot"}, "temperature"),
        ({"n": 1.5}, "n"),
        ({"n": True}, "n"),
        ({"stream": "yes"}, "stream"),
        ({"stop": [1]}, "stop[0]"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"logit_bias": {"1": "x"}}, "logit_bias"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"tool_choice": 5}, "tool_choice"),
        ({"response_format": "json"}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format.json_schema.name"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"stream": False, "stream_options": {}}, "stream_options"),
        ({"stream": True, "stream_options": {"include_usage": 1}}, "stream_options.include_usage"),
    ],
)
def test_a_field_of_the_wrong_type_is_named_as_callers_write_it(fields: dict[str, Any], param: str) -> None:
    error = refused(body(**fields))
    assert error.param == param
    assert f"`{param}`" in error.message


@pytest.mark.parametrize("missing", ["model", "messages"])
def test_what_is_required_and_missing_is_named(missing: str) -> None:
    document = json.loads(body())
    del document[missing]
    error = refused(json.dumps(document).encode())
    assert (error.param, error.message) == (missing, f"`{missing}` is missing.")


def test_an_empty_body_says_what_is_expected() -> None:
    assert "`model` and `messages`" in refused(b"").message


@pytest.mark.parametrize(
    "fields",
    [
        {"messages": [{"role": "canary", "content": "x"}]},
        {"messages": [{"role": "user", "content": {"canary": 1}}]},
        {"metadata": {"canary": 5}},
        {"logit_bias": {"canary": "canary"}},
        {"temperature": "canary"},
        {"model": ["canary"]},
    ],
)
def test_content_is_never_repeated(fields: dict[str, Any]) -> None:
    assert "canary" not in str(refused(body(**fields)).body())


def test_stream_options_that_are_null_are_as_good_as_none() -> None:
    assert not decode(body(stream_options=None), LIMITS).include_usage


def test_too_many_messages_are_refused() -> None:
    assert decode(body(messages=[USER] * 100), LIMITS).model == "@a/m"
    error = refused(body(messages=[USER] * 101))
    assert (error.param, error.message) == ("messages", "At most 100 messages are accepted.")


def test_a_hundred_thousand_messages_are_refused_at_once() -> None:
    data = body(messages=[USER] * 100_000)
    started = time.process_time()
    assert refused(data).param == "messages"
    assert time.process_time() - started < 2  # about 0.1 s where nobody else is at work


def test_the_provider_gets_the_document_under_its_own_model() -> None:
    request = decode(body(**FULL), LIMITS)
    sent = encode(request, "m-1", stream_usage=False)
    assert json.loads(sent) == {**request.document, "model": "m-1"}
    assert list(json.loads(sent)) == list(request.document)


def test_numbers_are_sent_as_they_were_written() -> None:
    data = b'{"model":"x","messages":[{"role":"user","content":""}],"seed":12345678901234567890,"top_p":1.0}'
    assert encode(decode(data, LIMITS), "x", stream_usage=True) == data


def test_usage_is_asked_for_in_a_stream_beside_the_callers_options() -> None:
    request = decode(body(stream=True, stream_options={"include_obfuscation": False}), LIMITS)
    sent = json.loads(encode(request, "m", stream_usage=True))
    assert sent["stream_options"] == {"include_obfuscation": False, "include_usage": True}
    assert request.document["stream_options"] == {"include_obfuscation": False}


@pytest.mark.parametrize(("stream", "stream_usage"), [(False, True), (True, False)])
def test_usage_is_not_asked_for_otherwise(stream: bool, stream_usage: bool) -> None:
    sent = json.loads(encode(decode(body(stream=stream), LIMITS), "m", stream_usage=stream_usage))
    assert "stream_options" not in sent
