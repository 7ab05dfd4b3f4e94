"""A service whose collector is dead answers as it always does, keeps a bounded queue, and stops in time."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from telemetry import instruments as of
from telemetry.stopping import SHUTDOWN_TIMEOUT_S
from tests.e2e.completions import echo
from tests.e2e.test_metrics import ask, config_of, scrape
from tests.servers import Service, serve
from tests.telemetry.receiver import dead_collector
from tests.upstreams import Upstream

EXCHANGES = 60
SPANS = EXCHANGES * 6
"""Of each: itself, the call, two guardrails on either side."""
QUEUE, BATCH = 50, 10
WAITING_S = 1.9
"""An answer that waited for a collector would take the 2 s that a batch is given."""
BUSY_S = 1.5
"""By how much two stops may differ because the machine is busy."""


@asynccontextmanager
async def running(
    folder: Path, environ: Mapping[str, str]
) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    async with Upstream(echo) as upstream:
        service = serve(config_of({"good": upstream.base_url}, folder, configs={}), folder, environ=environ)
        one = await asyncio.to_thread(service.__enter__)
        try:
            async with httpx.AsyncClient(base_url=one.url, timeout=20) as client:
                yield one, client
        finally:
            await asyncio.to_thread(service.__exit__, None, None, None)


@pytest.fixture(scope="module")
def alone_s(tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a service takes to stop that sends nothing anywhere."""
    with serve("{}", tmp_path_factory.mktemp("alone")) as service:
        begun = time.monotonic()
        assert service.stop() == 0
        return time.monotonic() - begun


@pytest.mark.parametrize(
    ("how", "traces", "metrics"),
    [
        ("silent", "http/protobuf", "http/protobuf"),
        ("silent", "grpc", "grpc"),
        ("resetting", "grpc", "http/protobuf"),
    ],
)
async def test_a_dead_collector_delays_no_answer_fills_no_memory_and_stops_in_time(
    how: str, traces: str, metrics: str, alone_s: float, tmp_path: Path
) -> None:
    with dead_collector(how) as endpoint:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": traces,
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": metrics,
            "OTEL_METRIC_EXPORT_INTERVAL": "100",
            "OTEL_BSP_MAX_QUEUE_SIZE": str(QUEUE),
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": str(BATCH),
        }
        async with running(tmp_path, environ) as (service, client):
            for _ in range(EXCHANGES):
                begun = time.monotonic()
                reply = await ask(client, {}, {})
                assert (reply.status_code, time.monotonic() - begun < WAITING_S) == (200, True)
                assert reply.json()["choices"][0]["message"]["content"]
            told = await scrape(client, EXCHANGES)
            held, dropped = told.count(of.SPANS_QUEUE), told.count(of.SPANS_DROPPED)
            failed = told.count(of.SPANS_FAILED)
            assert (told.count(of.SPANS_CAPACITY), told.count(of.SPANS_EXPORTED)) == (QUEUE, 0)
            assert held <= QUEUE
            assert SPANS - BATCH <= held + dropped + failed <= SPANS, (
                "each is held, dropped, failed or under way"
            )
            assert dropped > 0
            begun = time.monotonic()
            assert await asyncio.to_thread(service.stop) == 0
            took_s = time.monotonic() - begun
        assert "cannot be delivered" in service.output()
    assert took_s < alone_s + SHUTDOWN_TIMEOUT_S + BUSY_S
