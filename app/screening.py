"""Output screening: between a provider's events and what is released.

Every text of an answer has a path and goes through `guardrails.OutputScreen`, which releases what no match
can still grow into. What that means for each kind of event:

- running text (content, refusal, reasoning) is released as far as it is settled;
- the arguments of a tool call are gathered and screened decoded, when their choice is complete: half of a
  JSON document cannot be redacted, and nobody can act on half a call;
- log probabilities spell the text once more, with alternatives: they wait likewise, and go out only if
  no guardrail would change that text or them;
- fields nobody has documented wait likewise and are screened leaf by leaf, the pieces of a stream joined by
  path;
- ids, the model's name, counts and finish reasons are the protocol's and pass.

Where no guardrail may change an answer nothing waits: events pass as they came, and observers see copies. A
whole answer takes the same path; it only arrives in one piece.
"""

from collections.abc import Iterable
from typing import Any, assert_never

from app.domain.events import (
    FUNCTION_CALL,
    Blocked,
    ChoiceFinished,
    Extra,
    ProviderEvent,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.domain.json_text import JsonText, Redactions, is_key_path, json_parts, replace_members
from app.domain.parts import KNOWN_KEYS
from guardrails import OutputScreen, Part, PartKind

_KINDS = {
    "content": PartKind.TEXT,
    "refusal": PartKind.REFUSAL,
    "reasoning_content": PartKind.REASONING,
    "reasoning": PartKind.REASONING,
}
_ROLE = "assistant"


class _Choice:
    """What is held of one choice."""

    __slots__ = ("arguments", "calls", "channels", "extras", "finished", "logprobs", "received", "released")

    def __init__(self) -> None:
        self.channels: list[str] = []
        self.received: list[str] = []
        self.released: list[str] = []
        self.calls: dict[int, ToolCallStarted] = {}
        self.arguments: dict[int, list[str]] = {}
        self.extras: list[Extra] = []
        self.logprobs: list[dict[str, Any]] = []
        self.finished: ChoiceFinished | None = None

    def end(self, event: ChoiceFinished) -> None:
        """Note how it ended; of several ends the last reason counts."""
        if self.finished is not None:
            fields = self.finished.fields | event.fields
            event = ChoiceFinished(event.choice, event.reason or self.finished.reason, fields)
        self.finished = event


class Screening:
    """The output side of one exchange.

    Args:
        screen: the guardrails' state for this answer.
    """

    def __init__(self, screen: OutputScreen) -> None:
        self._screen = screen
        self._holds = screen.enforcing
        self._choices: dict[int, _Choice] = {}
        self._extras: list[Extra] = []
        self._usage: list[ProviderEvent] = []

    @property
    def blocked(self) -> Blocked | None:
        """The last event, once a guardrail has ended the exchange."""
        return Blocked(self._screen.blocked) if self._screen.blocked is not None else None

    async def feed(self, event: ProviderEvent) -> list[ProviderEvent]:
        """Take one event of the provider and return what may be released now."""
        match event:
            case TextDelta():
                return await self._text(event)
            case ToolArguments():
                self._choice(event.choice).arguments.setdefault(event.index, []).append(event.text)
                return self._unless_held(event)
            case ToolCallStarted():
                self._choice(event.choice).calls[event.index] = event
                return self._unless_held(event)
            case Extra():
                (self._extras if event.choice is None else self._choice(event.choice).extras).append(event)
                return self._unless_held(event)
            case ChoiceFinished():
                self._choice(event.choice).end(event)
                return []
            case Started():
                return [event]
            case UsageReported():
                self._usage.append(event)
                return []
            case _:
                assert_never(event)

    async def close(self) -> list[ProviderEvent]:
        """Return the rest: the provider's answer is complete.

        Only now do choices end: some providers say so with every chunk, or say more afterwards.
        """
        released: list[ProviderEvent] = []
        for index, choice in self._choices.items():
            released += await self._finish(index, choice)
        released += await self._extras_of(self._extras, "")
        await self._screen.close()
        return [] if self._screen.blocked is not None else released + self._usage

    def _choice(self, index: int) -> _Choice:
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = _Choice()
        return choice

    def _unless_held(self, event: ProviderEvent) -> list[ProviderEvent]:
        return [] if self._holds else [event]

    async def _text(self, event: TextDelta) -> list[ProviderEvent]:
        choice = self._choice(event.choice)
        if event.channel not in choice.channels:
            choice.channels.append(event.channel)
        text = await self._screen.feed(_text_part(event.choice, event.channel, event.text))
        if not self._holds:
            return [event]
        choice.received.append(event.text)
        choice.released.append(text)
        if event.logprobs is not None:
            choice.logprobs.append(event.logprobs)
        elif text == event.text:
            return [event]
        # An empty piece is released too where it came empty: it says that the text exists.
        return [TextDelta(event.choice, event.channel, text)] if text or not event.text else []

    async def _finish(self, index: int, choice: _Choice) -> list[ProviderEvent]:
        """Release what is held of a choice, and its end."""
        released: list[ProviderEvent] = []
        for channel in choice.channels:
            rest = await self._screen.finish(_text_part(index, channel, "").path)
            choice.released.append(rest)
            if rest:
                released.append(TextDelta(index, channel, rest))
        for call in choice.calls.values():
            released += await self._tool_call(call, "".join(choice.arguments.get(call.index, ())))
        released += await self._extras_of(choice.extras, f"choices[{index}].message")
        released += await self._logprobs(index, choice)
        if choice.finished is not None:
            fields = await self._redacted_fields(choice.finished.fields, f"choices[{index}]")
            released.append(ChoiceFinished(index, choice.finished.reason, fields))
        return [] if self._screen.blocked is not None else released

    async def _tool_call(self, call: ToolCallStarted, arguments: str) -> list[ProviderEvent]:
        """Screen a complete tool call; return its two events, or nothing where they have gone out already."""
        is_legacy = call.index == FUNCTION_CALL
        place = f"choices[{call.choice}].message." + (
            "function_call" if is_legacy else f"tool_calls[{call.index}]"
        )
        fields = await self._redacted_fields(call.fields, place)
        if call.fields.get("type") == "custom":
            path = f"{place}.custom.input"
            new = await self._whole(Part(path, arguments, PartKind.TOOL_ARGUMENTS, _ROLE))
        else:
            path = f"{place}.arguments" if is_legacy else f"{place}.function.arguments"
            text = JsonText(path, arguments)
            changed = await self._changed(text.parts(PartKind.TOOL_ARGUMENTS, _ROLE))
            new = text.redact(Redactions.of(changed)) if changed else arguments
        if not self._holds:
            return []
        return [
            ToolCallStarted(call.choice, call.index, fields),
            ToolArguments(call.choice, call.index, new),
        ]

    async def _extras_of(self, events: list[Extra], place: str) -> list[ProviderEvent]:
        """Screen undocumented fields, pieces joined by path; return what may go out now."""
        changed = await self._changed(_joined([event.fields for event in events], place))
        if not self._holds:
            return []
        released: list[ProviderEvent] = []
        for event in events:
            fields = replace_members(event.fields, place, Redactions.of(changed))
            released.append(Extra(event.choice, fields))
            for part in json_parts(event.fields, place, PartKind.FIELD, _ROLE):
                if part.path in changed and not is_key_path(part.path):
                    changed[part.path] = ""  # the redacted whole went out with the first piece
        return released

    async def _redacted_fields(self, fields: dict[str, Any], place: str) -> dict[str, Any]:
        if not fields:
            return fields
        changed = await self._changed(_joined([fields], place))
        return replace_members(fields, place, Redactions.of(changed)) if changed and self._holds else fields

    async def _logprobs(self, index: int, choice: _Choice) -> list[ProviderEvent]:
        """Release the held log probabilities if neither they nor the text they spell would be changed."""
        if not choice.logprobs:
            return []
        merged: dict[str, Any] = {}
        for piece in choice.logprobs:
            for key, items in piece.items():
                merged[key] = [*(merged.get(key) or ()), *items] if isinstance(items, list) else items
        tokens = "\n".join(part.text for part in _joined([merged], ""))
        seen = await self._whole(Part(f"choices[{index}].logprobs", tokens, PartKind.FIELD, _ROLE))
        if seen != tokens or "".join(choice.received) != "".join(choice.released):
            return []
        return [TextDelta(index, "content" if "content" in choice.channels else "refusal", "", merged)]

    async def _changed(self, texts: Iterable[Part]) -> dict[str, str]:
        """Screen whole texts; return the new ones of those that change."""
        changed: dict[str, str] = {}
        for part in texts:
            new = await self._whole(part)
            if new != part.text:
                changed[part.path] = new
        return changed

    async def _whole(self, part: Part) -> str:
        return await self._screen.feed(part) + await self._screen.finish(part.path)


def _text_part(choice: int, channel: str, text: str) -> Part:
    return Part(f"choices[{choice}].message.{channel}", text, _KINDS.get(channel, PartKind.FIELD), _ROLE)


def _joined(pieces: list[dict[str, Any]], place: str) -> list[Part]:
    """Return every text in the pieces of a stream, texts at the same path joined; keys once."""
    texts: dict[str, list[str]] = {}
    for fields in pieces:
        for part in json_parts(fields, place, PartKind.FIELD, _ROLE):
            if is_key_path(part.path) and (part.text in KNOWN_KEYS or part.path in texts):
                continue
            texts.setdefault(part.path, []).append(part.text)
    return [Part(path, "".join(found), PartKind.FIELD, _ROLE) for path, found in texts.items()]
