"""Azure OpenAI through our adapter, by key and by Entra's tokens; its own client takes the other side too."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import openai
import pytest

from app.domain.abilities import Abilities
from app.domain.errors import UpstreamError, UpstreamRefused, UpstreamUnauthorized
from app.domain.model_request import ModelRequest
from app.providers.authorization import Authorization, HeaderKey
from app.providers.endpoint import Endpoint
from app.providers.entra_auth import Entra
from app.providers.http import HttpProvider
from app.providers.transport import AiohttpTransport
from app.wire.openai.azure_format import AzureFormat
from tests.app.providers.asking import new_attempt
from tests.emulators.azure import CLIENT, DEPLOYMENT, KEY, SECRET, TENANT, AzureEmulator
from tests.golden.openai_cases import fold
from tests.upstreams import Upstream

HI: Any = [{"role": "user", "content": "hi"}]
VERSIONS = [None, "v1", "preview", "2024-06-01", "2024-10-21", "2025-04-01-preview"]


@pytest.fixture
async def azure() -> AsyncIterator[Upstream]:
    async with Upstream(AzureEmulator(), path="") as running:
        yield running


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as running:
        yield running


def provider(
    azure: Upstream,
    transport: AiohttpTransport,
    version: str | None = None,
    authorization: Authorization | None = None,
) -> HttpProvider:
    endpoint = Endpoint(
        slug="az",
        kind="azure-openai",
        telemetry_name="azure.ai.openai",
        base=httpx.URL(azure.base_url + "/openai"),
        headers=httpx.Headers({"content-type": "application/json"}),
    )
    key = HeaderKey(KEY, name="api-key", prefix="")
    abilities = Abilities()
    return HttpProvider(
        endpoint, AzureFormat(version), authorization or key, lambda _: abilities, "drop", None, transport
    )


async def answer(
    asked: HttpProvider, *, stream: bool = False, model: str = DEPLOYMENT, messages: Any = HI
) -> dict[str, Any]:
    document = {"model": "x", "messages": messages, "stream": stream}
    request = ModelRequest(document, "x", stream)
    async with aclosing(asked.ask(request, model, new_attempt())) as events:
        return fold([event async for event in events])


async def failure(asked: HttpProvider, **options: Any) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        await answer(asked, **options)
    return caught.value


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("version", VERSIONS)
async def test_an_answer_comes_by_every_version(
    azure: Upstream, transport: AiohttpTransport, version: str | None, stream: bool
) -> None:
    document = await answer(provider(azure, transport, version), stream=stream)
    assert (document["id"], document["model"]) == ("chatcmpl-az", "gpt-5.6-2026-09-01")
    [choice] = document["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Hi there", "stop")
    assert ("usage" in document) == (not stream or version != "2024-06-01")
    assert document["prompt_filter_results"][0]["prompt_index"] == 0


@pytest.mark.parametrize("stream", [False, True])
async def test_a_filters_refusal_keeps_its_code(
    azure: Upstream, transport: AiohttpTransport, stream: bool
) -> None:
    violent = [{"role": "user", "content": "violence"}]
    error = await failure(provider(azure, transport, "2024-10-21"), stream=stream, messages=violent)
    assert (error.status, error.code, error.retryable) == (400, "content_filter", False)
    assert error.body()["error"]["type"] == "invalid_request_error"


async def test_a_deployment_that_is_not_there_is_an_unknown_model(
    azure: Upstream, transport: AiohttpTransport
) -> None:
    for version in (None, "2024-10-21"):
        error = await failure(provider(azure, transport, version), model="other")
        assert (error.status, error.code) == (404, "model_not_found")


async def test_a_wrong_key_is_told(azure: Upstream, transport: AiohttpTransport) -> None:
    wrong = HeaderKey("wrong", name="api-key", prefix="")
    error = await failure(provider(azure, transport, authorization=wrong))
    assert isinstance(error, UpstreamRefused)
    assert (error.status, error.code) == (401, "invalid_api_key")


async def test_a_clients_token_is_fetched_once_for_many_answers(transport: AiohttpTransport) -> None:
    emulator = AzureEmulator()
    async with Upstream(emulator, path="") as azure:
        entra = Entra(transport, "az", {}, authority=azure.base_url)
        identity = entra.identity(tenant=TENANT, client_id=CLIENT, client_secret=SECRET)
        asked = provider(azure, transport, "2024-10-21", identity)
        for stream in (False, True, False):
            assert (await answer(asked, stream=stream))["choices"][0]["finish_reason"] == "stop"
    assert emulator.tokens == 1


async def test_a_machines_token_is_fetched_once_for_many_answers(transport: AiohttpTransport) -> None:
    emulator = AzureEmulator()
    async with Upstream(emulator, path="") as azure:
        identity = Entra(_Metadata(transport, azure.port), "az", {}).identity()
        asked = provider(azure, transport, None, identity)
        for _ in range(2):
            await answer(asked)
    assert emulator.tokens == 1


async def test_a_client_that_entra_does_not_know_has_no_token(
    azure: Upstream, transport: AiohttpTransport
) -> None:
    entra = Entra(transport, "az", {}, authority=azure.base_url)
    identity = entra.identity(tenant=TENANT, client_id=CLIENT, client_secret="old")
    error = await failure(provider(azure, transport, authorization=identity))
    assert isinstance(error, UpstreamUnauthorized)
    assert "AADSTS7000215" in error.message


async def test_azures_own_client_is_answered(azure: Upstream) -> None:
    async with openai.AsyncAzureOpenAI(
        azure_endpoint=azure.base_url, api_key=KEY, api_version="2024-10-21", max_retries=0
    ) as client:
        whole = await client.chat.completions.create(model=DEPLOYMENT, messages=HI)
        assert whole.choices[0].message.content == "Hi there"
        chunks = await client.chat.completions.create(model=DEPLOYMENT, messages=HI, stream=True)
        deltas: list[Any] = [chunk.choices[0].delta async for chunk in chunks if chunk.choices]
        assert "".join(delta.content or "" for delta in deltas if delta) == "Hi there"
        with pytest.raises(openai.NotFoundError, match="does not exist"):
            await client.chat.completions.create(model="other", messages=HI)
    async with openai.AsyncOpenAI(
        base_url=azure.base_url + "/openai/v1", api_key="unused", default_headers={"api-key": KEY}
    ) as client:
        whole = await client.chat.completions.create(model=DEPLOYMENT, messages=HI)
        assert whole.choices[0].message.content == "Hi there"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("openai/deployments/my%20gpt/chat/completions", 404),
        ("openai/deployments/my%20gpt/chat/completions?api-version=v1", 404),
        ("openai/v1/chat/completions?api-version=2024-10-21", 400),
        ("openai/chat/completions", 404),
        ("openai/v1/chat/completions", 400),
    ],
)
async def test_the_other_side_refuses_what_azure_would(
    azure: Upstream, transport: AiohttpTransport, path: str, status: int
) -> None:
    body = {"model": DEPLOYMENT, "messages": HI, "nobody_knows": 1}
    request = httpx.Request("POST", f"{azure.base_url}/{path}", json=body, headers={"api-key": KEY})
    response = await transport.handle_async_request(request)
    await response.aread()
    assert response.status_code == status


class _Metadata(httpx.AsyncBaseTransport):
    """Sends what is meant for the metadata service, which has a fixed address, to another port."""

    def __init__(self, inner: httpx.AsyncBaseTransport, port: int) -> None:
        self._inner = inner
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == "169.254.169.254"
        url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(httpx.Request("GET", url, headers=request.headers))
