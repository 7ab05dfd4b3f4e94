"""Providers that fail in every way, over sockets: who answers then, and what another replica knows of it."""

import asyncio
import json
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.completions import chunk, echo
from tests.redis_server import redis_prefix, redis_url
from tests.servers import serve
from tests.upstreams import Answer, Upstream, hang, head, refusing_port, stream, whole

WORDS = "all is well"
BEGUN = head(content_type="text/event-stream", transfer_encoding="chunked")
_FIRST = b"data: " + json.dumps(chunk({"role": "assistant", "content": "so far"})).encode() + b"\n\n"
BUSY = {"error": {"message": "busy", "type": "server_error"}}
UPSTREAMS: Mapping[str, tuple[Answer, ...]] = {
    "good": (echo,),
    "busy": (whole(BUSY, status=503),),
    "mute": (hang(),),
    "opened": (hang(BEGUN),),
    "stalls": (hang(BEGUN + b"%x\r\n%b\r\n" % (len(_FIRST), _FIRST)),),
    "cut": (stream([chunk({"role": "assistant", "content": "so far"})], end=False),),
    "recovers": (whole(BUSY, status=429, headers={"retry-after-ms": "10"}), echo),
}
STATUSES = {"busy": 503, "mute": 504, "opened": 504, "refusing": 502, "unreachable": 504}
"""Of providers that fail before they have said anything."""
BEGINNING = ("stalls", "cut")
LATE = {"mute", "opened", "stalls", "unreachable"}
HASTY = {"connect_timeout_ms": 150, "first_byte_timeout_ms": 150, "idle_timeout_ms": 150}


@contextmanager
def full_port() -> Iterator[int]:
    """Yield a port where no connection is ever made: its queue is full."""
    with closing(socket.socket()) as server, closing(socket.socket()) as waiting:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting.connect(server.getsockname())
        yield server.getsockname()[1]


def config_of(urls: Mapping[str, str], record: Path) -> str:
    providers = {
        name: {
            "kind": "openai",
            "base_url": url,
            "api_key": "sk-test",
            **(HASTY if name in LATE else {}),
        }
        for name, url in urls.items()
    }
    return json.dumps({"providers": providers, "records": {"url": f"sqlite:///{record}/record.db"}})


async def ask(
    client: httpx.AsyncClient, config: dict[str, Any] | str, *, streamed: bool
) -> tuple[int, str, httpx.Headers]:
    """Return status, body and head of an answer."""
    document = {"model": "m", "messages": [{"role": "user", "content": WORDS}], "stream": streamed}
    written = config if isinstance(config, str) else json.dumps(config)
    headers = {"x-portkey-config": written}
    response = await client.post("/v1/chat/completions", json=document, headers=headers)
    return response.status_code, response.text, response.headers


def text_of(body: str, *, streamed: bool) -> str:
    if not streamed:
        return str(json.loads(body)["choices"][0]["message"]["content"])
    events = [line[6:] for line in body.splitlines() if line.startswith("data: {")]
    deltas = [one["delta"] for event in events for one in json.loads(event).get("choices", ())]
    return "".join(delta.get("content") or "" for delta in deltas).strip()


async def test_who_fails_before_a_word_is_followed_and_who_fails_behind_it_is_not(tmp_path: Path) -> None:
    async with AsyncExitStack() as running:
        upstreams = {
            name: await running.enter_async_context(Upstream(*answers)) for name, answers in UPSTREAMS.items()
        }
        urls = {name: one.base_url for name, one in upstreams.items()}
        urls["refusing"] = f"http://127.0.0.1:{refusing_port()}/v1"
        urls["unreachable"] = f"http://127.0.0.1:{running.enter_context(full_port())}/v1"
        service = running.enter_context(serve(config_of(urls, tmp_path), tmp_path))
        client = await running.enter_async_context(httpx.AsyncClient(base_url=service.url, timeout=20))

        async def falls_back(name: str, *, streamed: bool) -> None:
            targets = [{"provider": f"@{name}"}, {"provider": "@good"}]
            strategy = {"mode": "fallback", "on_status_codes": [429, 500, 502, 503, 504]}
            config = {"strategy": strategy, "targets": targets}
            status, body, head_ = await ask(client, config, streamed=streamed)
            assert (status, text_of(body, streamed=streamed)) == (200, WORDS), name
            assert head_["x-portkey-last-used-option-index"] == "config.targets[1]", name

        async def fails_alone(name: str, expected: int, *, streamed: bool, **more: Any) -> None:
            status, body, _ = await ask(client, {"provider": f"@{name}", **more}, streamed=streamed)
            assert (status, "error" in json.loads(body)) == (expected, True), name

        async def ends_in_an_error(name: str) -> None:
            asked = len(upstreams["good"].requests)
            targets = [{"provider": f"@{name}"}, {"provider": "@good"}]
            status, body, _ = await ask(
                client, {"strategy": {"mode": "fallback"}, "targets": targets}, streamed=True
            )
            assert (status, text_of(body, streamed=True)) == (200, "so far"), name
            assert '"error"' in body
            assert WORDS not in body
            assert len(upstreams["good"].requests) == asked

        for name in BEGINNING:  # before others ask the spare one, which these must not
            await ends_in_an_error(name)
        async with asyncio.TaskGroup() as group:
            for streamed in (False, True):
                for name, status in STATUSES.items():
                    group.create_task(falls_back(name, streamed=streamed))
                    group.create_task(fails_alone(name, status, streamed=streamed))
                group.create_task(fails_alone("mute", 408, streamed=streamed, request_timeout=60))
            for name in BEGINNING:
                group.create_task(falls_back(name, streamed=False))
        retry = {"attempts": 2, "use_retry_after_headers": True}
        status, body, head_ = await ask(client, {"provider": "@recovers", "retry": retry}, streamed=True)
        assert (status, text_of(body, streamed=True)) == (200, WORDS)
        assert head_["x-portkey-retry-attempt-count"] == "1"


async def test_a_circuit_that_one_process_opens_is_open_in_another(tmp_path: Path) -> None:
    breaker = {"failure_threshold": 3}
    shared = {
        "redis_url": redis_url(),
        "fingerprint_key": secrets.token_hex(16),
        "configs": {
            "prod": {
                "strategy": {"mode": "fallback", "cb_config": breaker},
                "targets": [{"provider": "@first"}, {"provider": "@spare"}],
            }
        },
    }

    async with AsyncExitStack() as running:
        await running.enter_async_context(redis_prefix())  # without Redis, skip
        down = await running.enter_async_context(Upstream(whole(BUSY, status=503)))
        up = await running.enter_async_context(Upstream(echo))
        clients = []
        for name, first in (("one", down), ("two", up)):  # the first target is well for the second replica
            folder = tmp_path / name
            folder.mkdir()
            urls = {"first": first.base_url, "spare": up.base_url}
            config = json.loads(config_of(urls, folder)) | shared
            service = running.enter_context(serve(json.dumps(config), folder))
            clients.append(await running.enter_async_context(httpx.AsyncClient(base_url=service.url)))

        async def answered_by(client: httpx.AsyncClient) -> str:
            status, body, head_ = await ask(client, "prod", streamed=False)
            assert (status, text_of(body, streamed=False)) == (200, WORDS)
            return head_["x-portkey-last-used-option-index"].rpartition(".")[2]

        one, two = clients
        assert await answered_by(two) == "targets[0]"
        assert [await answered_by(one) for _ in range(4)] == ["targets[1]"] * 4
        assert len(down.requests) == 3  # then its circuit was open
        async with asyncio.timeout(10):
            while await answered_by(two) != "targets[1]":  # noqa: ASYNC110 (another process's doing)
                await asyncio.sleep(0.05)
