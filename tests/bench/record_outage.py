"""What an outage of the database costs in memory, and what `strict` costs against `bounded`.

    python -m tests.bench.record_outage [--seconds 60] [--exchanges 5000]

Outage: PostgreSQL's cable is cut while 1,000 exchanges a second come (2 kB each way, an attempt, two
verdicts). Told are the memory of the process before and at its highest, and how long the rest took when the
cable was mended; the cable is a thread of the same process, which more than halves the rate of that.
Durability: 64 callers one behind the other, each waiting for what it is promised: nothing in `bounded`, in
`strict` its beginning and its end. Told are exchanges per second, and the median and the 99th percentile of
what an exchange waits.
"""

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from app.records.rows import Capture
from app.records.writer import Writer
from tests.bench.records_rate import sample, stored
from tests.cable import cable, rerouted
from tests.databases import settled
from tests.fakes import FakeLog
from tests.postgresql import database

_PACE_PER_S = 1000
_CALLERS = 64


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--exchanges", type=int, default=5000)
    arguments = parser.parse_args()
    asyncio.run(_outage(arguments.seconds))
    for kind in ("sqlite", "postgresql"):
        for durability in ("bounded", "strict"):
            with _place(kind) as (url, folder):
                asyncio.run(_paid(url, folder, durability, arguments.exchanges, kind))


@contextlib.contextmanager
def _place(kind: str) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/records.db", Path(folder, "journals")
        else:
            with database() as url:
                yield url, Path(folder, "journals")


async def _outage(seconds: int) -> None:
    with _place("postgresql") as (url, folder):
        parts = urlsplit(url)
        with cable(parts.hostname or "", parts.port or 5432) as line:
            writer = Writer(rerouted(url, line.port), Capture("full", str), FakeLog(), journal=folder)
            writer.start()
            await _paced(writer, 2 * _PACE_PER_S)
            await settled(writer)
            before = highest = _resident_mb()
            line.cut()
            for _ in range(seconds):
                await _paced(writer, _PACE_PER_S)
                highest = max(highest, _resident_mb())
            gauges = writer.gauges()
            line.mend()
            mended = time.perf_counter()
            while writer.gauges().journal_entries:
                await asyncio.sleep(0.05)
                highest = max(highest, _resident_mb())
            shipped_s = time.perf_counter() - mended
            assert await writer.stop(60) == 0
        stored(url, (seconds + 2) * _PACE_PER_S)
    waited = f"{gauges.journal_entries} exchanges, {gauges.journal_bytes / 1e6:.0f} MB"
    memory = f"{before:.0f} MB of memory before and {highest:.0f} MB at most"
    print(f"outage of {seconds} s: {waited} in the journal, {memory}; shipped in {shipped_s:.1f} s")


async def _paced(writer: Writer, number: int) -> None:
    begin = time.perf_counter()
    for i in range(number):
        if i % 10 == 0:
            await asyncio.sleep(max(0.0, begin + i / _PACE_PER_S - time.perf_counter()))
        writer.admit()
        writer.take(sample(i))


async def _paid(
    url: str, folder: Path, durability: Literal["bounded", "strict"], number: int, kind: str
) -> None:
    writer = Writer(url, Capture("full", str), FakeLog(), journal=folder, durability=durability)
    writer.start()
    waits_ms: list[float] = []

    async def caller(exchanges: int) -> None:
        for i in range(exchanges):
            writer.admit()
            record = sample(i)
            begin = time.perf_counter()
            if writer.is_strict and (begun := writer.begin(record)) is not None:
                await begun
            if (ended := writer.take(record)) is not None:
                await ended
            else:
                await asyncio.sleep(0)
            waits_ms.append((time.perf_counter() - begin) * 1000)

    each = number // _CALLERS
    begin, cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(_CALLERS):
            group.create_task(caller(each))
    assert await writer.stop(60) == 0
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    stored(url, each * _CALLERS)
    median, p99 = statistics.median(waits_ms), statistics.quantiles(waits_ms, n=100)[98]
    print(
        f"{kind:10} {durability:8} {each * _CALLERS / wall:6.0f} exchanges/s, "
        f"{cpu / (each * _CALLERS) * 1e6:4.0f} us CPU each, waits {median:.1f} ms (p99 {p99:.1f})"
    )


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


if __name__ == "__main__":
    main()
