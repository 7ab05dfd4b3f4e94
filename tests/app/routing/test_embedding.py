"""The vector of a text, asked of providers of several formats over a socket."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import InvalidRequest, UpstreamBroken, UpstreamError, UpstreamRefused
from app.providers.build import build
from app.providers.identities import Surroundings
from app.providers.transport import AiohttpTransport
from app.routing.embedding import embedder
from app.routing.resolve import Routes
from app.secret import Secret
from app.settings import ProviderSettings
from tests.app.providers.asking import CATALOGUE, KEY
from tests.upstreams import Answer, Upstream, whole

VECTOR = [0.5, -1.0]
ANSWERS: dict[str, Any] = {
    "openai": {"data": [{"embedding": VECTOR}]},
    "gemini": {"embeddings": [{"values": VECTOR}]},
    "cohere": {"embeddings": {"float": [VECTOR]}},
}


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as made:
        yield made


def routes(kind: str, base_url: str, transport: AiohttpTransport) -> Routes:
    settings = ProviderSettings(kind=kind, base_url=base_url, api_key=Secret(KEY))
    return Routes((build("up", settings, CATALOGUE, Surroundings({}, Path("/nowhere"), transport)),), {})


@pytest.mark.parametrize("kind", ANSWERS)
async def test_whoever_gives_embeddings_gives_them_to_the_cache(
    kind: str, transport: AiohttpTransport
) -> None:
    async with Upstream(whole(ANSWERS[kind])) as upstream:
        vector = embedder(routes(kind, upstream.base_url, transport), "@up/small")
        assert await vector("hi") == VECTOR
    (sent,) = upstream.requests
    assert KEY in " ".join(sent.headers.values())


async def test_a_vector_is_asked_for_in_numbers(transport: AiohttpTransport) -> None:
    async with Upstream(whole(ANSWERS["openai"])) as upstream:
        await embedder(routes("openai", upstream.base_url, transport), "@up/small")("hi")
    (sent,) = upstream.requests
    assert (sent.method, sent.target) == ("POST", "/v1/embeddings")
    assert sent.json() == {"model": "small", "input": "hi", "encoding_format": "float"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (whole({"data": []}), UpstreamBroken),
        (whole(b"<html>"), UpstreamBroken),
        (whole({"error": {"message": f"bad key {KEY}"}}, status=401), UpstreamRefused),
        (whole(b"", status=302), UpstreamBroken),
    ],
)
async def test_what_is_no_vector_is_an_error_without_the_key(
    answer: Answer, error: type[UpstreamError], transport: AiohttpTransport
) -> None:
    async with Upstream(answer) as upstream:
        with pytest.raises(error) as caught:
            await embedder(routes("openai", upstream.base_url, transport), "@up/small")("hi")
    assert KEY not in caught.value.message


async def test_who_has_none_is_not_asked(transport: AiohttpTransport) -> None:
    async with Upstream(whole({})) as upstream:
        with pytest.raises(InvalidRequest, match="has no embeddings"):
            await embedder(routes("anthropic", upstream.base_url, transport), "@up/claude")("hi")
    assert upstream.requests == []
