"""Planted secrets are not in the journal while the database is away, nor where a kill cuts one off."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.cable import Cable, cable, rerouted
from tests.e2e.canaries import is_at, leaks
from tests.e2e.canary_asks import conversation, exchanges, half_streamed
from tests.e2e.canary_gateway import LEVELS, Gateway, gateway, key
from tests.e2e.canary_sinks import Sinks, files, rows
from tests.e2e.planted import GUARDRAILS
from tests.e2e.raw_otlp import raw_collector
from tests.e2e.rows import Database
from tests.postgresql import database

pytestmark = pytest.mark.postgresql

WAITING = ("user-text", "answer", "streamed-arguments", "refusal", "cut-off")
"""Where harmless words stand that have to be found in what waits."""


@pytest.fixture
def far() -> Iterator[tuple[Cable, str, Database]]:
    """Give a cable to a database, the database's URL through it, and the database past it."""
    with database() as url:
        parts = urlsplit(url)
        with cable(parts.hostname or "", parts.port or 5432) as line:
            yield line, rerouted(url, line.port), Database(url)


def _named(when: str, sinks: Sinks) -> Sinks:
    return {f"{name}, {when}": sink for name, sink in sinks.items()}


def _journals(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in (folder / "journals").glob("*.journal*"))


async def _asked_half(asked: Gateway, folder: Path) -> "asyncio.Task[None]":
    """Ask for an answer that does not end, and return when its beginning waits in the journal."""
    asked.upstream.script(half_streamed())
    headers = {"authorization": f"Bearer {key('redacted')}"}
    body = conversation(stream_=True, user="here-cut-off")

    async def read() -> None:
        try:
            async with asked.client.stream(
                "POST", "/v1/chat/completions", json=body, headers=headers
            ) as answer:
                async for _ in answer.aiter_raw():
                    pass
        except httpx.HTTPError:
            pass  # it was killed

    reading = asyncio.get_running_loop().create_task(read())
    async with asyncio.timeout(20):
        while not is_at("cut-off", _journals(folder)):  # noqa: ASYNC110 (who writes is another process)
            await asyncio.sleep(0.05)
    return reading


async def test_a_journal_and_what_is_shipped_of_it_hold_nothing(
    far: tuple[Cable, str, Database], tmp_path: Path
) -> None:
    line, url, record = far
    with raw_collector() as collector:
        async with gateway(tmp_path, url, collector, durability="bounded", guardrails=GUARDRAILS) as asked:
            await asked.ask(exchanges()[:1], "redacted")
            line.cut()
            for level in LEVELS:
                await asked.ask(exchanges(), level)
            reading = await _asked_half(asked, tmp_path)
            sinks: Sinks = asked.told | _named("away", files(tmp_path))
            assert {place for place in WAITING if not is_at(place, _journals(tmp_path))} == set()
            asked.service.kill()
            await reading
        sinks |= _named("killed", files(tmp_path))
        line.mend()
        async with gateway(tmp_path, url, collector, durability="bounded", guardrails=GUARDRAILS) as asked:
            found = "SELECT CAST(id AS text) AS id, outcome FROM exchanges WHERE outcome IS NOT NULL"
            ended = record.wait(lambda rows_: len(rows_) == 2 + len(LEVELS) * len(exchanges()), found)
        sinks |= _named("shipped", rows(record) | files(tmp_path))
    assert {name: leaks(sink) for name, sink in sinks.items() if leaks(sink)} == {}
    (cut,) = [row["id"] for row in ended if row["outcome"] == "interrupted"]
    assert is_at("cut-off", repr(record.of("payloads", cut)).encode())
    assert {place for place in WAITING if not is_at(place, sinks["rows of payloads, shipped"])} == {"refusal"}
