"""What is passed on, over sockets on both sides: which paths, which headers, which bytes."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.exceptions import LitestarException

from app.access.keys import key_hash
from app.domain.exchange import Outcome
from app.domain.proxying import ProxyGrant
from app.providers.build import build
from app.providers.identities import Surroundings
from app.providers.transport import AiohttpTransport
from app.settings import KeySettings, ProviderSettings
from tests.app.providers.asking import CATALOGUE, KEY, provider
from tests.gateways import Gateway
from tests.upstreams import Answer, Upstream, hang, head, huge, junk, reset, stream, whole

MINE = {"authorization": "Bearer hr-key"}
GRANT = ProxyGrant(paths=("/v1/files/**", "/v1/audio/speech", "/v1/**"))
PNG = bytes(range(256)) * 40


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as made:
        yield made


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream(whole({"ok": True})) as running:
        yield running


def gateway(
    upstream: Upstream, transport: AiohttpTransport, grant: ProxyGrant | None = GRANT, **settings: Any
) -> Gateway:
    keys = {"team": KeySettings(hash=key_hash("hr-key"), proxy=grant)}
    return Gateway(provider(upstream.base_url, transport, **settings), keys=keys, max_body_bytes=20_000)


async def send(served: Gateway, method: str, path: str, **options: Any) -> httpx.Response:
    async with served.client() as client:
        return await client.request(method, path, headers=MINE | options.pop("headers", {}), **options)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_request_goes_on_with_its_query_and_our_credentials(
    upstream: Upstream, transport: AiohttpTransport, method: str
) -> None:
    reply = await send(gateway(upstream, transport), method, "/v1/files/file-1?after=a%20b&limit=2")
    (sent,) = upstream.requests
    assert (reply.status_code, reply.json()) == (200, {"ok": True})
    assert (sent.method, sent.target) == (method, "/v1/files/file-1?after=a%20b&limit=2")
    assert sent.headers["authorization"] == f"Bearer {KEY}"


async def test_bytes_go_both_ways_as_they_are(upstream: Upstream, transport: AiohttpTransport) -> None:
    upstream.script(
        whole(PNG, status=201, content_type="image/png", headers={"content-disposition": "inline"})
    )
    served = gateway(upstream, transport)
    reply = await send(served, "POST", "/v1/audio/speech", content=PNG, headers={"content-type": "audio/wav"})
    assert (reply.status_code, reply.content, reply.headers["content-type"]) == (201, PNG, "image/png")
    assert reply.headers["content-disposition"] == "inline"
    assert (upstream.requests[0].body, upstream.requests[0].headers["content-type"]) == (PNG, "audio/wav")
    assert (served.record.status_code, served.record.unscreened) == (201, True)


async def test_a_stream_comes_back_piece_by_piece(upstream: Upstream, transport: AiohttpTransport) -> None:
    upstream.script(stream([b"data: 1\n\n", b"data: 2\n\n"]))
    reply = await send(gateway(upstream, transport), "POST", "/v1/responses", json={"stream": True})
    assert reply.content == b"data: 1\n\ndata: 2\n\n"
    assert reply.headers["content-type"] == "text/event-stream"


async def test_headers_about_the_caller_or_the_connection_stay_here(
    upstream: Upstream, transport: AiohttpTransport
) -> None:
    kept_back = {
        "x-api-key": "sk-mine",
        "cookie": "session=1",
        "x-portkey-provider": "@up",
        "x-portkey-api-key": "hr-key",
        "x-forwarded-for": "10.0.0.1",
        "x-amz-security-token": "t",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
        "proxy-authorization": "Basic x",
        "connection": "close, x-hop",
        "x-hop": "1",
        "expect": "100-continue",
        "te": "trailers",
        "accept-encoding": "gzip",
    }
    went_on = {"openai-beta": "assistants=v2", "x-own": "1", "accept": "text/plain", "idempotency-key": "k"}
    await send(gateway(upstream, transport), "POST", "/v1/files", headers=kept_back | went_on, content=b"{}")
    sent = upstream.requests[0].headers
    assert {name: sent.get(name) for name in went_on} == went_on
    assert kept_back.keys() & sent.keys() <= {"accept-encoding", "connection"}
    assert sent["accept-encoding"] == "identity"
    assert "hr-key" not in json.dumps(dict(sent))


async def test_a_provider_that_wants_no_key_gets_none(
    upstream: Upstream, transport: AiohttpTransport
) -> None:
    settings = ProviderSettings(kind="vllm", base_url=upstream.base_url)
    local = build("up", settings, CATALOGUE, Surroundings({}, Path("/nowhere"), transport))
    served = Gateway(local, keys={"team": KeySettings(hash=key_hash("hr-key"), proxy=GRANT)})
    await send(served, "POST", "/v1/files", content=b"{}")
    assert "hr-key" not in json.dumps(dict(upstream.requests[0].headers))


async def test_a_providers_cookies_and_server_stay_there(
    upstream: Upstream, transport: AiohttpTransport
) -> None:
    headers = {
        "set-cookie": "a=b",
        "server": "nginx",
        "x-request-id": "theirs",
        "x-ratelimit-limit-tokens": "5",
    }
    upstream.script(whole({}, headers=headers))
    reply = await send(gateway(upstream, transport), "GET", "/v1/files")
    assert not {"set-cookie", "server"} & reply.headers.keys()
    assert reply.headers["x-ratelimit-limit-tokens"] == "5"
    assert reply.headers.get_list("x-request-id") != ["theirs"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/files/../chat/completions",
        "/v1/files/%2e%2e/%2e%2e/admin",
        "/v1/files/%2Fetc",
        "/v1//evil.example/",
        "/v1/files/a%0d%0ahost:x",
        "/v1/http:%2f%2fevil.example",
        "/v1/Chat/Completions",
        "/v1/files/%61",
    ],
)
async def test_a_path_that_leads_elsewhere_goes_nowhere(
    upstream: Upstream, transport: AiohttpTransport, path: str
) -> None:
    served = gateway(upstream, transport)
    async with served.client() as client:
        url = httpx.URL("http://127.0.0.1").copy_with(raw_path=path.encode())
        request = httpx.Request("POST", url, headers=MINE, content=b"{}")
        reply = await client.send(request)
    assert reply.status_code in {400, 404, 405, 415}, reply.text  # 415: it led to where chats are screened
    assert upstream.requests == []


async def test_what_the_key_does_not_name_is_not_there(
    upstream: Upstream, transport: AiohttpTransport
) -> None:
    served = gateway(upstream, transport, ProxyGrant(paths=("/v1/files",)))
    assert (await send(served, "GET", "/v1/batches")).json()["error"]["code"] == "unknown_url"
    assert (await send(gateway(upstream, transport, None), "GET", "/v1/files")).status_code == 404
    assert (served.record.outcome, upstream.requests) == (Outcome.REJECTED, [])


async def test_strangers_and_other_methods_get_nowhere(
    upstream: Upstream, transport: AiohttpTransport
) -> None:
    served = gateway(upstream, transport)
    async with served.client() as client:
        assert (await client.get("/v1/files")).status_code == 401
        assert (await client.put("/v1/files", headers=MINE)).status_code == 405
    without_keys = Gateway(provider(upstream.base_url, transport))
    async with without_keys.client() as client:
        assert (await client.get("/v1/files")).status_code == 404
    assert upstream.requests == []


async def test_a_body_is_bounded(upstream: Upstream, transport: AiohttpTransport) -> None:
    reply = await send(gateway(upstream, transport), "POST", "/v1/files", content=b"x" * 20_001)
    assert (reply.status_code, upstream.requests) == (413, [])


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (hang(), 504),
        (reset(), 502),
        (junk(), 502),
        (whole({}, status=302, headers={"location": "http://169.254.169.254/"}), 502),
        (whole(b"x", headers={"content-encoding": "gzip"}), 502),
        (whole({"error": {"message": f"bad key {KEY}", "code": "invalid_api_key"}}, status=401), 401),
    ],
    ids=["timeout", "reset", "junk", "redirect", "compressed", "refused"],
)
async def test_what_goes_wrong_before_an_answer_is_told(
    upstream: Upstream, transport: AiohttpTransport, answer: Answer, status: int
) -> None:
    upstream.script(answer)
    limits: dict[str, Any] = {"first_byte_timeout_ms": 100} if status == 504 else {}
    served = gateway(upstream, transport, **limits)
    reply = await send(served, "POST", "/v1/files", content=b"{}")
    assert (reply.status_code, served.record.status_code) == (status, status)
    assert KEY not in reply.text
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [hang(head(200) + b"{"), huge(300_000), stream([b"half"], end=False)],
    ids=["idle", "huge", "cut"],
)
async def test_what_goes_wrong_within_an_answer_breaks_it_off(
    upstream: Upstream, transport: AiohttpTransport, answer: Answer
) -> None:
    upstream.script(answer)
    served = gateway(upstream, transport, idle_timeout_ms=100, max_answer_bytes=100_000)
    with pytest.raises(LitestarException, match="after response started"):
        await send(served, "GET", "/v1/files")
    assert served.record.outcome is Outcome.UPSTREAM_ERROR
