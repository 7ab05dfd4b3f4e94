import httpx
import pytest

from app.domain.errors import InvalidRequest
from app.providers.endpoint import Endpoint, base_url
from app.providers.transport import AiohttpTransport
from tests.app.providers.asking import DOCUMENT, new_attempt, provider, request
from tests.upstreams import Upstream, whole


def endpoint(base: str) -> Endpoint:
    return Endpoint(
        slug="up", kind="openai", telemetry_name="openai", base=base_url(base, "up"), headers=httpx.Headers()
    )


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://h/v1", "chat/completions", "https://h/v1/chat/completions"),
        ("https://h/v1/", "chat/completions", "https://h/v1/chat/completions"),
        ("https://h", "a", "https://h/a"),
        ("https://h/v1?api-version=1", "chat", "https://h/v1/chat?api-version=1"),
        ("https://h/v1", "m:streamGenerateContent?alt=sse", "https://h/v1/m:streamGenerateContent?alt=sse"),
        ("https://h/v1?key=1", "m?alt=sse", "https://h/v1/m?key=1&alt=sse"),
        ("https://h", "model/a.b-v1%3A0/converse", "https://h/model/a.b-v1%3A0/converse"),
        ("https://h", "model/arn%3Aaws%3Ax%2Fy/converse", "https://h/model/arn%3Aaws%3Ax%2Fy/converse"),
        ("http://[::1]:9/a%20b", "c", "http://[::1]:9/a%20b/c"),
    ],
)
def test_a_path_is_put_behind_the_base_as_it_is_written(base: str, path: str, url: str) -> None:
    assert str(endpoint(base).url(path)) == url


@pytest.mark.parametrize(
    "path", ["..", ".", "deployments/../chat", "deployments/./chat", "a%2F..%2Fb", "a%2f%2e%2e", "a%5C..%5Cb"]
)
def test_a_path_cannot_lead_away_from_the_base(path: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        endpoint("https://h/v1").url(path)
    assert caught.value.param == "model"


@pytest.mark.parametrize(("base", "port"), [("https://h", 443), ("http://h", 80), ("http://h:8080/v1", 8080)])
def test_the_port_is_the_schemes_where_none_is_named(base: str, port: int) -> None:
    assert endpoint(base).port == port


@pytest.mark.parametrize("base", ["ftp://h", "h:80", "", "http://", "http://user:hunter2@h"])
def test_an_impossible_base_url_is_refused_and_not_shown(base: str) -> None:
    with pytest.raises(ValueError, match="base_url of provider 'up'") as caught:
        base_url(base, "up")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("propagate_trace", [True, False])
async def test_the_calling_span_is_named_only_to_a_provider_that_shall_know(propagate_trace: bool) -> None:
    async with Upstream(whole(DOCUMENT)) as upstream, AiohttpTransport() as transport:
        asked = provider(upstream.base_url, transport, propagate_trace=propagate_trace)
        attempt = new_attempt()
        attempt.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        async for _ in asked.ask(request(), "m-1", attempt):
            pass
    told = upstream.requests[0].headers.get("traceparent")
    assert told == (attempt.traceparent if propagate_trace else None)
