"""What is erased from the record is given again by no cache: processes, sockets, a real Redis."""

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from _pytest.mark import ParameterSet

from app.access.keys import key_hash
from app.cache.redis_link import connect
from tests.cable import cable, rerouted
from tests.e2e.completions import completion, said, spoken
from tests.e2e.rows import Database
from tests.postgresql import database
from tests.redis_server import redis_prefix, redis_url
from tests.servers import Service, serve
from tests.upstreams import Connection, Received, Upstream, whole

BOUND_S = 5.0
"""As README.md says."""
SUBJECT = "anna@example.com"
CONFIG = """\
providers: {{up: {{kind: openai, base_url: "{upstream}", api_key: sk-test}}}}
configs: {{again: {{provider: "@up", cache: {{mode: semantic, max_age: 3600}}}}}}
keys:
  team: {{hash: "{team}", config: again}}
  auditor: {{hash: "{admin}", admin: true}}
fingerprint_key: of-all-replicas-of-this-gateway
cache: {{{store}, embedder: {{model: "@up/small"}}}}
records: {{url: "{record}"}}
"""
ALIKE = {"What is the capital of France?": [1.0, 0.0, 0.0], "France's capital?": [0.99, 0.14, 0.0]}
_FIRST, _AGAIN = ALIKE
_OTHERS = {"a whole answer": [0.0, 1.0, 0.0], "a streamed answer": [0.0, 0.0, 1.0]}
VECTORS = ALIKE | _OTHERS
QUESTIONS = ((_FIRST, False), ("a whole answer", False), ("a streamed answer", True))


def _on_postgresql(*beside: str) -> ParameterSet:
    return pytest.param("postgresql", *beside, marks=pytest.mark.postgresql)


class Model:
    """Says another number each time."""

    def __init__(self) -> None:
        self.asked = 0

    async def answer(self, connection: Connection, request: Received) -> None:
        sent = request.json()
        if request.target == "/v1/embeddings":
            row = {"object": "embedding", "index": 0, "embedding": VECTORS[sent["input"]]}
            await whole({"object": "list", "data": [row], "model": "small"})(connection, request)
            return
        self.asked += 1
        text = f"answer-{self.asked}"
        await (spoken([text]) if sent.get("stream") else whole(completion(said(text))))(connection, request)


class Asking:
    """Asks a service."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, text: str, *, stream: bool = False) -> tuple[str, str]:
        """Return the status of the cache, and all that was answered."""
        sent = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": text}]}
        known = {"authorization": "Bearer hr-team", "x-portkey-metadata": json.dumps({"_user": SUBJECT})}
        answer = httpx.post(f"{self._url}/v1/chat/completions", json=sent, headers=known, timeout=20)
        assert answer.status_code == 200, answer.text
        self.request_id = answer.headers["x-request-id"]
        return answer.headers["x-portkey-cache-status"], answer.text

    def fill(self) -> None:
        """Have everything kept, found by its meaning, and repeated byte for byte."""
        for text, stream in QUESTIONS:
            assert self.ask(text, stream=stream)[0] == "SEMANTIC MISS"
        for _ in range(3):
            assert [self.ask(text, stream=stream)[0] for text, stream in QUESTIONS] == ["HIT"] * 3
        assert self.ask(_AGAIN)[0] == "SEMANTIC HIT"

    def erase(self, **what: Any) -> dict[str, Any]:
        admin = {"authorization": "Bearer hr-admin"}
        answer = httpx.post(f"{self._url}/v1/records/erase", json=what, headers=admin, timeout=20)
        assert answer.status_code == 200, answer.text
        erased: dict[str, Any] = answer.json()
        return erased

    def require_forgotten(self, within_s: float) -> None:
        """Make sure that everything is asked for anew, as soon as one thing is."""
        end = time.monotonic() + within_s
        while self.ask(_AGAIN)[0] != "SEMANTIC MISS":
            assert time.monotonic() < end, "the erased answer was given again"
            time.sleep(0.05)
        first, *others = [self.ask(text, stream=stream)[0] for text, stream in QUESTIONS]
        assert first in {"SEMANTIC HIT", "SEMANTIC MISS"}, (
            "found again by its meaning, unless it is heard twice"
        )
        assert others == ["SEMANTIC MISS", "SEMANTIC MISS"]


def config_of(upstream: Upstream, record: Database, store: str) -> str:
    return CONFIG.format(
        upstream=upstream.base_url,
        team=key_hash("hr-team"),
        admin=key_hash("hr-admin"),
        store=store,
        record=record.url,
    )


def erase_by_command(where: tuple[str, str], *whose: str) -> dict[str, Any]:
    """Erase as another process, or another machine, does."""
    command = (sys.executable, "-m", "app", "records", "erase", *where, "--json", *whose)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HANDRAIL_")}
    ran = subprocess.run(command, check=True, capture_output=True, timeout=60, env=environ)
    erased: dict[str, Any] = json.loads(ran.stdout)
    return erased


def at(record: Database) -> tuple[str, str]:
    return ("--database", record.url)


def redis_of_this_test() -> str:
    """Return a URL of a database beside the one that other tests share: it is swept."""
    return urlsplit(redis_url())._replace(path=f"/{random.randint(2, 15)}").geturl()


@pytest.mark.parametrize(
    ("record", "store"), [("sqlite", "memory"), _on_postgresql("redis")], indirect=["record"]
)
async def test_what_was_erased_is_given_by_no_cache_again(
    record: Database, tmp_path: Path, store: str
) -> None:
    folder = tmp_path / "service"
    folder.mkdir()
    where = ("--config", str(folder / "handrail.yaml"))
    place = "store: memory" if store == "memory" else f'store: redis, url: "{redis_of_this_test()}"'
    async with redis_prefix(), Upstream(Model().answer) as upstream:
        with serve(config_of(upstream, record, place), folder) as service:
            asking = await _run(Asking, service.url)
            await _run(asking.fill)
            record.exchange(asking.request_id)
            counted = await _run(erase_by_command, where, "--subject", SUBJECT, "--dry-run")
            assert counted["exchanges"] == 13
            erased = await _run(erase_by_command, where, "--subject", SUBJECT)
            assert erased["exchanges"] == 13
            await _run(asking.require_forgotten, BOUND_S)
            assert (await _run(asking.ask, _AGAIN))[0] == "HIT"
            record.exchange(asking.request_id)
            assert (await _run(asking.erase, subject=SUBJECT))["exchanges"] > 0
            await _run(asking.require_forgotten, 0.0)
        assert "cache_forgotten" in service.output()


@pytest.mark.parametrize("record", [_on_postgresql()], indirect=True)
async def test_every_worker_forgets(record: Database, tmp_path: Path) -> None:
    folder = tmp_path / "service"
    folder.mkdir()
    async with Upstream(Model().answer) as upstream:
        with serve(
            config_of(upstream, record, "store: memory"), folder, arguments=("--workers", "2")
        ) as service:
            asking = Asking(service.url)
            before = {(await _run(asking.ask, _FIRST))[1] for _ in range(30)}
            assert len(before) == 2, "both workers have an answer"
            record.exchange(asking.request_id)
            await _run(erase_by_command, at(record), "--exchange", asking.request_id)
            await asyncio.sleep(BOUND_S)
            after = {(await _run(asking.ask, _FIRST))[1] for _ in range(30)}
    assert len(after) == 2
    assert not before & after


@pytest.mark.parametrize("record", ["sqlite"], indirect=True)
async def test_a_gateway_that_starts_gives_nothing_from_before_an_erasure(
    record: Database, tmp_path: Path
) -> None:
    url = redis_of_this_test()
    async with redis_prefix(), Upstream(Model().answer) as upstream:
        config = config_of(upstream, record, f'store: redis, url: "{url}"')
        with _started(config, tmp_path / "one") as service:
            asking = Asking(service.url)
            await _run(asking.fill)
            record.exchange(asking.request_id)
        kept = await _keys(url)
        assert len(kept) > 3
        await _run(erase_by_command, at(record), "--exchange", asking.request_id)
        with _started(config, tmp_path / "two") as service:
            left = {key for key in await _keys(url) if key in kept}
            asking = Asking(service.url)
            await _run(asking.require_forgotten, 0.0)
        assert left == set()
        with _started(config, tmp_path / "three") as service:
            assert (await _run(Asking(service.url).ask, _AGAIN))[0] == "HIT"


async def test_an_erasure_is_heard_of_when_the_database_is_back(tmp_path: Path) -> None:
    with database() as straight:
        parts = urlsplit(straight)
        with cable(parts.hostname or "", parts.port or 5432) as line:
            through = Database(rerouted(straight, line.port))
            async with Upstream(Model().answer) as upstream:
                with _started(config_of(upstream, through, "store: memory"), tmp_path / "one") as service:
                    asking = Asking(service.url)
                    await _run(asking.fill)
                    id_ = asking.request_id
                    Database(straight).exchange(id_)
                    line.cut()
                    await _run(erase_by_command, at(Database(straight)), "--exchange", id_)
                    await asyncio.sleep(BOUND_S)
                    assert (await _run(asking.ask, _AGAIN))[0] == "SEMANTIC HIT"
                    line.mend()
                    await _run(asking.require_forgotten, BOUND_S)


def _started(config: str, folder: Path) -> contextlib.AbstractContextManager[Service]:
    folder.mkdir()
    return serve(config, folder)


async def _keys(url: str) -> set[bytes]:
    client = connect(url)
    try:
        return {key async for key in client.scan_iter(match="handrail:*")}
    finally:
        await client.aclose()


async def _run(function: Any, *args: Any, **named: Any) -> Any:
    return await asyncio.to_thread(function, *args, **named)
