import asyncio
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from app.providers.transport import AiohttpTransport
from tests.upstreams import (
    Answer,
    Connection,
    Received,
    Upstream,
    disconnect,
    hang,
    head,
    junk,
    refusing_port,
    reset,
    stream,
    whole,
)


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as running:
        yield running


def post(upstream: Upstream, content: bytes = b"{}", **timeout: float) -> httpx.Request:
    return httpx.Request("POST", upstream.base_url + "/x", content=content, extensions={"timeout": timeout})


async def read(transport: AiohttpTransport, request: httpx.Request) -> bytes:
    response = await transport.handle_async_request(request)
    try:
        return b"".join([piece async for piece in response.stream])  # type: ignore[union-attr]
    finally:
        await response.aclose()


async def test_nothing_is_added_to_a_request(transport: AiohttpTransport) -> None:
    async with Upstream(whole(b"ok")) as upstream:
        request = httpx.Request(
            "POST", f"{upstream.base_url}/a%2Fb?c=d%20e", content=b"{}", headers={"X-A": "1"}
        )
        assert await read(transport, request) == b"ok"
    (sent,) = upstream.requests
    assert sent.target == "/v1/a%2Fb?c=d%20e"
    assert sent.body == b"{}"
    assert sent.headers == {"host": f"127.0.0.1:{upstream.port}", "x-a": "1", "content-length": "2"}


async def test_an_answer_is_handed_on_as_it_is(transport: AiohttpTransport) -> None:
    headers = {"content-encoding": "gzip", "set-cookie": "a=b", "x-a": "1"}
    async with Upstream(whole(b"not gzip", status=418, headers=headers)) as upstream:
        response = await transport.handle_async_request(post(upstream))
        assert (response.status_code, response.headers["x-a"]) == (418, "1")
        assert [piece async for piece in response.stream] == [b"not gzip"]  # type: ignore[union-attr]
        await response.aclose()
        await read(transport, post(upstream))
    assert "cookie" not in upstream.requests[1].headers


async def test_a_redirect_is_not_followed(transport: AiohttpTransport) -> None:
    async with Upstream(whole(b"", status=307, headers={"location": "/elsewhere"})) as upstream:
        response = await transport.handle_async_request(post(upstream))
        await response.aclose()
    assert response.status_code == 307
    assert len(upstream.requests) == 1


async def test_proxies_of_the_environment_are_not_used(
    transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{refusing_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{refusing_port()}")
    async with Upstream(whole(b"ok")) as upstream:
        assert await read(transport, post(upstream)) == b"ok"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (disconnect(), httpx.ReadError),
        (reset(), httpx.ReadError),
        (junk(), httpx.RemoteProtocolError),
        (hang(), httpx.ReadTimeout),
        (hang(head()), httpx.ReadTimeout),
        (stream([b"x"], end=False), httpx.RemoteProtocolError),
        (reset(head(content_length="9")), httpx.RemoteProtocolError),
    ],
)
async def test_failures_are_httpx_s(
    answer: Answer, error: type[Exception], transport: AiohttpTransport
) -> None:
    async with Upstream(answer) as upstream:
        with pytest.raises(error) as caught:
            await read(transport, post(upstream, read=0.1))
    assert isinstance(caught.value, httpx.TransportError)
    assert str(upstream.port) not in str(caught.value)


async def test_nobody_listening_is_a_connect_error(transport: AiohttpTransport) -> None:
    with pytest.raises(httpx.ConnectError):
        await read(transport, httpx.Request("POST", f"http://127.0.0.1:{refusing_port()}"))


async def test_a_connection_that_is_never_made_is_a_connect_timeout(transport: AiohttpTransport) -> None:
    # A listener whose queue is full answers no SYN (Linux keeps backlog + 1 connections).
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        with socket.create_connection(address):
            request = httpx.Request(
                "POST", f"http://127.0.0.1:{address[1]}", extensions={"timeout": {"connect": 0.2}}
            )
            started = time.monotonic()
            with pytest.raises(httpx.ConnectTimeout):
                await read(transport, request)
            assert time.monotonic() - started < 2


async def test_a_kept_connection_that_turns_out_closed_is_replaced(transport: AiohttpTransport) -> None:
    async with Upstream(whole(b"one"), disconnect(), whole(b"two")) as upstream:
        assert await read(transport, post(upstream, b"1")) == b"one"
        assert await read(transport, post(upstream, b"2")) == b"two"
        assert await read(transport, post(upstream, b"3")) == b"two"
    assert [sent.body for sent in upstream.requests] == [b"1", b"2", b"2", b"3"]
    assert [sent.connection for sent in upstream.requests] == [0, 0, 1, 2]
    assert all(connection.closed_s for connection in upstream.connections[:2])


async def test_a_kept_connection_that_is_reset_is_replaced(transport: AiohttpTransport) -> None:
    async with Upstream(whole(b"one"), reset(), whole(b"two")) as upstream:
        await read(transport, post(upstream))
        assert await read(transport, post(upstream)) == b"two"


async def test_a_request_is_sent_twice_at_most(transport: AiohttpTransport) -> None:
    async with Upstream(whole(b"one"), disconnect()) as upstream:
        await read(transport, post(upstream))
        with pytest.raises(httpx.ReadError):
            await read(transport, post(upstream))
    assert len(upstream.requests) == 3


async def test_a_new_connection_that_breaks_is_not_replaced(transport: AiohttpTransport) -> None:
    async with Upstream(disconnect()) as upstream:
        with pytest.raises(httpx.ReadError):
            await read(transport, post(upstream))
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("first", [b"H", b"HTTP/1.1 200 OK\r\n", head(content_length="5")])
async def test_a_request_is_not_sent_again_once_a_byte_of_an_answer_came(
    first: bytes, transport: AiohttpTransport
) -> None:
    async def begin(connection: Connection, request: Received) -> None:
        await connection.send(first)
        connection.transport.close()

    async with Upstream(whole(b"one"), begin, whole(b"two")) as upstream:
        await read(transport, post(upstream))
        with pytest.raises(httpx.TransportError):
            await read(transport, post(upstream))
    assert len(upstream.requests) == 2


async def test_a_request_is_not_sent_again_if_the_server_may_have_worked_on_it(
    transport: AiohttpTransport,
) -> None:
    async with Upstream(whole(b"one"), disconnect(delay_s=0.7), whole(b"two")) as upstream:
        await read(transport, post(upstream))
        with pytest.raises(httpx.ReadError):
            await read(transport, post(upstream))
    assert len(upstream.requests) == 2


async def test_many_requests_run_side_by_side(transport: AiohttpTransport) -> None:
    async with Upstream(whole(b"ok", delay_s=0.1)) as upstream:
        started = time.monotonic()
        found = await asyncio.gather(*(read(transport, post(upstream)) for _ in range(150)))
        assert time.monotonic() - started < 3
    assert found == [b"ok"] * 150
    assert len(upstream.connections) == 150


async def test_closing_the_transport_closes_its_connections() -> None:
    transport = AiohttpTransport()
    async with Upstream(whole(b"ok")) as upstream:
        await read(transport, post(upstream))
        assert upstream.connections[0].closed_s is None
        await transport.aclose()
        await transport.aclose()
        await asyncio.wait_for(upstream.connections[0].closed.wait(), 2)
