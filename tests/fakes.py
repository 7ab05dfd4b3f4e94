"""Fakes of the pipeline's ports: they do what they are told and remember what they were asked."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Sequence
from decimal import Decimal
from typing import Any

from app.domain.errors import Overloaded
from app.domain.events import ChoiceFinished, ProviderEvent, Started, TextDelta, UsageReported
from app.domain.exchange import Attempt, ExchangeRecord
from app.domain.model_request import ModelRequest
from app.domain.ports import Provider
from app.domain.proxying import Passed, PassedHead
from app.routing.breaker import MemoryBreakers
from app.routing.config_reader import Known, read_config
from app.routing.health import Latencies
from app.routing.resolve import Routes
from app.routing.router import Router
from app.routing.targets import Guests, Targets
from app.routing.tree import prepare
from telemetry import Attribute, Ending, SpanNote

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def answer_of(*pieces: str, reason: str = "stop") -> list[ProviderEvent]:
    """Return the events of an answer of one choice whose text comes in these pieces."""
    return [
        Started({"id": "chatcmpl-1", "created": 1, "model": "fake-2026"}),
        *(TextDelta(0, "content", piece) for piece in pieces),
        ChoiceFinished(0, reason, {}),
        UsageReported({"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}),
    ]


class FakeProvider:
    """Yields a script: events as they are, errors raised, floats slept (in seconds)."""

    slug = "fake"
    kind = "openai"
    telemetry_name = "openai"
    server_address = "127.0.0.1"
    server_port = 9
    account = "of-the-fake"

    def __init__(self, *script: ProviderEvent | PassedHead | bytes | Exception | float) -> None:
        self.script: Sequence[Any] = script
        self.requests: list[tuple[ModelRequest, str]] = []
        self.dropped: tuple[str, ...] = ()
        self.passed: list[Passed] = []
        self.closed = 0
        self.asked = asyncio.Event()

    async def ask(self, request: ModelRequest, model: str, attempt: Attempt) -> AsyncGenerator[ProviderEvent]:
        self.requests.append((request, model))
        self.asked.set()
        attempt.dropped_params = self.dropped
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    attempt.status_code = 200
                    yield step
        finally:
            self.closed += 1

    async def pass_on(self, passed: Passed, attempt: Attempt) -> AsyncGenerator[PassedHead | bytes]:
        self.passed.append(passed)
        for step in self.script:
            if isinstance(step, Exception):
                raise step
            attempt.status_code = 200
            yield step


def router_of(
    *providers: Provider, routes: Routes | None = None, guests: Guests | None = None, **saved: dict[str, Any]
) -> Router:
    """Return a router over these providers, with these configs by name and no chance in it."""
    kinds = {one.kind: one.kind for one in providers} | {"groq": "groq"}
    known = Known({one.slug for one in providers}, kinds)
    return Router(
        Targets(routes or Routes(providers, {}), providers, kinds.get, guests),
        {name: prepare(read_config(one, known=known)) for name, one in saved.items()},
        random.Random(0),
        MemoryBreakers(time.monotonic),
        Latencies(time.monotonic),
    )


class FakePrices:
    """Knows one cost, of every attempt whose provider said what it counted."""

    def __init__(self, cost: str | None = None) -> None:
        self.known = None if cost is None else Decimal(cost)

    def cost(self, attempt: Attempt) -> Decimal | None:
        return None if attempt.usage.completion_tokens is None else self.known


class FakeRecords:
    """Keeps records in lists; refuses all of them once `full`. Strict: done when `commit` says so."""

    def __init__(self) -> None:
        self.taken: list[ExchangeRecord] = []
        self.begun: list[ExchangeRecord] = []
        self.admitted = self.refused = 0
        self.full = False
        self.is_strict = False
        self.waiting: list[asyncio.Future[None]] = []
        self.commits = True

    def admit(self, *, is_refused: bool = False) -> None:
        self.refused += is_refused
        if self.full:
            raise Overloaded("The records' backlog is full.")
        self.admitted += 1

    def begin(self, record: ExchangeRecord) -> asyncio.Future[None] | None:
        self.begun.append(record)
        return self._committed()

    def take(self, record: ExchangeRecord) -> asyncio.Future[None] | None:
        self.taken.append(record)
        return self._committed()

    def commit(self) -> None:
        for future in self.waiting:
            future.set_result(None)
        self.waiting.clear()

    def _committed(self) -> asyncio.Future[None] | None:
        if not self.is_strict:
            return None
        future = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        if self.commits:
            self.commit()
        return future


class FakeTrace:
    """A sampled trace that keeps its notes."""

    trace_id = TRACE_ID
    sampled = recording = True
    traceparent = f"00-{TRACE_ID}-00f067aa0ba902b7-01"

    def __init__(self) -> None:
        self.root = SpanNote("POST /v1/chat/completions", "server", "00f067aa0ba902b7", 1, {})
        self.children: list[SpanNote] = []
        self.ended: list[int] = []
        self.settled: list[tuple[Ending | None, int]] = []
        self.keeps: set[str] = set()

    def span(self, name: str, kind: str, start_ns: int, attributes: dict[str, Attribute]) -> SpanNote:
        note = SpanNote(name, kind, f"{len(self.children) + 1:016x}", start_ns, attributes)
        self.children.append(note)
        return note

    def settle(self, ending: Ending | None, end_ns: int) -> None:
        self.settled.append((ending, end_ns))
        self.sampled = self.sampled or ending in self.keeps

    def end(self, end_ns: int) -> None:
        self.ended.append(end_ns)


class FakeLog:
    """Keeps lines as (level, event, fields)."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def debug(self, event: str, **fields: Any) -> None:
        self.lines.append(("debug", event, fields))

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append(("info", event, fields))

    def warning(self, event: str, **fields: Any) -> None:
        self.lines.append(("warning", event, fields))

    def error(self, event: str, **fields: Any) -> None:
        self.lines.append(("error", event, fields))
