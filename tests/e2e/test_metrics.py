"""Metrics of real exchanges over sockets: what `/metrics` says of each kind, and what a collector got."""

import asyncio
import json
import os
import re
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from telemetry import instruments as of
from telemetry.instruments import Instrument, prometheus_label
from tests.e2e.completions import echo, spoken
from tests.prometheus import complaints
from tests.servers import Service, serve
from tests.telemetry.metric_receiver import Collected, metric_collector
from tests.upstreams import Answer, Upstream, hang, refusing_port, whole

BUSY = {"error": {"message": "busy", "type": "server_error"}}
UPSTREAMS: Mapping[str, tuple[Answer, ...]] = {
    "good": (echo,),
    "slow": (spoken(["word "] * 200, delay_s=0.02),),
    "bad": (whole({"error": {"message": "no", "type": "invalid_request_error"}}, status=400),),
    "busy": (whole(BUSY, status=503),),
    "mute": (hang(),),
    "recovers": (whole(BUSY, status=429, headers={"retry-after-ms": "1"}), echo),
}
CONFIGS = {
    "again": {"provider": "@recovers", "retry": {"attempts": 1}},
    "over": {"strategy": {"mode": "fallback"}, "targets": [{"provider": "@busy"}, {"provider": "@good"}]},
    "kept": {"provider": "@good", "cache": {"mode": "simple"}},
}
GUARDRAILS = {
    "no-word": {"checks": [{"words": {"deny": ["forbidden"]}}], "action": "block"},
    "privacy": {"checks": [{"pii": {"entities": ["email"]}}], "action": "redact"},
}
CALLS: tuple[tuple[int, dict[str, Any], dict[str, str]], ...] = (
    (200, {}, {}),
    (200, {"stream": True}, {}),
    (446, {"content": "forbidden"}, {}),
    (200, {"content": "a@example.com"}, {}),
    (400, {"model": "@bad/m"}, {}),
    (503, {"model": "@busy/m"}, {}),
    (504, {"model": "@mute/m"}, {}),
    (200, {}, {"x-portkey-config": "again"}),
    (200, {}, {"x-portkey-config": "over"}),
    (200, {}, {"x-portkey-config": "kept"}),
    (200, {}, {"x-portkey-config": "kept"}),
    (200, {}, {"x-handrail-guardrails": "broken"}),
    (404, {"model": "nobody-has-this"}, {}),
)  # fmt: skip
"""Status, what differs from a plain question, headers."""


async def ask(client: httpx.AsyncClient, said: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
    said = {"model": "@good/gpt-4o", "content": "Hello there"} | said
    messages = [{"role": "user", "content": said.pop("content")}]
    return await client.post("/v1/chat/completions", json={**said, "messages": messages}, headers=headers)


async def abort(client: httpx.AsyncClient) -> None:
    document = {"model": "@slow/m", "messages": [{"role": "user", "content": "go"}], "stream": True}
    async with client.stream("POST", "/v1/chat/completions", json=document) as response:
        async for _ in response.aiter_bytes():
            return


def config_of(urls: Mapping[str, str], folder: Path, **more: Any) -> str:
    providers: dict[str, dict[str, Any]] = {
        name: {"kind": "openai", "base_url": url, "models": [f"{name}-model"]} for name, url in urls.items()
    }
    if "mute" in providers:
        providers["mute"]["first_byte_timeout_ms"] = 200
    broken = {
        "checks": [{"classifier": {"url": f"http://127.0.0.1:{refusing_port()}", "labels": ["x"]}}],
        "action": "block",
        "mode": "enforce",
        "on_error": "allow",
        "default": False,
    }
    records = {"url": f"sqlite:///{folder}/record.db"}
    guardrails = GUARDRAILS | {"broken": broken}
    prices = {"gpt-4o": {"input": 100_000, "output": 0}}
    return json.dumps(
        {"providers": providers, "configs": CONFIGS, "guardrails": guardrails, "records": records}
        | {"prices": prices}
        | more
    )


class Scraped:
    """What `/metrics` said."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = re.findall(r"^(\w+)(?:\{(.*?)\})? (\S+)(?: #.*)?$", text, flags=re.MULTILINE)
        self.samples = [
            (name, dict(re.findall(r'(\w+)="([^"]*)"', labels)), float(value))
            for name, labels, value in found
        ]

    def count(self, instrument: Instrument, **labels: str) -> float:
        """Return the sum of the series with these labels, by their last words; of histograms, how many."""
        name = instrument.prometheus_name + ("_count" if instrument.kind == "histogram" else "")
        names = {one.rpartition(".")[2]: prometheus_label(one) for one in instrument.labels}
        wanted = {names[word]: value for word, value in labels.items()}
        return sum(
            value for known, has, value in self.samples if known == name and wanted.items() <= has.items()
        )


async def scrape(client: httpx.AsyncClient, exchanges: float, accept: str = "text/plain") -> Scraped:
    """Return the metrics once so many exchanges are in them."""
    async with asyncio.timeout(10):
        while True:
            scraped = Scraped((await client.get("/metrics", headers={"accept": accept})).text)
            if scraped.count(of.EXCHANGES) >= exchanges:
                return scraped
            await asyncio.sleep(0.02)


@pytest.fixture
def collected() -> Any:
    with metric_collector() as got:
        yield got


async def test_every_kind_of_exchange_is_counted(tmp_path: Path, collected: Collected) -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collected.endpoint}
    async with AsyncExitStack() as stack:
        running = {
            name: await stack.enter_async_context(Upstream(*answers)) for name, answers in UPSTREAMS.items()
        }
        config = config_of({name: one.base_url for name, one in running.items()}, tmp_path)
        service = await asyncio.to_thread(stack.enter_context, serve(config, tmp_path, environ=environ))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=service.url, timeout=20))
        for status, said, headers in CALLS:
            reply = await ask(client, dict(said), headers)
            assert reply.status_code == status, (said, headers, reply.text)
        await abort(client)
        plain = await scrape(client, len(CALLS) + 1)
        exact = await scrape(client, len(CALLS) + 1, "application/openmetrics-text")
        await asyncio.to_thread(service.stop)
        assert not any(f'"level":"{level}"' in service.output() for level in ("error", "critical"))
    _assert_exchanges(plain)
    _assert_guardrails(plain)
    _assert_calls(plain)
    assert complaints(plain.text) == ""
    assert re.search(r'# \{trace_id="[0-9a-f]{32}",span_id="[0-9a-f]{16}"\} ', exact.text)
    assert exact.text.endswith("# EOF\n")
    _assert_received(collected, plain)


def _assert_exchanges(told: Scraped) -> None:
    outcomes = {
        "ok": 8,
        "blocked_input": 1,
        "upstream_error": 3,
        "rejected": 1,
        "cancelled": 1,
    }
    assert {one: told.count(of.EXCHANGES, outcome=one) for one in outcomes} == outcomes
    assert told.count(of.EXCHANGES) == len(CALLS) + 1
    assert told.count(of.EXCHANGES, stream="true") == 2
    assert told.count(of.EXCHANGES, caller="anonymous") == len(CALLS) + 1
    statuses = {"200": 8, "446": 1, "400": 1, "404": 1, "503": 1, "504": 1, "499": 1}
    assert {one: told.count(of.REQUEST_DURATION, status_code=one) for one in statuses} == statuses
    assert told.count(of.REQUEST_DURATION, route="/v1/chat/completions") == len(CALLS) + 1
    assert told.count(of.TIME_TO_FIRST_RELEASE) == 2
    assert told.count(of.CHARACTERS, stage="received") >= told.count(of.CHARACTERS, stage="screened")
    assert told.count(of.CHARACTERS, stage="screened") >= told.count(of.CHARACTERS, stage="released") > 0
    assert told.count(of.OVERHEAD) == len(CALLS) + 1
    assert told.count(of.EXCHANGES_ACTIVE) == 0


def _assert_guardrails(told: Scraped) -> None:
    assert told.count(of.VERDICTS, name="no-word", side="input", decision="block", blocked="true") == 1
    assert told.count(of.VERDICTS, name="privacy", side="input", decision="redact", blocked="false") == 1
    assert told.count(of.VERDICTS, name="privacy", side="output", decision="pass") >= 6
    assert told.count(of.FINDINGS, name="privacy", side="input", rule="email") == 1
    assert told.count(of.GUARDRAIL_ERRORS, name="broken", fail_open="true") == told.count(
        of.VERDICTS, name="broken", decision="error"
    )
    assert told.count(of.GUARDRAIL_ERRORS, name="broken", fail_open="true") >= 1
    assert told.count(of.GUARDRAIL_DURATION, name="privacy") > 0


def _assert_calls(told: Scraped) -> None:
    assert told.count(of.ATTEMPTS, reason="first") == 11
    assert told.count(of.ATTEMPTS, reason="retry", provider="recovers") == 1
    assert told.count(of.ATTEMPTS, reason="fallback", provider="good") == 1
    assert told.count(of.ATTEMPTS, model="gpt-4o", provider="good") == 6
    assert told.count(of.OPERATION_DURATION) == told.count(of.ATTEMPTS) == 13
    assert told.count(of.OPERATION_DURATION, provider="mute", type="upstream_timeout") == 1
    assert told.count(of.OPERATION_DURATION, model="other") == 4, "names that nobody configured"
    assert told.count(of.TIME_TO_FIRST_CHUNK) == 2
    assert told.count(of.TOKEN_USAGE, type="input") == told.count(of.TOKEN_USAGE, type="output") == 7
    assert told.count(of.COST, model="gpt-4o", caller="anonymous") == pytest.approx(7 * 0.9)
    assert told.count(of.COST_UNKNOWN, provider="slow") == 1
    assert told.count(of.CACHE_LOOKUPS, status="hit") == 1
    assert told.count(of.CACHE_LOOKUPS, status="miss") == 1
    assert told.count(of.CACHE_ENTRIES) == 1
    assert told.count(of.RECORDS_REFUSED) == told.count(of.SPANS_DROPPED) == 0
    assert told.count(of.SOURCES_FAILED) == 0
    assert told.count(of.WORKERS) == 1


def _assert_received(collected: Collected, told: Scraped) -> None:
    received = collected.last()
    points = received[of.EXCHANGES.name].sum.data_points
    assert sum(point.as_double for point in points) == len(CALLS) + 1
    durations = received[of.OPERATION_DURATION.name].histogram.data_points
    assert sum(point.count for point in durations) == told.count(of.OPERATION_DURATION)
    assert any(exemplar.trace_id for point in durations for exemplar in point.exemplars)


def _workers(service: Service) -> list[int]:
    """Return the process ids of the workers; beside them Python has one that watches resources."""
    pid = service.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    lines = ((int(child), Path(f"/proc/{child}/cmdline")) for child in children)
    return [one for one, line in lines if line.exists() and b"resource_tracker" not in line.read_bytes()]


async def test_counters_of_two_workers_are_one_and_never_go_back(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(Upstream(echo))
        config = config_of({"good": good.base_url}, tmp_path, server={"workers": 2}, configs={})
        service = await asyncio.to_thread(stack.enter_context, serve(config, tmp_path))
        for _ in range(12):  # each on a connection of its own, which goes to either worker
            async with httpx.AsyncClient(base_url=service.url) as client:
                assert (await ask(client, {}, {})).status_code == 200
        async with httpx.AsyncClient(base_url=service.url) as client:
            before = await scrape(client, 12)
        assert before.count(of.EXCHANGES) == 12
        assert before.count(of.WORKERS) == 2
        killed = _workers(service)[0]
        os.kill(killed, signal.SIGKILL)
        async with asyncio.timeout(20):
            while True:
                try:
                    async with httpx.AsyncClient(base_url=service.url) as client:
                        after = await scrape(client, 0)
                except httpx.HTTPError:  # it went to the one that dies
                    continue
                assert after.count(of.EXCHANGES) == 12
                if killed not in _workers(service) and after.count(of.WORKERS) == 2:
                    break
                await asyncio.sleep(0.05)
