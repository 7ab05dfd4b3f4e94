"""What `strict` costs against `bounded`, over the gateway: requests per second, latency, CPU.

    python -m tests.bench.durability_cost [--pairs 5] [--seconds 4]

Two services that differ in nothing but `records.durability` run side by side, and wrk asks them in turn, from
32 connections: bounded, strict, strict, bounded, and so on. What is compared are two neighbours, so a machine
that is busy with other things changes both; told is the median of the pairs. Whoever is not asked does
nothing. The services have the first core, nginx as the upstream and wrk the second, as in `gateway.py`;
PostgreSQL goes where the kernel puts it. Prompt and answer are 2 kB each, on record with their bodies, and no
guardrail is configured: with more to do for each request, the same wait is a smaller part of it.

The status is 1 if a request fails or if there are not as many rows as answers (what was under way when wrk
stopped is a row, too).
"""

import argparse
import contextlib
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.bench.gateway import CONNECTIONS, GATEWAY_CORE, LOAD_CORE
from tests.bench.load import Result, cpu_seconds, press, question
from tests.bench.upstream import static_upstream
from tests.e2e.rows import Database
from tests.postgresql import database
from tests.servers import Service, serve

_DURABILITIES = ("bounded", "strict")
_WARM_UP_S = 2.0
_CONFIG = """
providers:
  whole: {{kind: openai, base_url: "http://127.0.0.1:{port}/whole/v1"}}
records:
  url: "{url}"
  durability: {durability}
  journal: {{path: "{home}/journals"}}
log: {{level: warning}}
"""


class Run(msgspec.Struct, frozen=True):
    """What one run of wrk came to."""

    result: Result
    cpu_us: float
    """Of the service, for each request."""

    def line(self) -> str:
        """Return it in words."""
        p50, p99 = self.result.p50_us / 1000, self.result.p99_us / 1000
        return (
            f"{self.result.per_second:6,.0f} requests/s, {p50:5.1f} / {p99:5.1f} ms, {self.cpu_us:5,.0f} us"
        )


class Compared(msgspec.Struct, frozen=True):
    """What one database came to, `strict` by `bounded`."""

    requests: float
    p50: float
    p99: float
    cpu: float

    def line(self) -> str:
        """Return it in words."""
        return (
            f"strict has {self.requests:.2f} times the requests/s of bounded, {self.p50:.2f} times its p50, "
            f"{self.p99:.2f} times its p99, {self.cpu:.2f} times its CPU"
        )


def main() -> int:
    """Measure and print; the status is 1 if a request failed or a row is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    missing = [name for name in ("nginx", "wrk") if shutil.which(name) is None]
    if missing or len(os.sched_getaffinity(0)) < 2:
        sys.stderr.write(f"It needs two cores, nginx and wrk; missing: {', '.join(missing) or 'a core'}\n")
        return 2
    is_whole = True
    with tempfile.TemporaryDirectory(prefix="handrail-bench-") as name:
        folder = Path(name)
        (folder / "nginx").mkdir()
        os.sched_setaffinity(0, {LOAD_CORE})
        with static_upstream(folder / "nginx") as port:
            for kind in ("sqlite", "postgresql"):
                is_whole &= _measure(kind, folder / kind, port, options)
    return int(not is_whole)


def _measure(kind: str, folder: Path, port: int, options: argparse.Namespace) -> bool:
    """Print how one database compares; return whether all was answered and is on record."""
    with contextlib.ExitStack() as stack:
        places = {one: stack.enter_context(_place(kind, folder / one)) for one in _DURABILITIES}
        with contextlib.ExitStack() as running:
            services = {
                one: running.enter_context(_service(folder / one, url, one, port))
                for one, url in places.items()
            }
            runs: dict[str, list[Run]] = {one: [] for one in _DURABILITIES}
            warm_up = {one: _run(services[one], folder / one, _WARM_UP_S).result for one in _DURABILITIES}
            for pair in range(options.pairs):
                for one in _DURABILITIES if pair % 2 == 0 else reversed(_DURABILITIES):
                    runs[one].append(_run(services[one], folder / one, options.seconds))
        whole = [
            _are_rows(kind, one, places[one], [warm_up[one], *(run.result for run in runs[one])])
            for one in _DURABILITIES
        ]
    for one in _DURABILITIES:
        middle = sorted(runs[one], key=lambda run: run.result.per_second)[options.pairs // 2]
        print(f"{kind:10} {one:8} {middle.line()}")
    load = os.getloadavg()[0]
    print(f"{kind}: {_compared(runs).line()} ({options.pairs} pairs, load {load:.1f})", flush=True)
    return all(whole)


def _compared(runs: dict[str, list[Run]]) -> Compared:
    pairs = list(zip(runs["strict"], runs["bounded"], strict=True))
    return Compared(
        requests=statistics.median(a.result.per_second / b.result.per_second for a, b in pairs),
        p50=statistics.median(a.result.p50_us / b.result.p50_us for a, b in pairs),
        p99=statistics.median(a.result.p99_us / b.result.p99_us for a, b in pairs),
        cpu=statistics.median(a.cpu_us / b.cpu_us for a, b in pairs),
    )


def _run(service: Service, home: Path, seconds: float) -> Run:
    before = cpu_seconds(service.process.pid)
    url = f"{service.url}/v1/chat/completions"
    result = press(
        url, question("@whole/bench", stream=False), home, connections=CONNECTIONS, seconds=seconds
    )
    cpu_s = cpu_seconds(service.process.pid) - before
    return Run(result, cpu_s / max(result.requests, 1) * 1e6)


def _are_rows(kind: str, durability: str, url: str, results: list[Result]) -> bool:
    answers, failed = sum(one.requests for one in results), sum(one.failed for one in results)
    ended = "SELECT count(*) AS n FROM exchanges WHERE outcome IS NOT NULL"
    rows = Database(url).query(ended)[0]["n"]
    is_whole = failed == 0 and answers <= rows <= answers + len(results) * CONNECTIONS
    if not is_whole:
        print(f"WRONG: {kind} {durability}: {answers} answers, {rows} rows, {failed} failed")
    return is_whole


@contextlib.contextmanager
def _place(kind: str, home: Path) -> Iterator[str]:
    home.mkdir(parents=True)
    if kind == "sqlite":
        yield f"sqlite:///{home}/record.db"
        return
    with database() as url:
        yield url


@contextlib.contextmanager
def _service(home: Path, url: str, durability: str, port: int) -> Iterator[Service]:
    """Start a service on its core; this process and what it starts later go back to the other one."""
    os.sched_setaffinity(0, {GATEWAY_CORE})
    with serve(_CONFIG.format(port=port, url=url, durability=durability, home=home), home) as service:
        os.sched_setaffinity(0, {LOAD_CORE})
        yield service


if __name__ == "__main__":
    sys.exit(main())
