"""Whether the traces that matter all arrive while a service is busy and its sampler leaves most out.

    python -m tests.bench.kept_traces [--exchanges 4000] [--connections 32]

A service samples one exchange in a hundred and is told to keep what was blocked, failed or slow. Callers ask
it over many connections at once, mostly for plain answers. A collector counts: of what is kept each trace has
to arrive whole, of the plain ones about a hundredth, nothing may be dropped, and the service's memory may not
grow by more than `GROWTH_MB`. The status is 1 if not.
"""

import argparse
import asyncio
import json
import math
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import msgspec
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from telemetry import instruments as of
from tests.bench.load import resident_bytes
from tests.e2e.completions import echo, spoken
from tests.e2e.test_metrics import BUSY, scrape
from tests.servers import serve
from tests.telemetry.receiver import http_collector
from tests.upstreams import Answer, Connection, Received, Upstream, whole

RATIO = 0.01
SLOW_MS = 1_500
GROWTH_MB = 40.0
_WARM_UP = 100
_SIGMAS = 5
"""Chance alone breaks such a bound once in a million runs."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of exchange."""

    share: int
    """Of a hundred."""
    status: int
    spans: int
    """Its tree: itself, its call to a provider, the guardrail on either side."""
    said: Mapping[str, Any] = {}


KINDS = {
    "plain": Kind(82, 200, 4),
    "blocked in": Kind(6, 446, 2, {"content": "forbidden"}),
    "blocked out": Kind(4, 200, 4, {"model": "@curses/m", "stream": True}),
    "failed": Kind(5, 503, 3, {"model": "@busy/m"}),
    "slow": Kind(3, 200, 4, {"model": "@slow/m"}),
}


class Report(msgspec.Struct):
    """What came of it."""

    asked: Counter[str] = msgspec.field(default_factory=Counter)
    """Exchanges by kind."""
    whole: Counter[str] = msgspec.field(default_factory=Counter)
    """Traces that arrived whole, by kind; plain ones that were slow count as slow."""
    broken: list[str] = []
    """What was not as it should be."""
    growth_mb: float = 0.0
    per_second: float = 0.0


async def late(connection: Connection, request: Received) -> None:
    """Answer when it has become slow."""
    await asyncio.sleep(SLOW_MS / 1000 * 1.1)
    await echo(connection, request)


ANSWERS: Mapping[str, Answer] = {
    "good": echo,
    "slow": late,
    "busy": whole(BUSY, status=503),
    "curses": spoken(["forbidden word ", "and more"], delay_s=0.05),
}


async def measured(folder: Path, exchanges: int, connections: int) -> Report:
    """Ask a service that keeps what matters, from many connections, and return what a collector got.

    Args:
        folder: an empty one.
        exchanges: how many.
        connections: how many at once.
    """
    report, kinds = Report(), {}
    random_ = random.Random(7)
    mix = iter(random_.choices(list(KINDS), [kind.share for kind in KINDS.values()], k=exchanges))
    environ = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": str(RATIO)}
    with http_collector() as received:
        async with AsyncExitStack() as stack:
            upstreams = {
                name: await stack.enter_async_context(Upstream(answer)) for name, answer in ANSWERS.items()
            }
            service = serve(
                _config(folder, {name: one.base_url for name, one in upstreams.items()}),
                folder,
                environ=environ
                | {"OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint, "OTEL_METRICS_EXPORTER": "none"},
            )
            running = await asyncio.to_thread(stack.enter_context, service)
            limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
            client = httpx.AsyncClient(base_url=running.url, timeout=60, limits=limits)
            await stack.enter_async_context(client)

            async def work(some: Iterator[str]) -> None:
                for name in some:
                    trace_id, status = await _asked(client, KINDS[name])
                    kinds[trace_id] = name
                    if status != KINDS[name].status:
                        report.broken.append(f"{name}: answered {status}")

            warm_up = iter(["plain"] * _WARM_UP)
            await asyncio.gather(*(work(warm_up) for _ in range(connections)))
            before, begun = resident_bytes(running.process.pid), time.monotonic()
            await asyncio.gather(*(work(mix) for _ in range(connections)))
            report.per_second = exchanges / (time.monotonic() - begun)
            report.growth_mb = (resident_bytes(running.process.pid) - before) / 1e6
            told = await scrape(client, len(kinds))
            if lost := told.count(of.SPANS_DROPPED) + told.count(of.SPANS_FAILED):
                report.broken.append(f"{lost:g} spans were dropped or failed")
            await asyncio.to_thread(running.stop)
        report.asked.update(kinds.values())
        _count(report, kinds, received.spans)
    return report


def judged(report: Report) -> list[str]:
    """Return what is not as it must be; nothing if all is well."""
    wrong = list(report.broken)
    for name in [one for one in KINDS if one != "plain"]:
        asked, arrived = report.asked[name], report.whole[name]
        if arrived < asked or (arrived > asked and name != "slow"):
            wrong += [f"{name}: {arrived} of {asked} arrived whole"]
    plain = report.asked["plain"]
    expected, spread = plain * RATIO, _SIGMAS * math.sqrt(plain * RATIO * (1 - RATIO))
    if abs(report.whole["plain"] - expected) > spread:
        wrong.append(f"plain: {report.whole['plain']} of {plain} arrived, not {expected:.0f} +- {spread:.0f}")
    if report.growth_mb > GROWTH_MB:
        wrong.append(f"the service grew by {report.growth_mb:.0f} MB")
    return wrong


async def _asked(client: httpx.AsyncClient, kind: Kind) -> tuple[str, int]:
    said = {"model": "@good/m", "content": "Hello there"} | dict(kind.said)
    said["messages"] = [{"role": "user", "content": said.pop("content")}]
    reply = await client.post("/v1/chat/completions", json=said)
    return reply.headers["x-portkey-trace-id"], reply.status_code


def _config(folder: Path, urls: Mapping[str, str]) -> str:
    return json.dumps(
        {
            "providers": {name: {"kind": "openai", "base_url": url} for name, url in urls.items()},
            "guardrails": {"no-word": {"checks": [{"words": {"deny": ["forbidden"]}}], "action": "block"}},
            "records": {"url": f"sqlite:///{folder}/record.db"},
            "traces": {"keep": ["blocked", "failed", "slow"], "slow_ms": SLOW_MS},
            "log": {"level": "warning"},
        }
    )


def _count(report: Report, kinds: Mapping[str, str], spans: Sequence[Span]) -> None:
    traces: dict[str, list[Span]] = {}
    for span in spans:
        traces.setdefault(span.trace_id.hex(), []).append(span)
    for trace_id, tree in traces.items():
        name = kinds.get(trace_id)
        roots = [span for span in tree if not span.parent_span_id]
        if name is None or len(roots) != 1 or len(tree) != KINDS[name].spans:
            report.broken.append(f"{name}: a trace of {len(tree)} spans, {len(roots)} of them roots")
            continue
        if {span.parent_span_id for span in tree} != {b"", roots[0].span_id}:
            report.broken.append(f"{name}: a trace that does not hang together")
        took_ms = (roots[0].end_time_unix_nano - roots[0].start_time_unix_nano) / 1e6
        if name == "plain" and took_ms >= SLOW_MS:
            name = "slow"
        report.whole[name] += 1


def main(argv: Sequence[str]) -> int:
    """Print what came of it; return 1 if it is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kept_traces")
    parser.add_argument("--exchanges", type=int, default=4_000)
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="handrail-bench-") as name:
        report = asyncio.run(measured(Path(name), options.exchanges, options.connections))
    print(f"{report.per_second:,.0f} exchanges/s, memory grew by {report.growth_mb:.1f} MB\n")
    print(f"{'':12}{'asked':>8}{'arrived whole':>16}")
    for kind in KINDS:
        print(f"{kind:12}{report.asked[kind]:8}{report.whole[kind]:16}")
    wrong = judged(report)
    print(*(f"NOT HELD: {one}" for one in wrong[:20]), sep="\n") if wrong else print("\nheld")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
