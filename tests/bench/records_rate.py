"""What the record costs: exchanges per second and CPU per exchange, from `take` to the rows being committed.

    python -m tests.bench.records_rate [--exchanges 33000] [--redact]

An exchange is a request and an answer of 2 kB each, one attempt and two verdicts: six rows. SQLite is a fresh
file in the temporary folder, PostgreSQL a fresh database on the server that the tests use. `paced` comes at
1,050 exchanges per second, as a gateway takes them, so batches are small; `burst` all at once, in batches of
500. Time ends when the last row is committed. CPU is that of this process: making, redacting and sending the
rows, and for SQLite the database itself. `behind` is how many exchanges waited in memory at most. With
`--redact` the second net is the real one, for secrets and personal data; without it, a function that changes
nothing. Afterwards all rows are counted. The status is 1 if `paced` does not get through 1,000 a second.
"""

import argparse
import asyncio
import contextlib
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from app.domain.exchange import ExchangeRecord
from app.recording import record_redactor
from app.records.engine import open_engine
from app.records.rows import Capture
from app.records.writer import Writer
from guardrails import Side
from tests.databases import select
from tests.exchanges import exchange, request, response, verdict
from tests.fakes import FakeLog
from tests.postgresql import database

_WORDS = "the handrail stood where a stair turned and a hand would look for it in the dark "
HELD_PER_S = 1000
"""What `paced` must get through, from the first exchange to the last commit."""
_OFFERED_PER_S = 1050


class Measured(msgspec.Struct, frozen=True):
    """What one load came to."""

    per_second: float
    """Exchanges, until the last one was committed."""
    seconds: float
    cpu_us: float
    """Of this process, for each exchange; making them is not counted."""
    behind: int
    """Exchanges that waited in memory, at most."""


def main() -> int:
    """Measure, print a line for each database and load, and return 1 if one is too slow."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--exchanges", type=int, default=33_000)
    parser.add_argument("--redact", action="store_true")
    arguments = parser.parse_args()
    redact = record_redactor().redact if arguments.redact else _nothing
    is_slow = False
    print(f"{'':18}{'exchanges/s':>12}{'seconds':>9}{'us CPU each':>12}{'behind':>8}{'load':>6}")
    for name, place in (("sqlite", _sqlite), ("postgresql", database)):
        for load in ("paced", "burst"):
            with place() as url:
                found = asyncio.run(_measure(url, load, arguments.exchanges, redact))
            figures = f"{found.per_second:12.0f}{found.seconds:9.1f}{found.cpu_us:12.0f}{found.behind:8}"
            print(f"{name + ' ' + load:18}{figures}{os.getloadavg()[0]:6.1f}", flush=True)
            is_slow |= load == "paced" and found.per_second < HELD_PER_S
    return int(is_slow)


@contextlib.contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/records.db"


def _nothing(text: str) -> str:
    return text


async def _measure(url: str, load: str, number: int, redact: Callable[[str], str]) -> Measured:
    """Let a writer take so many exchanges, and count their rows."""
    folder = tempfile.TemporaryDirectory()
    writer = Writer(
        url, Capture("redacted", redact), FakeLog(), journal=Path(folder.name), max_backlog=number
    )
    writer.start()
    exchanges = [sample(i) for i in range(number)]
    gc.freeze()  # they stand for a gateway's traffic, not for its memory
    wall, cpu = time.perf_counter(), time.process_time()
    behind = await (_paced(writer, exchanges) if load == "paced" else _burst(writer, exchanges))
    assert await writer.stop(60) == 0
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    folder.cleanup()
    stored(url, number)
    return Measured(number / wall, wall, cpu / number * 1e6, behind)


async def _burst(writer: Writer, exchanges: list[ExchangeRecord]) -> int:
    for record in exchanges:
        writer.take(record)
    return writer.backlog


async def _paced(writer: Writer, exchanges: list[ExchangeRecord]) -> int:
    begin, behind = time.perf_counter(), 0
    for i, record in enumerate(exchanges):
        if i % 10 == 0:
            await asyncio.sleep(max(0.0, begin + i / _OFFERED_PER_S - time.perf_counter()))
            behind = max(behind, writer.backlog)
        writer.take(record)
    return behind


def sample(number: int) -> ExchangeRecord:
    """Return an exchange of 2 kB each way."""
    text = f"{number} {_WORDS * 25}"[:2000]
    return exchange(
        request=request(text),
        response=response(text),
        metadata={"_user": f"u-{number % 100}"},
        verdicts=(verdict(Side.INPUT), verdict(Side.OUTPUT)),
    )


def stored(url: str, number: int) -> None:
    """Make sure that so many exchanges are on record, with all their rows."""
    engine = open_engine(url)
    for table, each in (("exchanges", 1), ("payloads", 2), ("attempts", 1), ("verdicts", 2)):
        assert select(engine, f"SELECT count(*) AS n FROM {table}") == [{"n": number * each}], table
    engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
