"""A real service whose disk is really full: it refuses, says so, loses nothing, and goes on in time."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.cable import Cable, cable, rerouted
from tests.e2e.completions import completion, said
from tests.e2e.rows import Database
from tests.postgresql import database
from tests.servers import Service, serve
from tests.small_disk import SmallDisk, small_disk
from tests.upstreams import Upstream, whole

_CONFIG = """
providers: {{up: {{kind: openai, base_url: "{upstream}"}}}}
records: {{url: "{url}", content: full, journal: {{path: "{disk}/journals"}}}}
"""
_QUESTION = {"model": "@up/m", "messages": [{"role": "user", "content": "x" * 100_000}]}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    with small_disk(tmp_path / "disk", 3) as mounted:
        yield mounted


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def far(request: pytest.FixtureRequest, disk: SmallDisk) -> Iterator[tuple[str, Database, Cable | None]]:
    """Give a record's URL, the record, and what lies between: SQLite is on the small disk, too."""
    if request.param == "sqlite":
        url = f"sqlite:///{disk.path}/record.db"
        yield url, Database(url), None
        return
    with database() as url:
        parts = urlsplit(url)
        with cable(parts.hostname or "", parts.port or 5432) as line:
            yield rerouted(url, line.port), Database(url), line


async def _ready(client: httpx.AsyncClient, *, degraded: bool = False) -> None:
    """Return once all is as it should be, or as far as it can be while the database is away."""
    async with asyncio.timeout(30):
        while True:
            answer = await client.get("/readyz")
            if answer.status_code == 200 and (degraded or "degraded" not in answer.json()):
                return
            await asyncio.sleep(0.05)


async def _says(client: httpx.AsyncClient, service: Service) -> tuple[str, set[str]]:
    """Return what the metric of a full journal says, and which events about it were logged."""
    metrics = (await client.get("/metrics")).text.splitlines()
    (full,) = (
        line.rpartition(" ")[2] for line in metrics if line.startswith("handrail_records_journal_full")
    )
    events = ("records_journal_failed", "records_journal_full", "records_journal_takes_more")
    return full, {event for event in events if f'"{event}"' in service.output()}


async def test_a_full_disk_refuses_new_work_loses_no_answer_and_room_is_all_it_needs(
    disk: SmallDisk, far: tuple[str, Database, Cable | None], tmp_path: Path
) -> None:
    url, record, line = far
    given: list[str] = []
    folder = tmp_path / "service"
    folder.mkdir()

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        reply = await client.post("/v1/chat/completions", json=_QUESTION)
        if reply.status_code == 200:
            given.append(reply.headers["x-request-id"])
        return reply

    async with Upstream(whole(completion(said("yes")))) as upstream:
        config = _CONFIG.format(upstream=upstream.base_url, url=url, disk=disk.path)
        with serve(config, folder) as service:
            client = httpx.AsyncClient(base_url=service.url, timeout=30)
            if line is not None:
                line.cut()
            async with asyncio.timeout(60):
                while (refused := await ask(client)).status_code == 200:
                    pass
            error = refused.json()["error"]
            assert (refused.status_code, error["type"], error["code"]) == (
                503,
                "server_error",
                "records_journal_full",
            )
            assert "its disk cannot be written" in error["message"]
            assert len(upstream.requests) == len(given) > 5, "or it was asked before it was refused"
            assert (await client.get("/readyz")).status_code == 503
            assert await _says(client, service) == ("1", {"records_journal_failed", "records_journal_full"})
            disk.grow(64)
            await _ready(client, degraded=True)
            assert (await ask(client)).status_code == 200
            if line is not None:
                line.mend()
            await _ready(client)
            full, events = await _says(client, service)
            assert (full, "records_journal_takes_more" in events) == ("0", True)
            await client.aclose()
            assert await asyncio.to_thread(service.stop) == 0
        rows = record.query("SELECT CAST(id AS text) AS id FROM exchanges WHERE outcome = 'ok'")
    assert {row["id"] for row in rows} == set(given)
    kept = record.query("SELECT count(*) AS n FROM payloads WHERE length(body) > 100000")
    assert kept == [{"n": len(given)}], "and each as a whole"
