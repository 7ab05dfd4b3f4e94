"""Everything an upstream can do wrong, on real sockets, and the true status of each."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.domain.errors import (
    HandrailError,
    UpstreamBroken,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from app.domain.events import ProviderEvent, TextDelta
from app.providers.http import HttpProvider
from app.providers.transport import AiohttpTransport
from tests.app.providers.asking import CHUNKS, DOCUMENT, KEY, ask, chunk, new_attempt, provider, request
from tests.upstreams import (
    Answer,
    Upstream,
    disconnect,
    drip,
    hang,
    head,
    huge,
    junk,
    refusing_port,
    reset,
    stream,
    whole,
)

BODY = json.dumps(DOCUMENT).encode()
CHUNKED = head(content_type="text/event-stream", transfer_encoding="chunked")
FIRST = b"data: " + json.dumps(CHUNKS[0]).encode() + b"\n\n"


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as running:
        yield running


async def failure(
    answer: Answer, transport: AiohttpTransport, **settings: Any
) -> tuple[HandrailError, int | None]:
    """Return how one completion failed, and the status noted on the attempt."""
    attempt = new_attempt()
    async with Upstream(answer) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await ask(provider(upstream.base_url, transport, **settings), stream=True, attempt=attempt)
    assert KEY not in str(caught.value.body())
    return caught.value, attempt.status_code


@pytest.mark.parametrize(
    ("answer", "error", "status", "noted"),
    [
        (disconnect(), UpstreamUnreachable, 502, None),
        (reset(), UpstreamUnreachable, 502, None),
        (junk(), UpstreamBroken, 502, None),
        (junk(b"HTTP/1.1 999999 x\r\n\r\n"), UpstreamBroken, 502, None),
        (junk(head(content_length="5x") + b"hello"), UpstreamBroken, 502, None),
        (reset(head(content_length="500") + BODY[:20]), UpstreamBroken, 502, 200),
        (reset(CHUNKED + b"%x\r\n%b\r\n" % (len(FIRST), FIRST)), UpstreamBroken, 502, 200),
        (drip(head(content_length="500") + BODY, size=100), UpstreamBroken, 502, 200),
        (stream(CHUNKS[:2], end=False), UpstreamBroken, 502, 200),
        (stream(CHUNKS, end=False), UpstreamBroken, 502, 200),
        (stream(CHUNKS[:2]), UpstreamBroken, 502, 200),
        (stream([*CHUNKS[:2], "[DONE]"]), UpstreamBroken, 502, 200),
        (stream(["[DONE]"]), UpstreamBroken, 502, 200),
        (stream([]), UpstreamBroken, 502, 200),
        (stream([FIRST, FIRST[:30]]), UpstreamBroken, 502, 200),
        (stream([FIRST, "junk"]), UpstreamBroken, 502, 200),
        (stream([b"data: \xff\n\n"]), UpstreamBroken, 502, 200),
        (whole(b""), UpstreamBroken, 502, 200),
        (whole(BODY[:-1]), UpstreamBroken, 502, 200),
        (whole(b"<html>hi</html>"), UpstreamBroken, 502, 200),
        (whole(b"<html>hi</html>", content_type="text/html"), UpstreamBroken, 502, 200),
        (whole({"choices": []}), UpstreamBroken, 502, 200),
        (whole([]), UpstreamBroken, 502, 200),
        (whole(DOCUMENT, headers={"content-encoding": "gzip"}), UpstreamBroken, 502, 200),
        (whole(b"", status=204), UpstreamBroken, 502, 204),
        (whole(b"", status=302, headers={"location": "/elsewhere"}), UpstreamBroken, 502, 302),
        (huge(300_000), UpstreamBroken, 502, 200),
        (huge(300_000, content_type="text/event-stream"), UpstreamBroken, 502, 200),
        (huge(300_000, content_type="text/event-stream", piece=b": ping\n" * 1000), UpstreamBroken, 502, 200),
        (hang(), UpstreamTimeout, 504, None),
        (hang(b"HTTP/1.1 200 OK\r\n"), UpstreamTimeout, 504, None),
        (hang(head()), UpstreamTimeout, 504, 200),
        (hang(head(content_length="500") + BODY[:20]), UpstreamTimeout, 504, 200),
        (hang(CHUNKED + b"%x\r\n%b\r\n" % (len(FIRST), FIRST)), UpstreamTimeout, 504, 200),
    ],
)
async def test_a_fault_is_told_with_a_true_status(
    answer: Answer, error: type[UpstreamError], status: int, noted: int | None, transport: AiohttpTransport
) -> None:
    limits = {"first_byte_timeout_ms": 200, "idle_timeout_ms": 200} if status == 504 else {}
    failed, seen = await failure(answer, transport, max_answer_bytes=200_000, **limits)
    assert (type(failed), failed.status, seen) == (error, status, noted)
    assert "@up" in failed.message or "provider" in failed.message
    assert failed.retryable


async def test_a_port_on_which_nobody_listens(transport: AiohttpTransport) -> None:
    with pytest.raises(UpstreamUnreachable, match="@up could not be reached: the connection was refused"):
        await ask(provider(f"http://127.0.0.1:{refusing_port()}", transport))


async def test_a_host_that_does_not_exist(transport: AiohttpTransport) -> None:
    with pytest.raises(UpstreamUnreachable, match="its host name is unknown"):
        await ask(provider("http://nobody.invalid/v1", transport))


async def test_a_server_that_speaks_no_tls(transport: AiohttpTransport) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(UpstreamUnreachable, match="TLS failed"):
            await ask(provider(f"https://127.0.0.1:{port}/v1", transport))


async def test_an_answer_that_comes_slowly_is_no_fault(transport: AiohttpTransport) -> None:
    slow = drip(head(content_length=str(len(BODY))) + BODY, size=4, delay_s=0.005)
    async with Upstream(slow) as upstream:
        found = await ask(
            provider(upstream.base_url, transport, idle_timeout_ms=100, first_byte_timeout_ms=1000)
        )
    assert len(found) == 3


async def test_the_first_piece_may_take_longer_than_the_next(transport: AiohttpTransport) -> None:
    async with Upstream(whole(DOCUMENT, delay_s=0.3)) as upstream:
        asked = provider(upstream.base_url, transport, idle_timeout_ms=50, first_byte_timeout_ms=5000)
        assert len(await ask(asked)) == 3


async def test_silence_in_mid_answer_is_bounded_by_the_idle_timeout(transport: AiohttpTransport) -> None:
    begun = CHUNKED + b"%x\r\n%b\r\n" % (len(FIRST), FIRST)
    started = time.monotonic()
    failed, _ = await failure(hang(begun), transport, first_byte_timeout_ms=30_000, idle_timeout_ms=100)
    assert isinstance(failed, UpstreamTimeout)
    assert time.monotonic() - started < 5


async def test_an_answer_may_take_longer_than_its_first_piece(transport: AiohttpTransport) -> None:
    async with Upstream(stream([*CHUNKS, "[DONE]"], delay_s=0.15)) as upstream:
        asked = provider(upstream.base_url, transport, first_byte_timeout_ms=300, idle_timeout_ms=5000)
        assert len(await ask(asked, stream=True)) == 4


async def test_a_slow_reader_is_not_the_upstreams_fault(transport: AiohttpTransport) -> None:
    async with Upstream(stream([*CHUNKS, "[DONE]"])) as upstream:
        asked = provider(upstream.base_url, transport, idle_timeout_ms=50)
        taken = 0
        async for _ in asked.ask(request(stream=True), "m", new_attempt()):
            await asyncio.sleep(0.15)
            taken += 1
    assert taken == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 422, 429, 500, 503, 529])
async def test_an_error_of_the_provider_is_passed_on(status: int, transport: AiohttpTransport) -> None:
    body = {"error": {"message": "because", "type": "t", "param": "p", "code": "c"}}
    headers = {"retry-after": "7", "retry-after-ms": "6900", "set-cookie": "x=y"}
    failed, seen = await failure(whole(body, status=status, headers=headers), transport)
    assert isinstance(failed, UpstreamRefused)
    assert (failed.status, failed.upstream_status, seen) == (status, status, status)
    assert failed.body() == body | {"provider": "up"}
    assert failed.headers == (("retry-after", "7"), ("retry-after-ms", "6900"))


@pytest.mark.parametrize(
    "answer",
    [
        whole(b"<h1>down</h1>", status=503, content_type="text/html"),
        whole(b"", status=503),
        whole(b"{", status=503),
        whole(b"x" * 1_000_000, status=503),
        hang(head(503, content_length="10") + b"{"),
        reset(head(503, content_length="10") + b"{"),
    ],
)
async def test_an_error_whose_body_cannot_be_read_keeps_its_status(
    answer: Answer, transport: AiohttpTransport
) -> None:
    failed, _ = await failure(answer, transport, idle_timeout_ms=100)
    assert (failed.status, failed.message) == (503, "The provider answered with status 503.")


async def test_an_error_in_plain_text_is_passed_on(transport: AiohttpTransport) -> None:
    failed, _ = await failure(whole(b"upstream busy", status=503, content_type="text/plain"), transport)
    assert failed.message == "upstream busy"


@pytest.mark.parametrize("where", ["message", "type", "param", "code"])
@pytest.mark.parametrize("in_stream", [True, False])
async def test_credentials_are_taken_out_of_errors(
    where: str, in_stream: bool, transport: AiohttpTransport
) -> None:
    body = {"error": {"message": "m", where: f"you sent Bearer {KEY}, which is wrong"}}
    answer = stream([chunk("a"), body]) if in_stream else whole(body, status=401)
    failed, _ = await failure(answer, transport)
    assert "***, which is wrong" in str(failed.body())


async def test_an_error_in_mid_stream_comes_after_what_was_said(transport: AiohttpTransport) -> None:
    body = {"error": {"message": "overloaded", "code": 503}}
    seen: list[ProviderEvent] = []

    async def listen(asked: HttpProvider) -> None:
        async for event in asked.ask(request(stream=True), "m", new_attempt()):
            seen.append(event)  # noqa: PERF401 (a comprehension would lose them with the error)

    async with Upstream(stream([*CHUNKS[:2], body], delay_s=0.01)) as upstream:
        with pytest.raises(UpstreamRefused, match="overloaded"):
            await listen(provider(upstream.base_url, transport))
    assert seen[1:] == [TextDelta(0, "content", "Hel"), TextDelta(0, "content", "lo")]


async def test_an_answer_that_is_too_long_is_not_read_to_its_end(transport: AiohttpTransport) -> None:
    started = time.monotonic()
    failed, _ = await failure(huge(50_000_000), transport, max_answer_bytes=100_000)
    assert "more than 100000 bytes" in failed.message
    assert time.monotonic() - started < 5
