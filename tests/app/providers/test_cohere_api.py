"""Cohere through our adapter, on a socket; the vendor's own client shows that the other side is no easier."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import cohere
import httpx
import pytest
from cohere.core.api_error import ApiError

from app.domain.abilities import Abilities
from app.domain.errors import UpstreamRefused
from app.domain.model_request import ModelRequest
from app.providers.authorization import HeaderKey
from app.providers.endpoint import Endpoint
from app.providers.http import HttpProvider
from app.providers.transport import AiohttpTransport
from app.wire.cohere.format import CohereFormat
from tests.app.providers.asking import new_attempt
from tests.emulators.cohere import KEY, MODELS, CohereEmulator
from tests.golden.openai_cases import fold
from tests.upstreams import Upstream

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}
HI = [{"role": "user", "content": "Hello there"}]


@pytest.fixture
async def api() -> AsyncIterator[Upstream]:
    async with Upstream(CohereEmulator(), path="") as running:
        yield running


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as running:
        yield running


def provider(api: Upstream, transport: AiohttpTransport, key: str = KEY) -> HttpProvider:
    endpoint = Endpoint(
        slug="co",
        kind="cohere",
        telemetry_name="cohere",
        base=httpx.URL(api.base_url),
        headers=httpx.Headers({"content-type": "application/json"}),
    )
    abilities = Abilities(thinking="budget")
    return HttpProvider(
        endpoint, CohereFormat(), HeaderKey(key), lambda _: abilities, "drop", None, transport
    )


async def answer(
    asked: HttpProvider, *, stream: bool, model: str = MODELS[0], **fields: Any
) -> dict[str, Any]:
    """Return the message and finish reason of an answer."""
    document = {"model": "x", "messages": HI, "stream": stream, **fields}
    request = ModelRequest(document, "x", stream)
    async with aclosing(asked.ask(request, model, new_attempt())) as events:
        choice = fold([event async for event in events])["choices"][0]
    return {**choice["message"], "finish_reason": choice["finish_reason"]}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ({}, {"content": "Hello there", "finish_reason": "stop"}),
        (
            {"reasoning_effort": "low"},
            {"reasoning_content": "Hm.", "content": "Hello there", "finish_reason": "stop"},
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}},
            {"content": '{"city": "Paris"}', "finish_reason": "stop"},
        ),
        (
            {
                "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}},
                "tools": [TOOL],
            },
            {"reasoning_content": "I will call it.", "content": '{"city": "Paris"}', "finish_reason": "stop"},
        ),
        (
            {"tools": [TOOL], "tool_choice": "required"},
            {
                "content": None,
                "reasoning_content": "I will call it.",
                "tool_calls": [
                    {
                        "id": "get_weather_0",
                        "type": "function",
                        "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
                    }
                ],
                "finish_reason": "tool_calls",
            },
        ),
    ],
)
async def test_an_answer_comes_whole_or_streamed(
    api: Upstream, transport: AiohttpTransport, stream: bool, fields: dict[str, Any], seen: dict[str, Any]
) -> None:
    message = await answer(provider(api, transport), stream=stream, **fields)
    assert {key: value for key, value in message.items() if key != "role"} == seen


async def test_what_was_answered_can_be_said_again(api: Upstream, transport: AiohttpTransport) -> None:
    asked = provider(api, transport)
    called = await answer(asked, stream=False, tools=[TOOL], tool_choice="required")
    del called["finish_reason"]
    result = {"role": "tool", "tool_call_id": "get_weather_0", "content": "7 C"}
    told = await answer(asked, stream=True, tools=[TOOL], messages=[*HI, called, result])
    assert told["content"] == "Hello there"


async def test_models_are_listed(api: Upstream, transport: AiohttpTransport) -> None:
    assert [model["id"] for model in await provider(api, transport).list_models()] == list(MODELS)


@pytest.mark.parametrize(
    ("key", "model", "status", "code"),
    [("wrong", MODELS[0], 401, "invalid_api_key"), (KEY, "nobody's", 404, "model_not_found")],
)
async def test_refusals_are_told(
    api: Upstream, transport: AiohttpTransport, key: str, model: str, status: int, code: str
) -> None:
    with pytest.raises(UpstreamRefused) as caught:
        await answer(provider(api, transport, key), stream=True, model=model)
    assert (caught.value.status, caught.value.code) == (status, code)


async def test_coheres_own_client_is_answered(api: Upstream) -> None:
    def ask() -> tuple[Any, str, str]:
        with httpx.Client(trust_env=False) as http:
            client: Any = cohere.ClientV2(api_key=KEY, base_url=api.base_url, httpx_client=http)
            whole: Any = client.chat(model=MODELS[0], messages=HI, tools=[TOOL], tool_choice="REQUIRED")
            texts = [
                event.delta.message.content.text
                for event in client.chat_stream(model=MODELS[0], messages=HI)
                if event.type == "content-delta"
            ]
            with pytest.raises(ApiError) as caught:
                client.chat(model=MODELS[0], messages=HI, temperature=2.0)
        return whole, "".join(texts), json.dumps(caught.value.body)

    whole, text, refusal = await asyncio.to_thread(ask)
    assert whole.message.tool_calls[0].function.arguments == '{"city": "Paris"}'
    assert text == "Hello there"
    assert "temperature must be between" in refusal


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": MODELS[0], "messages": HI, "user": "u"}, 422),
        ({"model": MODELS[0], "messages": [{"role": "user"}]}, 400),
        ({"model": MODELS[0], "messages": [{"role": "tool", "tool_call_id": "c", "content": "x"}]}, 400),
        (
            {"model": MODELS[0], "messages": HI, "tools": [{"type": "function", "function": {"name": "f"}}]},
            400,
        ),
        ({"model": MODELS[0], "messages": HI, "tool_choice": "REQUIRED"}, 400),
        ({"model": MODELS[0], "messages": HI, "stop_sequences": list("abcdef")}, 400),
    ],
)
async def test_the_other_side_refuses_what_cohere_would(
    api: Upstream, transport: AiohttpTransport, body: dict[str, Any], status: int
) -> None:
    headers = {"authorization": f"Bearer {KEY}"}
    request = httpx.Request("POST", api.base_url + "/v2/chat", json=body, headers=headers)
    response = await transport.handle_async_request(request)
    await response.aread()
    assert response.status_code == status
    assert set(response.json()) == {"id", "message"}
