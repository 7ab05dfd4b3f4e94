"""The vector of a text, asked of an upstream over a socket; the other half of what `HttpProvider` asks."""

from collections.abc import AsyncIterator

import pytest

from app.domain.errors import UpstreamBroken, UpstreamError, UpstreamRefused
from app.providers.transport import AiohttpTransport
from tests.app.providers.asking import KEY, provider
from tests.upstreams import Answer, Upstream, whole


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as made:
        yield made


async def test_a_vector_is_asked_for_with_the_key_of_the_provider(transport: AiohttpTransport) -> None:
    async with Upstream(whole({"data": [{"embedding": [0.5, -1]}]})) as upstream:
        assert await provider(upstream.base_url, transport).embedding("small", "hi") == [0.5, -1.0]
    (sent,) = upstream.requests
    assert (sent.method, sent.target) == ("POST", "/v1/embeddings")
    assert sent.json() == {"model": "small", "input": "hi", "encoding_format": "float"}
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["content-type"] == "application/json"


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
            await provider(upstream.base_url, transport).embedding("small", "hi")
    assert KEY not in caught.value.message
