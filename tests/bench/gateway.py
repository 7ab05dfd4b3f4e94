"""What Handrail costs: requests per second and CPU per request on one core.

    make bench                     the table
    make bench ARGS=--profile      where the time goes, too (py-spy must be on PATH)
    make bench ARGS="--seconds 2"  quicker and rougher

The gateway has the first core to itself; nginx as the upstream (and as the sink of traces) and wrk as the
load share the second one. Prompt and answer are about 2 kB each, the streamed answer comes in some 300
events. "on" is everything on: personal data and secrets redacted in requests and answers, exchanges on record
in SQLite, traces exported over OTLP. "off" has no guardrails, no export, and rows without bodies: a row for
every exchange is not optional.

How to read it: `us/request` is CPU time of the whole process tree, the one number that a busy neighbour does
not change much. Requests per second are those of one saturated core. "added" is the latency at one connection
less that of asking nginx directly. Every run checks that each answer that wrk counted is a row; a line that
fails says so.
"""

import argparse
import contextlib
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tests.bench.load import Result, cpu_seconds, press, question, resident_bytes
from tests.bench.sampling import sample
from tests.bench.upstream import static_upstream
from tests.servers import Service, serve

GATEWAY_CORE, LOAD_CORE = 0, 1
CONNECTIONS = 32
_WARM_UP_S = 1.0
_ONE_CONNECTION_S = 2.0
_PROFILE_S = 4
_RUNS = 4
"""Runs of wrk against one service, at most; each leaves up to `CONNECTIONS` requests in flight."""

_PROVIDERS = """
providers:
  whole: {{kind: openai, base_url: "http://127.0.0.1:{port}/whole/v1"}}
  streamed: {{kind: openai, base_url: "http://127.0.0.1:{port}/streamed/v1"}}
log: {{level: warning}}
"""
_ON = """
records: {url: "sqlite:///bench.db"}
guardrails:
  privacy: {on: [input, output], checks: [{pii: {}}], action: redact}
  no-secrets: {on: [input, output], checks: [{secrets: {}}], action: redact}
"""
_OFF = """
records: {url: "sqlite:///bench.db", content: none}
"""


class Line(msgspec.Struct, frozen=True):
    """One line of the table."""

    setting: str
    shape: str
    full: Result
    single: Result
    direct_p50_us: float
    cpu_us: float
    resident_mb: float
    rows: int
    answers: int
    """As wrk counted them; requests in flight when wrk stops are rows too, but no answers."""

    @property
    def complete(self) -> bool:
        """Whether every answer is a row and there are no rows that nobody asked for."""
        return self.answers <= self.rows <= self.answers + _RUNS * CONNECTIONS

    def cells(self) -> tuple[str, ...]:
        """Return the cells in the order of `_HEADINGS`."""
        return (
            self.setting,
            self.shape,
            f"{self.full.per_second:,.0f}",
            f"{self.cpu_us:,.0f}",
            f"{self.full.p50_us / 1000:.1f} / {self.full.p99_us / 1000:.1f}",
            f"{self.single.p50_us / 1000:.2f} / {self.single.p99_us / 1000:.2f}",
            f"{(self.single.p50_us - self.direct_p50_us) / 1000:.2f}",
            f"{self.resident_mb:.0f}",
            f"{self.rows:,} = {self.answers:,} + cut"
            if self.complete
            else f"{self.rows:,} != {self.answers:,}",
            str(self.full.failed + self.single.failed),
        )


_HEADINGS = (
    "setting",
    "answer",
    "requests/s",
    "us/request",
    f"p50/p99 ms at {CONNECTIONS}",
    "p50/p99 ms at 1",
    "added p50 ms",
    "MB",
    "rows = answers",
    "failed",
)


def main(argv: Sequence[str]) -> int:
    """Run the bench; the status is 1 if a request failed or a row is missing."""
    options = _options(argv)
    missing = [name for name in ("nginx", "wrk") if shutil.which(name) is None]
    if missing or len(os.sched_getaffinity(0)) < 2:
        sys.stderr.write(
            f"The bench needs two cores, nginx and wrk; missing: {', '.join(missing) or 'a core'}\n"
        )
        return 2
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="handrail-bench-") as name:
        folder = Path(name)
        (folder / "nginx").mkdir()
        os.sched_setaffinity(0, {LOAD_CORE})
        with static_upstream(folder / "nginx") as port:
            for setting in ("on", "off"):
                for shape in ("whole", "streamed"):
                    lines.append(_measure(folder, port, setting, shape, options))
                    _show(lines)
    return int(any(not line.complete or line.full.failed or line.single.failed for line in lines))


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Handrail on one core.")
    parser.add_argument("--seconds", type=float, default=5.0, help="of full load a line (default 5)")
    parser.add_argument("--profile", action="store_true", help="show where the time goes, with py-spy")
    return parser.parse_args(argv)


def _measure(folder: Path, port: int, setting: str, shape: str, options: argparse.Namespace) -> Line:
    home = folder / f"{setting}-{shape}"
    home.mkdir()
    body = question(f"@{shape}/bench", stream=shape == "streamed")
    direct = press(_chat(port, f"/{shape}"), body, home, connections=1, seconds=1)
    with _gateway(home, port, setting) as service:
        url = _chat(service.port)
        warm_up = press(url, body, home, connections=CONNECTIONS, seconds=_WARM_UP_S)
        before = cpu_seconds(service.process.pid)
        full = press(url, body, home, connections=CONNECTIONS, seconds=options.seconds)
        cpu_s = cpu_seconds(service.process.pid) - before
        single = press(url, body, home, connections=1, seconds=_ONE_CONNECTION_S)
        resident = resident_bytes(service.process.pid)
        runs = [warm_up, full, single, *(_profile(service, url, body, home) if options.profile else ())]
    return Line(
        setting=setting,
        shape=shape,
        full=full,
        single=single,
        direct_p50_us=direct.p50_us,
        cpu_us=cpu_s / max(full.requests, 1) * 1e6,
        resident_mb=resident / 1e6,
        rows=_rows(home / "bench.db"),
        answers=sum(run.requests for run in runs),
    )


def _profile(service: Service, url: str, body: bytes, home: Path) -> tuple[Result]:
    """Print where the time goes under full load."""
    results: list[Result] = []

    def load() -> None:
        results.append(press(url, body, home, connections=CONNECTIONS, seconds=_PROFILE_S + 1))

    print("\n".join(sample(service.process.pid, load, _PROFILE_S, home / "stacks.txt")))
    return (results[0],)


def _chat(port: int, prefix: str = "") -> str:
    return f"http://127.0.0.1:{port}{prefix}/v1/chat/completions"


@contextlib.contextmanager
def _gateway(home: Path, port: int, setting: str) -> Iterator[Service]:
    """Start the real service on its core; this process and what it starts later go back to the other one."""
    config = _PROVIDERS.format(port=port) + (_ON if setting == "on" else _OFF)
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"} if setting == "on" else {}
    os.sched_setaffinity(0, {GATEWAY_CORE})
    with serve(config, home, environ=environ) as service:
        os.sched_setaffinity(0, {LOAD_CORE})
        yield service


def _rows(file: Path) -> int:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM exchanges").fetchone()[0])


def _show(lines: Sequence[Line]) -> None:
    """Print the table so far, and how the settings compare once both are there."""
    rows = [_HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADINGS))]
    print("\x1b[2J\x1b[H" if sys.stdout.isatty() else "")
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    by_name = {(line.setting, line.shape): line for line in lines}
    for shape in ("whole", "streamed"):
        on, off = by_name.get(("on", shape)), by_name.get(("off", shape))
        if on and off:
            print(f"{shape}: on costs {on.cpu_us / off.cpu_us:.2f} times the CPU of off")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
