"""Restoring: the last step before the caller. Pseudonyms in an answer become what they stand for.

Guardrails have judged the answer as the model wrote it, and so it goes on record; what is put back here is
the caller's own, and nobody else sees it: no guardrail, no record, no trace, no other provider. What stands
for what is in the exchange's `Vault`, which was filled when the request was screened.

- Running text is held back for one word at the most.
- The arguments of a tool call are gathered and restored decoded, leaf by leaf, so that valid JSON stays valid
  whatever a value has in it; JSON inside a string is decoded likewise. Half a call is of use to nobody.
- An answer that was asked for as JSON has values written as JSON strings have them.
- Other fields come in pieces that a reader joins, so they wait for the end of their choice.
- Log probabilities stay as they are: they are about the tokens that the model wrote. Errors and usage, too.

An exchange that gave out no pseudonym is not held up by any of this.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, assert_never

import msgspec

from app.domain.events import (
    Blocked,
    ChoiceFinished,
    Embedded,
    Event,
    Extra,
    Failed,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.domain.json_text import JsonText
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.domain.unique_names import UniqueNames
from app.wire.openai.fold import merged
from app.wire.openai.folds import fold_of
from guardrails import Restorer, Vault

_JSON_FORMATS = frozenset({"json_object", "json_schema"})
_JSON_IN_JSON = 4
"""How many levels of JSON inside strings are restored as JSON."""


class Restoring:
    """What one caller is told.

    Args:
        vault: of the exchange; it is filled before an answer begins.
        operation: what was asked for.
    """

    def __init__(self, vault: Vault, operation: Operation = Operation.CHAT) -> None:
        self.vault = vault
        self.fold = fold_of(operation)
        """What he has been told, where anything was to be restored."""
        self._is_json = False
        self._choices: dict[int, _Choice] = {}

    def asked(self, request: ModelRequest) -> None:
        """Note what is asked for."""
        wanted = request.document.get("response_format")
        self._is_json = isinstance(wanted, dict) and wanted.get("type") in _JSON_FORMATS

    async def run(self, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
        """Yield what the caller is told of what is released; `events` is closed."""
        async with aclosing(events) as released:
            async for event in released:
                for told in self.told(event):
                    yield told
        for told in self.rest():
            yield told

    def told(self, event: Event) -> list[Event]:
        """Take what is released; return what the caller is told now."""
        if not self.vault:
            return [event]
        told = self._told(event)
        for one in told:
            self.fold.add(one)
        return told

    def rest(self) -> list[Event]:
        """Return what is still held: nothing more will be released."""
        rest = [event for index in self._choices for event in self._end(index)]
        for one in rest:
            self.fold.add(one)
        return rest

    def _told(self, event: Event) -> list[Event]:
        match event:
            case TextDelta():
                return self._text(event)
            case ToolCallStarted() | ToolArguments() | Extra():
                return self._piece(event)
            case ChoiceFinished():
                end = ChoiceFinished(event.choice, event.reason, self._members(event.fields))
                return [*self._end(event.choice), end]
            case Started():
                return [Started(self._members(event.fields))]
            case UsageReported() | Embedded():
                return [event]
            case Blocked() | Failed():
                return [*self.rest(), event]
            case _:
                assert_never(event)

    def _piece(self, event: ToolCallStarted | ToolArguments | Extra) -> list[Event]:
        if event.choice is None:
            return [Extra(None, self._members(event.fields))]
        choice = self._choice(event.choice)
        if isinstance(event, ToolCallStarted):
            choice.calls[event.index] = event
            return [msgspec.structs.replace(event, fields=self._members(event.fields))]
        if isinstance(event, ToolArguments):
            choice.arguments.setdefault(event.index, []).append(event.text)
        else:
            for key, value in event.fields.items():
                choice.extras.setdefault(key, []).append(value)
        return []

    def _choice(self, index: int) -> "_Choice":
        return self._choices.setdefault(index, _Choice())

    def _text(self, event: TextDelta) -> list[Event]:
        channels = self._choice(event.choice).channels
        restorer = channels.get(event.channel)
        if restorer is None:
            is_json = self._is_json and event.channel == "content"
            restorer = channels[event.channel] = self.vault.restorer(_in_json if is_json else str)
        text = restorer.feed(event.text)
        if not text and event.text and event.logprobs is None:
            return []
        return [msgspec.structs.replace(event, text=text)]

    def _end(self, index: int) -> list[Event]:
        choice = self._choice(index)
        self._choices[index] = _Choice()
        rests = {channel: restorer.finish() for channel, restorer in choice.channels.items()}
        told: list[Event] = [TextDelta(index, channel, rest) for channel, rest in rests.items() if rest]
        for number, pieces in choice.arguments.items():
            told.append(ToolArguments(index, number, self._arguments(choice.calls.get(number), pieces)))
        if choice.extras:
            told.append(Extra(index, self._members({k: merged(v) for k, v in choice.extras.items()})))
        return told

    def _arguments(self, call: ToolCallStarted | None, pieces: list[str]) -> str:
        text = "".join(pieces)
        is_custom = call is not None and "custom" in call.fields and "function" not in call.fields
        return self.vault.restore(text) if is_custom else self._json(text)

    def _json(self, text: str, depth: int = _JSON_IN_JSON) -> str:
        """Return JSON with its keys and leaves restored; what is none is restored as it stands, escaped."""
        if self.vault.restore(text) == text:
            return text
        restored = self._decoded(text, depth)
        return self.vault.restore(text, _in_json) if restored is None else restored

    def _decoded(self, text: str, depth: int) -> str | None:
        return JsonText("", text).mapped(lambda leaf: self._leaf(leaf, depth - 1))

    def _leaf(self, text: str, depth: int) -> str:
        restored = self._decoded(text, depth) if depth > 0 and text.lstrip()[:1] in {"{", "["} else None
        return self.vault.restore(text) if restored is None else restored

    def _value(self, value: Any) -> Any:  # noqa: ANN401 (JSON)
        if isinstance(value, str):
            return self.vault.restore(value)
        if isinstance(value, list):
            return [self._value(item) for item in value]
        return self._members(value) if isinstance(value, dict) else value

    def _members(self, fields: dict[str, Any]) -> dict[str, Any]:
        names = UniqueNames("_")
        return {
            names.add(self.vault.restore(key)): self._json(value)
            if key == "arguments" and isinstance(value, str)
            else self._value(value)
            for key, value in fields.items()
        }


class _Choice:
    """What is held of one choice."""

    __slots__ = ("arguments", "calls", "channels", "extras")

    def __init__(self) -> None:
        self.channels: dict[str, Restorer] = {}
        self.calls: dict[int, ToolCallStarted] = {}
        self.arguments: dict[int, list[str]] = {}
        self.extras: dict[str, list[Any]] = {}


def _in_json(value: str) -> str:
    """Return a value as it is written inside of a JSON string."""
    return json.dumps(value, ensure_ascii=False)[1:-1]
