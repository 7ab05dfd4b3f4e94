"""Guardrails' questions go out over the transport of the providers, and whatever comes back is bounded."""

import asyncio
import gzip
import ipaddress
import time
from collections.abc import AsyncIterator, Callable, Mapping

import httpx
import pytest

from app.domain.errors import UpstreamUnauthorized
from app.providers.guarded_transport import is_no_metadata
from app.providers.services import ServiceSender
from app.providers.transport import AiohttpTransport
from guardrails.remote.service import Reply, Request, ServiceUnreachable
from tests.internals import PRIVATE, Inside
from tests.upstreams import Answer, Upstream, disconnect, hang, head, huge, junk, refusing_port, reset, whole


@pytest.fixture
async def send() -> AsyncIterator[ServiceSender]:
    transport = AiohttpTransport()
    yield ServiceSender(transport, max_reply_bytes=10_000)
    await transport.aclose()


def asked(upstream: Upstream, **headers: str) -> Request:
    return Request(f"{upstream.base_url}/ask", b'{"text": "hello"}', headers)


async def test_a_question_is_sent_as_it_is(send: ServiceSender) -> None:
    async with Upstream(whole({"score": 1}), path="/base") as upstream:
        reply = await send(asked(upstream, authorization="Bearer k", **{"content-type": "application/json"}))
        assert reply == Reply(200, b'{"score": 1}')
        (request,) = upstream.requests
    assert (request.method, request.target, request.body) == ("POST", "/base/ask", b'{"text": "hello"}')
    sent = request.headers
    assert sent["authorization"] == "Bearer k"
    assert sent["content-type"] == "application/json"
    assert sent["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [201, 302, 307, 400, 401, 429, 500])
async def test_any_status_comes_back_and_no_redirect_is_followed(send: ServiceSender, status: int) -> None:
    answer = whole({"x": 1}, status=status, headers={"location": f"http://127.0.0.1:{refusing_port()}/"})
    async with Upstream(answer) as upstream:
        assert await send(asked(upstream)) == Reply(status, b'{"x": 1}')
        assert len(upstream.requests) == 1


async def test_connections_are_kept(send: ServiceSender) -> None:
    async with Upstream(whole({})) as upstream:
        for _ in range(3):
            await send(asked(upstream))
        assert len(upstream.connections) == 1


@pytest.mark.parametrize("host", [PRIVATE, "localhost"])
async def test_where_none_may_be_is_not_connected_to_whatever_its_name(host: str) -> None:
    seen: list[str] = []

    def allows(address: str) -> bool:
        seen.append(address)
        return False

    async with Inside(whole({})) as inside, AiohttpTransport(allows=allows) as transport:
        with pytest.raises(ServiceUnreachable):
            await ServiceSender(transport)(Request(f"http://{host}:{inside.port}/", b""))
    assert inside.connections == []
    assert {ipaddress.ip_address(one).is_loopback for one in seen} == {True}


async def test_a_service_is_asked_where_it_may_be() -> None:
    async with Upstream(whole({})) as upstream, AiohttpTransport(allows=is_no_metadata) as transport:
        assert await ServiceSender(transport)(asked(upstream)) == Reply(200, b"{}")


FAILURES: Mapping[str, Callable[[], Answer]] = {
    "no HTTP": junk,
    "a closed connection": disconnect,
    "a reset": reset,
    "a reset halfway": lambda: reset(head(content_length="100") + b"{"),
    "too much": lambda: huge(1_000_000),
    "compressed": lambda: whole(gzip.compress(b"{}"), headers={"content-encoding": "gzip"}),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_what_goes_wrong_is_one_word(send: ServiceSender, failure: str) -> None:
    async with Upstream(FAILURES[failure]()) as upstream:
        with pytest.raises(ServiceUnreachable) as caught:
            await send(asked(upstream))
    assert caught.value.is_outage
    assert "127.0.0.1" not in str(caught.value)


async def test_so_is_that_nobody_listens(send: ServiceSender) -> None:
    with pytest.raises(ServiceUnreachable):
        await send(Request(f"http://127.0.0.1:{refusing_port()}/", b""))


@pytest.mark.parametrize("first", [b"", head(content_length="100") + b"{"])
async def test_who_loses_patience_closes_the_connection(send: ServiceSender, first: bytes) -> None:
    async with Upstream(hang(first)) as upstream:
        begun = time.perf_counter()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await send(asked(upstream))
        assert time.perf_counter() - begun < 1
        async with asyncio.timeout(1):
            await upstream.connections[0].closed.wait()


class Signature:
    """An `Authorization` of one region."""

    def __init__(self, region: str) -> None:
        self.region = region

    async def headers(self, request: httpx.Request, deadline_s: float) -> Mapping[str, str]:
        if self.region == "nowhere":
            raise UpstreamUnauthorized("No AWS credentials were found.")
        return {"authorization": f"AWS4 {self.region} {len(request.content)}"}

    def secrets(self) -> tuple[str, ...]:
        return ()


async def test_a_request_to_aws_is_signed_by_its_region() -> None:
    transport = AiohttpTransport()
    send = ServiceSender(transport, aws=Signature)
    async with Upstream(whole({})) as upstream:
        await send(Request(upstream.base_url, b"12", aws=("bedrock", "eu-west-1")))
        assert upstream.requests[0].headers["authorization"] == "AWS4 eu-west-1 2"
        for aws in (("bedrock", "nowhere"), ("s3", "eu-west-1")):
            with pytest.raises(ServiceUnreachable):
                await send(Request(upstream.base_url, b"12", aws=aws))
        assert len(upstream.requests) == 1
    await transport.aclose()
