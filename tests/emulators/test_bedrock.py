"""The emulator of Bedrock: boto3 takes it for the real one, and our whole way to it and back works."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import boto3
import botocore.config
import httpx
import openai
import pytest
from botocore.exceptions import ClientError, EventStreamError
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from app.domain.abilities import Abilities
from app.domain.errors import UpstreamError, UpstreamRefused
from app.domain.events import ProviderEvent
from app.domain.exchange import Attempt
from app.domain.model_request import ModelRequest
from app.providers.authorization import Authorization
from app.providers.aws_auth import AwsSignature, bedrock_key
from app.providers.endpoint import Endpoint
from app.providers.http import HttpProvider
from app.providers.transport import AiohttpTransport
from app.wire.bedrock.format import BedrockFormat
from tests.emulators.bedrock import ACCESS_KEY, API_KEY, REGION, SECRET_KEY, AwsError, BedrockEmulator
from tests.event_streams import exception
from tests.golden import bedrock_cases as cases
from tests.golden.openai_cases import fold
from tests.oracles import checker, violations
from tests.upstreams import Upstream, stream

SIGNED = AwsSignature(REGION, access_key_id=ACCESS_KEY, secret_access_key=SECRET_KEY)
MESSAGES = [{"role": "user", "content": "Grüße"}]
ASKED: list[dict[str, Any]] = [{"role": "user", "content": [{"text": "Hi"}]}]


def _emulator(name: str, **fields: Any) -> BedrockEmulator:
    return BedrockEmulator(json.loads(cases.document_bytes(name)), [cases.stream_bytes(name)], **fields)


def _client(upstream: Upstream) -> Any:
    return boto3.client(
        "bedrock-runtime",
        region_name=REGION,
        endpoint_url=upstream.base_url,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    transport = AiohttpTransport()
    yield transport
    await transport.aclose()


async def _asked(
    upstream: Upstream, transport: AiohttpTransport, authorization: Authorization = SIGNED, **fields: Any
) -> list[ProviderEvent]:
    """Ask through the adapter that the gateway uses."""
    endpoint = Endpoint(
        slug="bedrock",
        kind="bedrock",
        telemetry_name="aws.bedrock",
        base=httpx.URL(upstream.base_url),
        headers=httpx.Headers({"content-type": "application/json", "accept": "application/json"}),
    )
    wire = BedrockFormat(lambda: 1_790_000_000.0)
    provider = HttpProvider(endpoint, wire, authorization, lambda _: Abilities(), "drop", None, transport)
    document = {"model": "@b/m", "messages": MESSAGES, **fields}
    request = ModelRequest(document=document, model="@b/m", stream=fields.get("stream", False))
    return [event async for event in provider.ask(request, cases.MODEL, _attempt())]


def _attempt() -> Attempt:
    return Attempt(
        number=1,
        provider="bedrock",
        provider_kind="bedrock",
        model=cases.MODEL,
        server_address="127.0.0.1",
        server_port=0,
        started_ns=0,
    )


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("authorization", [SIGNED, bedrock_key(API_KEY)], ids=["signed", "key"])
async def test_our_whole_way_there_and_back_works(
    transport: AiohttpTransport, authorization: Authorization, streamed: bool
) -> None:
    async with Upstream(_emulator("tools"), path="") as upstream:
        found = fold(await _asked(upstream, transport, authorization, stream=streamed))
    expected = cases.load("tools.folded.json")
    assert found["choices"] == expected["choices"]
    assert found["usage"] == expected["usage"]
    assert found["id"].startswith("chatcmpl-5f0b6a2e-3c1d")


async def test_what_it_refuses_we_say_in_its_words(transport: AiohttpTransport) -> None:
    async with Upstream(_emulator("text"), path="") as upstream:
        for authorization, status in ((bedrock_key("wrong"), 403), (AwsSignature("us-west-2", **_KEYS), 401)):
            with pytest.raises(UpstreamRefused) as caught:
                await _asked(upstream, transport, authorization)
            assert caught.value.status == status


_KEYS = {"access_key_id": ACCESS_KEY, "secret_access_key": SECRET_KEY}


async def test_errors_before_an_answer_and_within_mean_the_same(
    transport: AiohttpTransport,
) -> None:
    errors: list[UpstreamError] = []
    before = BedrockEmulator(error=AwsError(429, "ThrottlingException", "Too many tokens."))
    within = BedrockEmulator(stream=[_start(), exception("throttlingException", "Too many tokens.")])
    for emulator in (before, within):
        async with Upstream(emulator, path="") as upstream:
            with pytest.raises(UpstreamRefused) as caught:
                await _asked(upstream, transport, stream=True)
        errors.append(caught.value)
    assert [error.status for error in errors] == [429, 429]
    assert errors[0].body() == errors[1].body()


async def test_boto3_reads_its_answers() -> None:
    async with Upstream(_emulator("tools"), path="") as upstream:
        whole = await asyncio.to_thread(_converse, upstream, ASKED)
        streamed = await asyncio.to_thread(_converse_stream, upstream)
    assert whole["stopReason"] == "tool_use"
    assert [next(iter(event)) for event in streamed][-2:] == ["messageStop", "metadata"]


async def test_boto3_reads_an_error_within_an_answer() -> None:
    emulator = BedrockEmulator(stream=[_start(), exception("throttlingException", "Slow.")])
    async with Upstream(emulator, path="") as upstream:
        with pytest.raises(EventStreamError, match="throttlingException"):
            await asyncio.to_thread(_converse_stream, upstream)


async def test_boto3_reads_what_it_refuses() -> None:
    use = {"toolUse": {"toolUseId": "a", "name": "f", "input": {}}}
    result = {"toolResult": {"toolUseId": "a", "content": [{"text": "x"}]}}
    messages = [
        *ASKED,
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [result]},
    ]
    async with Upstream(BedrockEmulator(), path="") as upstream:
        with pytest.raises(ClientError, match="toolConfig field must be defined"):
            await asyncio.to_thread(_converse, upstream, messages)


def _converse(upstream: Upstream, messages: list[dict[str, Any]]) -> Any:
    with contextlib.closing(_client(upstream)) as client:
        return client.converse(modelId=cases.MODEL, messages=messages)


def _converse_stream(upstream: Upstream) -> list[Any]:
    with contextlib.closing(_client(upstream)) as client:
        answer = client.converse_stream(modelId=cases.MODEL, messages=ASKED)
        with contextlib.closing(answer["stream"]) as events:
            return list(events)


@pytest.mark.parametrize("name", cases.ANSWERS)
async def test_the_openai_sdk_reads_what_we_make_of_it(name: str) -> None:
    document = cases.load(f"{name}.folded.json")
    assert violations(checker(ChatCompletion, close_open=False), document) == []
    async with (
        Upstream(stream([cases.released(name).encode()])) as upstream,
        openai.AsyncOpenAI(base_url=upstream.base_url, api_key="k", max_retries=0) as client,
    ):
        answer = await client.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "hi"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in answer]
    for chunk in chunks:
        raw = chunk.model_dump(mode="json", exclude_unset=True)
        assert violations(checker(ChatCompletionChunk, close_open=False), raw) == []
    said = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert said == (document["choices"][0]["message"].get("content") or "")
    usage = chunks[-1].usage
    assert usage is not None
    assert usage.model_dump(exclude_unset=True) == document["usage"]


def _start() -> bytes:
    found = cases.stream_bytes("text")
    return found[: int.from_bytes(found[:4], "big")]
