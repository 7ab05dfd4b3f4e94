"""Kills a real server at random moments under load, again and again, and counts what is on record.

    python -m tests.bench.kill_nine [--rounds 200] [--seed N] [--at-once 2]

Each round starts the service on what the last one left behind, lets callers ask for whole answers and
streams, takes the database away for a moment in some rounds (PostgreSQL's cable is cut, SQLite's file is
locked), kills one worker in some, and in the end all of it with SIGKILL. They are shared out among `strict`
and `bounded`, SQLite and PostgreSQL, one and two workers; each of these eight has a record of its own, which
is looked at when its rounds are over and the service has started once more. Most of a round is the service's
start, so several places are at work at once, each in a process of its own. In the end

- every answer whose last byte a caller got is on record as a whole: its row, both bodies as he got them, the
  attempt, both verdicts. In `bounded` one may be missing if it was given within `BOUND_S` before a kill;
- nothing is there twice, nothing by half;
- in `strict` whatever went upstream is on record, also what nobody got an answer to;
- nothing is left that has begun and not ended; all of it is `interrupted`;
- the chains are sound (`handrail records verify`).
"""

import argparse
import asyncio
import contextlib
import os
import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.bench.kill_findings import Findings, look
from tests.bench.kill_round import Callers, Place, live
from tests.cable import cable
from tests.postgresql import database
from tests.upstreams import Upstream

PLACES = [
    (durability, kind, workers)
    for durability in ("strict", "bounded")
    for kind in ("sqlite", "postgresql")
    for workers in (1, 2)
]


def main() -> None:
    """Run, print a line for each place, and fail if anything is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--at-once", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    each, rest = divmod(arguments.rounds, len(PLACES))
    rounds = {place: each + (i < rest) for i, place in enumerate(PLACES) if each + (i < rest)}
    all_found: list[Findings] = []
    begin = time.monotonic()
    with ProcessPoolExecutor(arguments.at_once) as pool:
        running = {pool.submit(run, place, rounds[place], arguments.seed): place for place in rounds}
        for done in as_completed(running):
            all_found.append(done.result())
            print(f"{'/'.join(map(str, running[done])):24} {all_found[-1].line()}", flush=True)
    kills, wrong = sum(found.kills for found in all_found), sum(len(found.wrong) for found in all_found)
    print(f"{kills} kills in {time.monotonic() - begin:.0f} s, load {os.getloadavg()[0]:.1f}: {wrong} wrong")
    raise SystemExit(1 if wrong else 0)


def run(place: tuple[str, str, int], rounds: int, seed: int | None = None) -> Findings:
    """Run some rounds at one place and return what was found in the end."""
    durability, kind, workers = place
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handrail-kill-")))
        here = stack.enter_context(_place(kind, folder, durability, workers))
        return asyncio.run(_rounds(here, rounds, random.Random(seed)))


async def _rounds(here: Place, rounds: int, chance: random.Random) -> Findings:
    callers, kills = Callers(chance), []
    async with Upstream(callers.answer) as upstream:
        for number in range(rounds):
            killed = await live(here, upstream.port, callers, chance, number)
            kills.append(killed)
        async with asyncio.timeout(120):
            await live(here, upstream.port, callers, chance, rounds, kills=False)
    return look(here, callers, [killed.moments for killed in kills])


@contextlib.contextmanager
def _place(kind: str, folder: Path, durability: str, workers: int) -> Iterator[Place]:
    if kind == "sqlite":
        yield Place(folder, f"sqlite:///{folder}/record.db", durability, workers, None)
        return
    with database() as url:
        host, _, port = url.split("@")[1].split("/")[0].partition(":")
        with cable(host, int(port or 5432)) as line:
            yield Place(folder, url, durability, workers, line)


if __name__ == "__main__":
    main()
