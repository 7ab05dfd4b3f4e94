"""What an outage of the database costs: memory, answers, exchanges.

    python -m tests.bench.record_outage [--seconds 60]

PostgreSQL's cable is cut while 1,000 exchanges a second come (2 kB each way, an attempt, two verdicts), once
in `bounded` and once in `strict` durability, where each exchange waits for the word that it is kept. Told are
the memory of the process before and at its highest, how long an exchange waited at most while the database
was away, and how long the rest took when the cable was mended; the cable is a thread of the same process,
which more than halves the rate of that. In the end all rows are counted.

The status is 1 if memory grew by more than `MAX_GROWTH_MB`, if `strict` let anybody wait longer than
`MAX_WAIT_S`, or if a row is missing. An exchange that is not admitted ends the bench.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from app.records.batches import Committed
from app.records.rows import Capture
from app.records.writer import Writer
from tests.bench.records_rate import sample, stored
from tests.cable import cable, rerouted
from tests.databases import settled
from tests.fakes import FakeLog
from tests.postgresql import database

MAX_GROWTH_MB = 64.0
"""A minute is some 400 MB: with a sixth of that in memory it would not be the journal that holds it."""
MAX_WAIT_S = 2.0
"""The quarter of a second that a database is waited for, and room for a disk and a machine that are busy."""
_PACE_PER_S = 1000


def main() -> int:
    """Measure, print a line for each durability, and return 1 if a bound is not held."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        bounded = asyncio.run(_outage(seconds, "bounded", Path(one)))
        strict = asyncio.run(_outage(seconds, "strict", Path(other)))
    return int(not (bounded and strict))


async def _outage(seconds: int, durability: Literal["bounded", "strict"], folder: Path) -> bool:
    """Return whether the bounds were held."""
    with database() as url:
        parts = urlsplit(url)
        with cable(parts.hostname or "", parts.port or 5432) as line:
            writer = Writer(
                rerouted(url, line.port),
                Capture("full", str),
                FakeLog(),
                journal=folder,
                durability=durability,
            )
            writer.start()
            callers = _Callers(writer)
            await callers.ask(2 * _PACE_PER_S)
            await settled(writer)
            before = highest = _resident_mb()
            callers.longest_wait_s = 0.0
            line.cut()
            for _ in range(seconds):
                await callers.ask(_PACE_PER_S)
                highest = max(highest, _resident_mb())
            await settled(writer)
            gauges = writer.gauges()
            line.mend()
            mended = time.perf_counter()
            while writer.gauges().journal_entries:
                await asyncio.sleep(0.05)
                highest = max(highest, _resident_mb())
            shipped_s = time.perf_counter() - mended
            assert await writer.stop(60) == 0
        stored(url, (seconds + 2) * _PACE_PER_S)
    growth = highest - before
    print(
        f"{durability}, away for {seconds} s: {gauges.journal_entries} in the journal "
        f"({gauges.journal_bytes / 1e6:.0f} MB), none lost; memory {before:.0f} MB before and "
        f"{highest:.0f} MB at most (+{growth:.0f}, bound {MAX_GROWTH_MB:.0f}); "
        f"longest wait {callers.longest_wait_s * 1000:.0f} ms; shipped in {shipped_s:.1f} s; "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return growth <= MAX_GROWTH_MB and callers.longest_wait_s <= MAX_WAIT_S


class _Callers:
    """Ask at a steady pace; who is told when his exchange is kept waits for that."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.longest_wait_s = 0.0

    async def ask(self, number: int) -> None:
        """Ask so often, a thousand a second."""
        begin = time.perf_counter()
        for i in range(number):
            if i % 10 == 0:
                await asyncio.sleep(max(0.0, begin + i / _PACE_PER_S - time.perf_counter()))
            self._writer.admit()
            taken_at = time.perf_counter()
            if (committed := self._writer.take(sample(i))) is not None:
                committed.add_done_callback(partial(self._note, taken_at))

    def _note(self, taken_at: float, _: Committed) -> None:
        self.longest_wait_s = max(self.longest_wait_s, time.perf_counter() - taken_at)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


if __name__ == "__main__":
    sys.exit(main())
