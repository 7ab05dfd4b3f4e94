"""One life of a server in `kill_nine.py`: it starts, is asked, loses its database a while, and is killed."""

import asyncio
import contextlib
import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import msgspec

from tests.cable import Cable, rerouted
from tests.e2e.rows import Database
from tests.servers import Service, serve
from tests.upstreams import Connection, Received, stream, whole

BOUND_S = 1.0
"""What `bounded` may lose: answers given less than this before a kill (README)."""
_CALLERS = 8
_HEAD: dict[str, object] = {"id": "chatcmpl-1", "created": 1, "model": "m"}
_CONFIG = """
server: {{workers: {workers}}}
providers: {{main: {{kind: openai, base_url: "http://127.0.0.1:{port}/v1", api_key: sk-m, models: [m]}}}}
guardrails: {{secrecy: {{on: [input, output], checks: [{{words: {{deny: [forbidden]}}}}], action: block}}}}
records:
  url: "{url}"
  content: full
  durability: {durability}
  journal: {{path: "{folder}/journals"}}
log: {{level: warning}}
"""


class Place(msgspec.Struct, frozen=True):
    """Where rounds leave their record."""

    folder: Path
    url: str
    durability: str
    workers: int
    line: Cable | None
    """To PostgreSQL."""


class Killed(msgspec.Struct, frozen=True):
    """When something was killed in a round, in `time.monotonic` seconds."""

    moments: tuple[float, ...]


class Given(msgspec.Struct, frozen=True):
    """An answer of which a caller has the last byte."""

    id: str
    question: str
    text: str
    stream: bool
    at: float
    """When he had it, which may be a moment behind the kill of who sent it; `time.monotonic` seconds."""
    life: int
    """Of the server that gave it."""


class Callers:
    """Callers, and the provider that they are answered by."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._number = 0
        self.given: list[Given] = []
        self.asked: set[str] = set()
        """Questions that came to the provider."""
        self.refused = 0
        self.life = 0
        """Number of the server's life that they ask in."""
        self.behind_next: Callable[[], None] | None = None
        """Called at once when somebody has the last byte of an answer, and then no more."""

    async def answer(self, connection: Connection, received: Received) -> None:
        """Answer as a provider does; one in thirty takes longer than a second."""
        document = received.json()
        question = document["messages"][0]["content"]
        self.asked.add(question)
        words = [f"{word} " for word in f"answer to {question}".split()]
        delay_s = 0.4 if self._chance.random() < 0.03 else self._chance.random() * 0.02
        if document.get("stream"):
            chunks = [_chunk({"content": word}) for word in words]
            await stream([*chunks, _chunk({}, "stop"), "[DONE]"], delay_s=delay_s)(connection, received)
        else:
            message = {"role": "assistant", "content": "".join(words)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1,
                "model": "m",
                "choices": [choice],
            }
            await whole(body, delay_s=delay_s * 4)(connection, received)

    async def ask(self, url: str, stopped: asyncio.Event) -> None:
        """Ask one question behind the other until told to stop."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            while not stopped.is_set():
                self._number += 1
                question = f"question-{self._number}"
                try:
                    await self._ask(session, url, question, stream=self._chance.random() < 0.5)
                except (aiohttp.ClientError, TimeoutError, ConnectionError):
                    await asyncio.sleep(0.02)

    async def _ask(self, session: aiohttp.ClientSession, url: str, question: str, *, stream: bool) -> None:
        document = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": question}]}
        async with session.post(f"{url}/v1/chat/completions", json=document) as reply:
            body = await reply.read()  # to its last byte, else this raises
            at = time.monotonic()
            if reply.status != 200:
                self.refused += 1
                return
            text = _streamed(body) if stream else json.loads(body)["choices"][0]["message"]["content"]
            if text is not None:
                self.given.append(Given(reply.headers["x-request-id"], question, text, stream, at, self.life))
                if (behind := self.behind_next) is not None:
                    self.behind_next = None
                    behind()


async def live(
    place: Place, port: int, callers: Callers, chance: random.Random, number: int, *, kills: bool = True
) -> Killed:
    """Run one life; without kills it is the last one, which ships and closes all that is left."""
    folder = place.folder / f"round-{number}"
    folder.mkdir()
    callers.life = number
    with contextlib.ExitStack() as stack:
        service = await asyncio.to_thread(stack.enter_context, _served(place, port, folder))
        if not kills:
            await _settled(place, service)
            await asyncio.to_thread(service.stop)
            return Killed(())
        stopped = asyncio.Event()
        moments: list[float] = []
        async with asyncio.TaskGroup() as group:
            for _ in range(_CALLERS):
                group.create_task(callers.ask(service.url, stopped))
            await asyncio.sleep(chance.uniform(0.1, 0.8))
            with _outage(place) if chance.random() < 0.4 else contextlib.nullcontext():
                await asyncio.sleep(chance.choice((chance.uniform(0.05, 0.5), chance.uniform(0.5, 2.5))))
                if place.workers > 1 and chance.random() < 0.5 and (workers := _workers(service)):
                    moments.append(time.monotonic())
                    os.kill(chance.choice(workers), signal.SIGKILL)
                    await asyncio.sleep(chance.uniform(0.05, 0.5))
                if chance.random() < 0.6:
                    await _killed(service, callers, chance, moments)
            await _killed(service, callers, chance, moments)
            stopped.set()
        return Killed(tuple(moments))


@contextlib.contextmanager
def _served(place: Place, port: int, folder: Path) -> Iterator[Service]:
    url = place.url if place.line is None else rerouted(place.url, place.line.port)
    config = _CONFIG.format(
        workers=place.workers, port=port, url=url, durability=place.durability, folder=place.folder
    )
    with serve(config, folder) as service:
        yield service


@contextlib.contextmanager
def _outage(place: Place) -> Iterator[None]:
    """Take the database away until the block ends."""
    if place.line is not None:
        place.line.cut()
        try:
            yield
        finally:
            place.line.mend()
        return
    file = place.folder / "record.db"
    with contextlib.closing(sqlite3.connect(file, timeout=0.05, isolation_level=None)) as lock:
        with contextlib.suppress(sqlite3.OperationalError):  # somebody writes all the time
            lock.execute("BEGIN IMMEDIATE")
        yield


async def _killed(service: Service, callers: Callers, chance: random.Random, moments: list[float]) -> None:
    """Kill all of it, at any moment or right behind the last byte of an answer."""
    if service.process.poll() is not None:
        return
    gone = asyncio.Event()

    def kill() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(service.process.pid, signal.SIGKILL)
        moments.append(time.monotonic())
        gone.set()

    if chance.random() < 0.5:
        callers.behind_next = kill
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await gone.wait()
    if not gone.is_set():
        await asyncio.sleep(chance.uniform(0, 0.2))
        kill()
    callers.behind_next = None
    await asyncio.to_thread(service.process.wait)


def _workers(service: Service) -> list[int]:
    path = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
    return [
        pid
        for pid in map(int, path.read_text().split())
        if "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    ]


async def _settled(place: Place, service: Service) -> None:
    """Wait until nothing waits in a journal of the dead and nothing is left that has only begun."""
    database = Database(place.url)
    open_ = "SELECT count(*) AS n FROM exchanges WHERE outcome IS NULL"
    async with asyncio.timeout(60):
        while True:
            left = await asyncio.to_thread(database.query, open_)
            journals = len(list((place.folder / "journals").glob("*.journal")))
            if left[0]["n"] == 0 and journals <= place.workers:
                return
            await asyncio.sleep(0.1)


def _streamed(body: bytes) -> str | None:
    """Return the text of a stream that came to its end, None if it ended in an error."""
    lines = [line[6:] for line in body.decode().splitlines() if line.startswith("data: ")]
    if not lines or lines[-1] != "[DONE]":
        return None
    choices = [choice for line in lines[:-1] for choice in json.loads(line).get("choices", [])]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def _chunk(delta: dict[str, str], reason: str | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
    }
