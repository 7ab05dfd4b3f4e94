import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from app.domain.abilities import Abilities
from app.domain.errors import (
    HandrailError,
    InvalidRequest,
    UpstreamBroken,
    UpstreamError,
    UpstreamRefused,
    UpstreamUnauthorized,
)
from app.domain.ports import Provider
from app.providers.authorization import HeaderKey
from app.providers.endpoint import Endpoint
from app.providers.http import HttpProvider
from app.providers.transport import AiohttpTransport
from app.wire.format import Asked, Question
from app.wire.openai.format import OpenAIFormat
from tests.app.providers.asking import CHUNKS, DOCUMENT, KEY, ask, chunk, new_attempt, provider, request
from tests.golden.openai_cases import STREAMS, fold, folded, stream_bytes
from tests.upstreams import Answer, Upstream, hang, head, stream, whole

DONE = "[DONE]"


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as running:
        yield running


async def test_the_document_is_sent_under_the_providers_model_and_credentials(
    transport: AiohttpTransport,
) -> None:
    async with Upstream(whole(DOCUMENT)) as upstream:
        asked = provider(upstream.base_url, transport)
        async for _ in asked.ask(request(top_k=5), "m-1", new_attempt()):
            pass
    (sent,) = upstream.requests
    assert (sent.method, sent.target) == ("POST", "/v1/chat/completions")
    assert sent.json() == {"model": "m-1", "messages": [{"role": "user", "content": "hi"}], "top_k": 5}
    assert sent.headers == {
        "host": f"127.0.0.1:{upstream.port}",
        "authorization": f"Bearer {KEY}",
        "accept": "application/json, text/event-stream",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "content-length": str(len(sent.body)),
        "user-agent": "handrail",
    }


@pytest.mark.parametrize("stream_usage", [True, False])
async def test_usage_is_asked_for_in_a_stream_if_the_provider_knows_it(
    stream_usage: bool, transport: AiohttpTransport
) -> None:
    async with Upstream(stream([*CHUNKS, DONE])) as upstream:
        await ask(provider(upstream.base_url, transport, stream_usage=stream_usage), stream=True)
    assert ("stream_options" in upstream.requests[0].json()) == stream_usage


@pytest.mark.parametrize(
    ("base_url", "chat", "address", "port"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions", "api.openai.com", 443),
        ("http://h:8080/v1/", "http://h:8080/v1/chat/completions", "h", 8080),
        ("http://h", "http://h/chat/completions", "h", 80),
        ("http://[::1]:9/a%20b", "http://[::1]:9/a%20b/chat/completions", "::1", 9),
        (
            "https://r.openai.azure.com/openai/deployments/d?api-version=1",
            "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
            "r.openai.azure.com",
            443,
        ),
    ],
)
async def test_the_path_is_put_behind_the_base_url(base_url: str, chat: str, address: str, port: int) -> None:
    seen: list[str] = []

    def answer(sent: httpx.Request) -> httpx.Response:
        seen.append(str(sent.url))
        return httpx.Response(200, json=DOCUMENT)

    asked: Provider = (made := provider(base_url, httpx.MockTransport(answer)))
    await ask(made)
    assert seen == [chat]
    assert (asked.slug, asked.kind, asked.server_address, asked.server_port) == (
        "up",
        "openai",
        address,
        port,
    )


@pytest.mark.parametrize("base_url", ["ftp://h", "h:80", "", "http://", f"http://user:{KEY}@h"])
def test_an_impossible_base_url_is_refused_at_the_start(base_url: str) -> None:
    with pytest.raises(ValueError, match="base_url of provider 'up'") as caught:
        provider(base_url, httpx.MockTransport(lambda _: httpx.Response(200)))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("asked_for_stream", [True, False])
@pytest.mark.parametrize(
    "answer",
    [
        whole(DOCUMENT),
        whole(DOCUMENT, content_type="application/json; charset=utf-8"),
        whole(DOCUMENT, content_type="application/vnd.api+json"),
        stream([*CHUNKS, DONE]),
        stream(CHUNKS),
        stream([*CHUNKS, DONE], content_type="TEXT/EVENT-STREAM; charset=utf-8"),
    ],
)
async def test_a_provider_may_answer_as_it_likes(
    asked_for_stream: bool, answer: Answer, transport: AiohttpTransport
) -> None:
    attempt = new_attempt()
    async with Upstream(answer) as upstream:
        found = await ask(provider(upstream.base_url, transport), stream=asked_for_stream, attempt=attempt)
    assert fold(found) == DOCUMENT | {"choices": [{**DOCUMENT["choices"][0]}]}  # type: ignore[index]
    assert attempt.status_code == 200


@pytest.mark.parametrize("asked_for_stream", [True, False])
async def test_without_a_content_type_an_answer_is_what_was_asked_for(
    asked_for_stream: bool, transport: AiohttpTransport
) -> None:
    body = b"".join(b"data: %b\n\n" % line for line in [*map(_json, CHUNKS), b"[DONE]"])
    answer = whole(body if asked_for_stream else DOCUMENT, content_type=None)
    async with Upstream(answer) as upstream:
        assert fold(await ask(provider(upstream.base_url, transport), stream=asked_for_stream)) == DOCUMENT


@pytest.mark.parametrize("name", STREAMS)
async def test_real_habits_over_a_real_socket(name: str, transport: AiohttpTransport) -> None:
    data = stream_bytes(name)
    pieces = [data[start : start + 50] for start in range(0, len(data), 50)]
    async with Upstream(stream(pieces)) as upstream:
        assert fold(await ask(provider(upstream.base_url, transport), stream=True)) == _once(folded(name))


def _once(document: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without the deprecated twin of its call, which the format takes out."""
    for choice in document["choices"]:
        if choice["message"].get("tool_calls") and choice["message"].get("function_call"):
            choice["message"]["function_call"] = None
    return document


async def test_pieces_are_handed_on_as_they_come(transport: AiohttpTransport) -> None:
    async with Upstream(stream([*CHUNKS, DONE], delay_s=0.1)) as upstream:
        answer = provider(upstream.base_url, transport).ask(request(stream=True), "m", new_attempt())
        times = [time.monotonic() async for _ in answer]
    assert times[2] - times[1] > 0.05


async def test_one_connection_serves_one_answer_after_the_other(transport: AiohttpTransport) -> None:
    refusal = whole({"error": {"message": "no"}}, status=400)
    async with Upstream(whole(DOCUMENT), stream([*CHUNKS, DONE]), refusal, whole(DOCUMENT)) as upstream:
        asked = provider(upstream.base_url, transport)
        await ask(asked)
        await ask(asked, stream=True)
        with pytest.raises(UpstreamRefused):
            await ask(asked)
        await ask(asked)
    assert len(upstream.connections) == 1


async def test_a_stream_that_goes_on_after_done_is_not_waited_for(transport: AiohttpTransport) -> None:
    open_end = head(content_type="text/event-stream") + b"".join(
        b"data: %b\n\n" % line for line in [*map(_json, CHUNKS), b"[DONE]"]
    )
    async with Upstream(hang(open_end)) as upstream:
        started = time.monotonic()
        await ask(provider(upstream.base_url, transport), stream=True)
        assert time.monotonic() - started < 2
        await asyncio.wait_for(upstream.connections[0].closed.wait(), 2)


@pytest.mark.parametrize("events_taken", [0, 1, 2])
async def test_closing_the_generator_closes_the_connection_within_100_ms(
    events_taken: int, transport: AiohttpTransport
) -> None:
    async with Upstream(stream([*CHUNKS[:2], *[chunk("x")] * 1000], delay_s=0.02)) as upstream:
        answer = provider(upstream.base_url, transport).ask(request(stream=True), "m", new_attempt())
        for _ in range(events_taken + 1):
            await anext(answer)
        closed_s = time.monotonic()
        await answer.aclose()
        await asyncio.wait_for(upstream.connections[0].closed.wait(), 2)
        ended_s = upstream.connections[0].closed_s
        assert ended_s is not None
        assert ended_s - closed_s < 0.1


@pytest.mark.parametrize("first", [b"", head(), head(content_type="text/event-stream") + b"data: {"])
async def test_cancelling_the_task_closes_the_connection_within_100_ms(
    first: bytes, transport: AiohttpTransport
) -> None:
    async with Upstream(hang(first)) as upstream:
        asking = asyncio.ensure_future(ask(provider(upstream.base_url, transport), stream=True))
        await asyncio.wait_for(upstream.asked.wait(), 2)
        await asyncio.sleep(0.05)
        cancelled_s = time.monotonic()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(upstream.connections[0].closed.wait(), 2)
        ended_s = upstream.connections[0].closed_s
        assert ended_s is not None
        assert ended_s - cancelled_s < 0.1


class _Marked(OpenAIFormat):
    """Puts a caller's word into a header."""

    def ask(self, question: Question) -> Asked:
        headers = {"x-user": question.document["user"]}
        return msgspec.structs.replace(super().ask(question), headers=headers)


@pytest.mark.parametrize(
    ("user", "key", "error"),
    [
        ("a\r\nx: y", "key", InvalidRequest),
        ("\xe9", "key", InvalidRequest),
        ("a", "key\n", UpstreamUnauthorized),
        ("a", "key\x00", UpstreamUnauthorized),
    ],
)
async def test_a_header_that_cannot_be_sent_is_named_and_not_shown(
    user: str, key: str, error: type[HandrailError], transport: AiohttpTransport
) -> None:
    endpoint = Endpoint(
        slug="up",
        kind="openai",
        telemetry_name="openai",
        base=httpx.URL("http://127.0.0.1:9"),
        headers=httpx.Headers(),
    )
    asked = HttpProvider(
        endpoint, _Marked(), HeaderKey(key), lambda _: Abilities(), "drop", media=None, transport=transport
    )
    with pytest.raises(error) as caught:
        async for _ in asked.ask(request(user=user), "m", new_attempt()):
            pass
    assert ("'x-user'" if error is InvalidRequest else "'authorization'") in caught.value.message
    assert user not in caught.value.message or user == "a"
    assert key not in caught.value.message


async def test_models_are_listed_as_the_upstream_wrote_them(transport: AiohttpTransport) -> None:
    models = [{"id": "a", "object": "model", "owned_by": "x"}, {"id": "b"}, {"name": "no id"}, "junk"]
    async with Upstream(whole({"object": "list", "data": models}), whole(models)) as upstream:
        asked = provider(upstream.base_url, transport)
        assert await asked.list_models() == tuple(models[:2])
        assert await asked.list_models() == tuple(models[:2])
    assert [(sent.method, sent.target, sent.body) for sent in upstream.requests] == [
        ("GET", "/v1/models", b"")
    ] * 2
    assert upstream.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (whole({"data": {}}), UpstreamBroken),
        (whole(b"<html>"), UpstreamBroken),
        (whole({"error": {"message": f"bad key {KEY}"}}, status=401), UpstreamRefused),
        (whole(b"", status=302), UpstreamBroken),
    ],
)
async def test_a_list_of_models_that_is_none_is_an_error(
    answer: Answer, error: type[UpstreamError], transport: AiohttpTransport
) -> None:
    async with Upstream(answer) as upstream:
        with pytest.raises(error) as caught:
            await provider(upstream.base_url, transport).list_models()
    assert KEY not in caught.value.message


def _json(document: Any) -> bytes:
    return httpx.Response(200, json=document).content


@pytest.mark.parametrize("body", [b"404 page not found", b"<html>", b""])
async def test_a_path_that_is_not_there_is_named(body: bytes, transport: AiohttpTransport) -> None:
    async with Upstream(whole(body, status=404, content_type="text/plain")) as upstream:
        with pytest.raises(UpstreamRefused, match="has nothing at /v1/chat/completions; check its base_url"):
            await ask(provider(upstream.base_url, transport))
    async with Upstream(whole({"error": {"message": "no such model"}}, status=404)) as upstream:
        with pytest.raises(UpstreamRefused, match="no such model"):
            await ask(provider(upstream.base_url, transport))
