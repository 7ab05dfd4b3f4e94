"""A real service whose PostgreSQL is stopped at once and started again under load, or is dead at its end."""

import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.bench.kill_findings import look
from tests.bench.kill_round import Callers, Place
from tests.cable import Cable, cable, rerouted
from tests.e2e.rows import Database
from tests.postgresql import Cluster, database, programs
from tests.servers import Service, serve
from tests.upstreams import Upstream, whole

pytestmark = pytest.mark.postgresql

SHORT_ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}],
}

_CONFIG = """
providers: {{main: {{kind: openai, base_url: "http://127.0.0.1:{port}/v1", api_key: sk-m, models: [m]}}}}
guardrails: {{secrecy: {{on: [input, output], checks: [{{words: {{deny: [forbidden]}}}}], action: block}}}}
records:
  url: "{url}"
  content: full
  journal: {{path: "{folder}/journals", max_bytes: {max_bytes}}}
"""


@contextlib.contextmanager
def _served(folder: Path, url: str, port: int, max_bytes: int = 2**30) -> Iterator[Service]:
    life = folder / str(time.monotonic_ns())
    life.mkdir()
    config = _CONFIG.format(port=port, url=url, folder=folder, max_bytes=max_bytes)
    with serve(config, life) as service:
        yield service


async def _readiness(service: Service) -> tuple[int, dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        reply = await client.get(f"{service.url}/readyz", timeout=5)
    return reply.status_code, reply.json()


async def _until_degraded(service: Service) -> None:
    async with asyncio.timeout(20):
        while "degraded" not in (await _readiness(service))[1]:  # noqa: ASYNC110 (it is another process)
            await asyncio.sleep(0.05)


async def _until_whole(service: Service) -> None:
    async with asyncio.timeout(30):
        while (await _readiness(service))[1] != {"status": "ready"}:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def _load(service: Service, callers: Callers) -> AsyncIterator[None]:
    """Let six callers ask until the block ends."""
    stopped = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(callers.ask(service.url, stopped))
        try:
            yield
        finally:
            stopped.set()


async def _until_given(callers: Callers, more: int) -> None:
    enough = len(callers.given) + more
    async with asyncio.timeout(30):
        while len(callers.given) < enough:  # noqa: ASYNC110 (who is asked is another process)
            await asyncio.sleep(0.02)


def _lost(folder: Path, url: str, callers: Callers) -> list[str]:
    """Return what is wrong with the record; nothing was killed, so nothing may be missing."""
    found = look(Place(folder, url, "strict", 1, None), callers, ())
    assert found.answers == len(callers.given) > 0
    assert callers.refused == 0
    return found.wrong


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    place = programs()
    if place is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with tempfile.TemporaryDirectory(prefix="handrail-postgresql-") as folder:
        cluster = Cluster(place, folder)
        cluster.start()
        yield cluster
        cluster.stop()


@pytest.fixture
def far() -> Iterator[tuple[Cable, str, str]]:
    """Give a cable to a database, the database's URL through it, and the URL past it."""
    with database() as url:
        parts = urlsplit(url)
        with cable(parts.hostname or "", parts.port or 5432) as line:
            yield line, rerouted(url, line.port), url


async def test_a_database_that_crashes_under_load_costs_no_answer_and_no_record(
    cluster: Cluster, tmp_path: Path
) -> None:
    callers = Callers(random.Random(1))
    async with Upstream(callers.answer) as upstream:
        with _served(tmp_path, cluster.url, upstream.port) as service:
            async with _load(service, callers):
                await _until_given(callers, 30)
                await asyncio.to_thread(cluster.stop)
                await _until_degraded(service)
                await _until_given(callers, 60)
                await asyncio.to_thread(cluster.start)
                await _until_given(callers, 30)
            await _until_whole(service)
            await asyncio.to_thread(service.stop)
    assert _lost(tmp_path, cluster.url, callers) == []


async def test_what_a_dead_database_leaves_at_the_end_is_shipped_by_the_next_start(
    far: tuple[Cable, str, str], tmp_path: Path
) -> None:
    line, url, straight = far
    callers = Callers(random.Random(2))
    async with Upstream(callers.answer) as upstream:
        with _served(tmp_path, url, upstream.port) as service:
            async with _load(service, callers):
                await _until_given(callers, 10)
                line.cut()
                await _until_given(callers, 30)
            assert await asyncio.to_thread(service.stop) == 0
            assert "records_left_in_journal" in service.output()
        rows = Database(straight).query("SELECT count(*) AS n FROM exchanges WHERE outcome IS NOT NULL")
        assert rows[0]["n"] < len(callers.given), "or it was no test"
        line.mend()
        with _served(tmp_path, url, upstream.port) as service:
            await _until_whole(service)
            await asyncio.to_thread(service.stop)
    assert list((tmp_path / "journals").glob("*.journal")) == []
    assert _lost(tmp_path, straight, callers) == []


async def test_a_journal_that_is_full_refuses_new_work_loses_nothing_and_recovers(
    far: tuple[Cable, str, str], tmp_path: Path
) -> None:
    line, url, straight = far
    given: list[str] = []

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        message = {"role": "user", "content": "x" * 100_000}
        reply = await client.post("/v1/chat/completions", json={"model": "m", "messages": [message]})
        if reply.status_code == 200:
            given.append(reply.headers["x-request-id"])
        return reply

    async with Upstream(whole(SHORT_ANSWER)) as upstream:
        with _served(tmp_path, url, upstream.port, max_bytes=2**20) as service:
            async with httpx.AsyncClient(base_url=service.url, timeout=20) as client:
                line.cut()
                async with asyncio.timeout(30):
                    while (refused := await ask(client)).status_code == 200:
                        pass
                error = refused.json()["error"]
                assert (refused.status_code, error["type"], error["code"]) == (
                    503,
                    "server_error",
                    "records_journal_full",
                )
                assert "records.journal.max_bytes" in error["message"]
                assert (await _readiness(service))[0] == 503
                assert len(given) >= 10
                line.mend()
                await _until_whole(service)
                assert (await ask(client)).status_code == 200
            await asyncio.to_thread(service.stop)
            assert '"event":"records_journal_full"' in service.output()
    rows = Database(straight).query("SELECT CAST(id AS text) AS id FROM exchanges WHERE outcome = 'ok'")
    assert {row["id"] for row in rows} == set(given)
