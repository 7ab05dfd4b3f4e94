"""What a provider understands reaches it, and what it answers comes back, field by field, guarded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai

from tests.e2e.completions import USAGE, chunk, completion, usage_chunk
from tests.e2e.planted import EMAIL, GUARDRAILS, KEY
from tests.servers import serve
from tests.upstreams import Answer, Upstream, stream, whole

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the weather.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
SCHEMA: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {"name": "capital", "strict": True, "schema": {"type": "object", "properties": {}}},
}
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
}
LOGPROBS: dict[str, Any] = {
    "content": [{"token": "Paris", "logprob": -0.01, "bytes": [80, 97, 114, 105, 115], "top_logprobs": []}],
    "refusal": None,
}
CHOICES: list[dict[str, Any]] = [
    {
        "index": 0,
        "message": {"role": "assistant", "content": None, "refusal": None, "tool_calls": [CALL]},
        "logprobs": None,
        "finish_reason": "tool_calls",
    },
    {
        "index": 1,
        "message": {"role": "assistant", "content": "Paris", "refusal": None, "annotations": []},
        "logprobs": LOGPROBS,
        "finish_reason": "stop",
    },
]


@asynccontextmanager
async def _gateway(folder: Path, *answers: Answer) -> AsyncIterator[tuple[openai.AsyncOpenAI, Upstream]]:
    async with Upstream(*answers) as upstream:
        config = f"""
providers: {{scripted: {{kind: openai, base_url: "{upstream.base_url}", api_key: "sk-of-the-provider"}}}}
{GUARDRAILS}"""
        with serve(config, folder) as service:
            async with openai.AsyncOpenAI(
                base_url=f"{service.url}/v1", api_key="of-the-caller", max_retries=0
            ) as client:
                yield client, upstream


async def test_a_request_reaches_the_provider_with_every_field_as_it_was(tmp_path: Path) -> None:
    messages: list[Any] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Paris?"}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"celsius": 21}'},
    ]
    asked: dict[str, Any] = {
        "messages": messages,
        "tools": [WEATHER],
        "tool_choice": "auto",
        "n": 2,
        "logprobs": True,
        "top_logprobs": 2,
        "response_format": SCHEMA,
        "seed": 7,
        "temperature": 0.1,
        "logit_bias": {"50256": -100},
    }
    async with _gateway(tmp_path, whole(completion(*CHOICES))) as (client, upstream):
        answer = await client.chat.completions.create(
            model="@scripted/gpt-test", **asked, extra_body={"undocumented": {"deep": [1, 2.50, None, "x"]}}
        )
    assert upstream.requests[0].json() == {
        **asked,
        "model": "gpt-test",
        "undocumented": {"deep": [1, 2.5, None, "x"]},
    }
    assert upstream.requests[0].headers["authorization"] == "Bearer sk-of-the-provider"
    assert answer.to_dict() == completion(*CHOICES)


async def test_a_streamed_answer_comes_back_with_tools_choices_logprobs_and_usage(tmp_path: Path) -> None:
    call_head = {**CALL, "index": 0, "function": {"name": "get_weather", "arguments": ""}}
    pieces = [
        chunk({"role": "assistant", "content": None, "tool_calls": [call_head]}),
        chunk({"role": "assistant", "content": ""}, index=1),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"city"'}}]}),
        chunk({"content": "Paris"}, index=1, logprobs=LOGPROBS),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": ':"Paris"}'}}]}),
        chunk({}, finish="tool_calls"),
        chunk({}, index=1, finish="stop"),
        usage_chunk(),
        "[DONE]",
    ]
    async with (
        _gateway(tmp_path, stream(pieces)) as (client, upstream),
        client.chat.completions.stream(
            model="@scripted/gpt-test",
            messages=[{"role": "user", "content": "Paris?"}],
            n=2,
            logprobs=True,
            stream_options={"include_usage": True},
        ) as events,
    ):
        final = await events.get_final_completion()
    calls = final.choices[0].message.tool_calls
    assert calls is not None
    assert [(call.id, call.function.name, call.function.arguments) for call in calls] == [
        ("call_1", "get_weather", '{"city":"Paris"}')
    ]
    assert final.choices[1].message.content == "Paris"
    assert final.choices[1].logprobs is not None
    assert [token.token for token in final.choices[1].logprobs.content or []] == ["Paris"]
    assert [choice.finish_reason for choice in final.choices] == ["tool_calls", "stop"]
    assert final.usage is not None
    assert final.usage.to_dict() == USAGE
    assert upstream.requests[0].json()["stream_options"] == {"include_usage": True}


async def test_no_part_of_a_request_carries_a_secret_to_the_provider(tmp_path: Path) -> None:
    call = {**CALL, "function": {"name": "send", "arguments": f'{{"to":"{EMAIL}","sign":"{KEY}"}}'}}
    messages: list[Any] = [
        {"role": "system", "content": f"Your owner is {EMAIL}."},
        {"role": "user", "content": [{"type": "text", "text": f"Use {KEY}."}], "name": "anna"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": f'{{"sent": "{EMAIL}"}}'},
        {"role": "user", "content": "Thanks."},
    ]
    async with _gateway(tmp_path, whole(completion(*CHOICES))) as (client, upstream):
        await client.chat.completions.create(
            model="@scripted/gpt-test", messages=messages, extra_body={"hint": {"who": [EMAIL]}}
        )
    sent = upstream.requests[0].body.decode()
    assert EMAIL not in sent
    assert KEY not in sent
    arguments = upstream.requests[0].json()["messages"][2]["tool_calls"][0]["function"]["arguments"]
    assert arguments == '{"to":"[EMAIL]","sign":"[GITHUB_TOKEN]"}'


async def test_no_part_of_a_streamed_answer_carries_a_secret_to_the_caller(tmp_path: Path) -> None:
    text = f"Write to {EMAIL} and sign with {KEY}."
    head = {**CALL, "index": 0, "function": {"name": "send", "arguments": ""}}
    arguments = f'{{"to":"{EMAIL}"}}'
    pieces = [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": letter}) for letter in text),
        chunk({"tool_calls": [head]}),
        *(chunk({"tool_calls": [{"index": 0, "function": {"arguments": letter}}]}) for letter in arguments),
        chunk({}, finish="tool_calls"),
        "[DONE]",
    ]
    async with (
        _gateway(tmp_path, stream(pieces)) as (client, _),
        client.chat.completions.stream(
            model="@scripted/gpt-test", messages=[{"role": "user", "content": "Go."}]
        ) as events,
    ):
        final = await events.get_final_completion()
    message = final.choices[0].message
    assert message.content == "Write to [EMAIL] and sign with [GITHUB_TOKEN]."
    assert message.tool_calls is not None
    assert message.tool_calls[0].function.arguments == '{"to":"[EMAIL]"}'
