"""A pipeline among fakes, for tests of what it makes of an exchange."""

import json
from contextlib import aclosing
from typing import Any

import pytest

from app.account import Call
from app.domain.events import Event, TextDelta
from app.domain.exchange import ANONYMOUS, ExchangeRecord
from app.pipeline import Pipeline
from app.policy import Policy
from app.wire.openai.request import Limits
from guardrails.config import guardrail
from tests.fakes import FakeLog, FakePrices, FakeProvider, FakeRecords, FakeTrace, router_of

MAIL = "alice@example.com"
PRIVACY = {"checks": [{"pii": {"entities": ["email"]}}], "action": "redact"}
SECRECY = {"checks": [{"words": {"deny": ["forbidden"]}}], "action": "block"}
WATCHING = PRIVACY | {"mode": "monitor"}
ADDED = SECRECY | {"default": False}

stream_and_whole = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


class Bench:
    """A pipeline among fakes."""

    def __init__(self, provider: FakeProvider, **guardrails: dict[str, Any]) -> None:
        self.provider = provider
        self.records = FakeRecords()
        self.trace = FakeTrace()
        self.log = FakeLog()
        policy = Policy(
            [guardrail(name.replace("_", "-"), spec) for name, spec in guardrails.items()], b"key", "v1"
        )
        self.pipeline = Pipeline(
            router=router_of(provider),
            policy=policy,
            prices=FakePrices("0.25"),
            records=self.records,
            limits=Limits(),
            log=self.log,
            scrub=lambda text: text.replace("hunter2", "[SECRET]"),
        )

    def call(self, body: bytes, **fields: Any) -> Call:
        given: dict[str, Any] = {"caller": ANONYMOUS, "exchange_id": "0193-x"} | fields
        return Call(
            started_ns=1,
            method="POST",
            path="/v1/chat/completions",
            trace=self.trace,
            body=body,
            **given,
        )

    async def run(self, body: bytes, **fields: Any) -> list[Event]:
        exchange = self.pipeline.begin(self.call(body, **fields))
        async with aclosing(exchange.events()) as events:
            released = [event async for event in events]
        await self.pipeline.later.settle()
        return released

    @property
    def record(self) -> ExchangeRecord:
        (record,) = self.records.taken
        return record


def body(content: str = "hi", *, stream: bool = False, **fields: Any) -> bytes:
    message = {"role": "user", "content": content}
    return json.dumps({"model": "@fake/m", "messages": [message], "stream": stream, **fields}).encode()


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))
