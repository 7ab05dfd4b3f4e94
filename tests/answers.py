"""An answer of a provider, event by event, and what screening lets out of it."""

import json
from collections.abc import Iterable
from typing import Any

from app.domain.events import (
    ProviderEvent,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.screening import Screening
from guardrails import Engine
from guardrails.config import guardrail

MAIL = "alice@example.com"
REDACT = {"on": ["output"], "checks": [{"pii": {"entities": ["email"]}}], "action": "redact"}
BLOCK = {"on": ["output"], "checks": [{"words": {"deny": ["forbidden"]}}], "action": "block"}
MONITOR = REDACT | {"mode": "monitor"}
STARTED = Started({"id": "c", "model": "m"})
USAGE = UsageReported({"prompt_tokens": 1})


class Answer:
    """An answer being screened, and what came out of it."""

    def __init__(self, *specs: dict[str, Any]) -> None:
        engine = Engine([guardrail(f"g{i}", spec) for i, spec in enumerate(specs)], b"key")
        self.screen = engine.output()
        self.screening = Screening(self.screen)
        self.released: list[ProviderEvent] = []

    async def run(self, events: Iterable[ProviderEvent]) -> "Answer":
        for event in events:
            self.released += await self.screening.feed(event)
            if self.screening.blocked is not None:
                break
        self.released += await self.screening.close()
        await self.screen.close()
        return self

    def text(self, choice: int = 0, channel: str = "content") -> str:
        return "".join(
            one.text
            for one in self.released
            if isinstance(one, TextDelta) and (one.choice, one.channel) == (choice, channel)
        )

    def everything(self) -> str:
        return json.dumps(
            [{name: getattr(one, name) for name in one.__struct_fields__} for one in self.released]
        )


def call(index: int, arguments: str, **fields: Any) -> list[ProviderEvent]:
    started = {"id": "call_1", "type": "function", "function": {"name": "f"}} | fields
    return [ToolCallStarted(0, index, started), *(ToolArguments(0, index, char) for char in arguments)]


def spelling(*tokens: str, text: str = "x") -> TextDelta:
    items = [{"token": token, "bytes": [*token.encode()]} for token in tokens]
    return TextDelta(0, "content", text, {"content": items})
