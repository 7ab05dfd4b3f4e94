"""Output screening: between a provider's events and what is released.

Every text of an answer has a path and goes through `guardrails.OutputScreen`, which releases what no match
can still grow into. What that means for each kind of event:

- running text (content, refusal, reasoning) is released as far as it is settled;
- the arguments of a tool call are gathered and screened decoded, when their choice is complete: half of a
  JSON document cannot be redacted, and nobody can act on half a call;
- log probabilities spell the text once more, with alternatives: they wait likewise, and go out only if
  no guardrail would change that text or them;
- fields nobody has documented wait likewise and are screened leaf by leaf, pieces of a stream joined by path;
- counts pass, and an id that looks like one (`app/answer_head.py`); the model's name and the like are
  screened as they come.

Where no guardrail may change an answer nothing waits: events pass as they came, and observers see copies. A
whole answer takes the same path; it only arrives in one piece.
"""

from collections.abc import Iterable
from typing import Any, assert_never

import msgspec

from app.answer_copies import repeats, spelled_together
from app.answer_head import is_usual_id, plain_head, without_counts
from app.answer_pieces import (
    TEXT_KINDS,
    HeldChoice,
    place_of_call,
    place_of_text,
    spelled,
    texts_of_fields,
    with_late_fields,
)
from app.domain.conversation import message_calls
from app.domain.events import (
    COMPLETION_TEXT,
    FUNCTION_CALL,
    Blocked,
    ChoiceFinished,
    Embedded,
    Extra,
    ProviderEvent,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.domain.json_leaves import member_path
from app.domain.json_text import JsonText, Redactions, replace_members
from app.wire.openai.fold import merged
from guardrails import OutputScreen, Part, PartKind

_ROLE = "assistant"
_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})


class Screening:
    """The output side of one exchange.

    Args:
        screen: the guardrails' state for this answer.
    """

    def __init__(self, screen: OutputScreen) -> None:
        self._screen = screen
        self._holds = screen.enforcing
        self._choices: dict[int, HeldChoice] = {}
        self._extras: dict[str, Any] = {}
        self._places: dict[str, int] = {}
        self._usage: list[ProviderEvent] = []

    @property
    def blocked(self) -> Blocked | None:
        """The last event, once a guardrail has ended the exchange."""
        return Blocked(self._screen.blocked) if self._screen.blocked is not None else None

    async def feed(self, event: ProviderEvent) -> list[ProviderEvent]:
        """Take one event of the provider and return what may be released now: nothing once blocked."""
        released = await self._taken(event)
        return [] if self._screen.blocked is not None else released

    async def _taken(self, event: ProviderEvent) -> list[ProviderEvent]:
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
                self._keep(event)
                return self._unless_held(event)
            case ChoiceFinished():
                self._choice(event.choice).end(event)
                return []
            case Started() | Embedded():
                return [await self._started(event)]
            case UsageReported():
                self._usage.append(UsageReported(await self._usage_of(event)))
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
        if self._extras:
            new = await self._redacted(await self._without_copies(self._extras, (), ""), "")
            released += [Extra(None, new)] if self._holds and new else []
        await self._screen.complete()
        return [] if self._screen.blocked is not None else released + self._usage

    def _choice(self, index: int) -> HeldChoice:
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = HeldChoice()
        return choice

    def _keep(self, event: Extra) -> None:
        """Keep fields until the end as a reader puts them together: a choice's join, others replace."""
        if event.choice is None:
            self._extras.update(event.fields)
            return
        extras = self._choice(event.choice).extras
        for key, value in event.fields.items():
            extras.setdefault(key, []).append(value)

    async def _started(self, event: Started | Embedded) -> Started | Embedded:
        if not self._holds or isinstance(event, Embedded):
            return event
        head = plain_head(event.fields)
        usual = {"created", "id"} if is_usual_id(head.get("id")) else {"created"}
        said = {key: value for key, value in head.items() if key not in usual}
        return Started(plain_head(head | await self._redacted(said, "")))

    async def _usage_of(self, event: UsageReported) -> dict[str, Any]:
        texts = texts_of_fields(without_counts(event.fields), "usage") if self._screen.active else []
        before = msgspec.structs.astuple(self._screen.coverage)
        changed = await self._changed(texts)
        self._uncount(before)
        if not changed or not self._holds:
            return event.fields
        return replace_members(event.fields, "usage", Redactions.of(changed))

    def _unless_held(self, event: ProviderEvent) -> list[ProviderEvent]:
        return [] if self._holds else [event]

    async def _text(self, event: TextDelta) -> list[ProviderEvent]:
        choice = self._choice(event.choice)
        path = choice.channels.get(event.channel)
        if path is None:
            path = choice.channels[event.channel] = place_of_text(event.choice, event.channel)
        text = await self._screen.feed(
            Part(path, event.text, TEXT_KINDS.get(event.channel, PartKind.FIELD), _ROLE)
        )
        if not self._holds:
            return [event]
        choice.note(event.channel, event.text, text)
        if event.logprobs is not None:
            choice.logprobs.append(event.logprobs)
        elif text == event.text:
            return [event]
        # An empty piece that came empty is released too: it says that the text exists.
        return [TextDelta(event.choice, event.channel, text)] if text or not event.text else []

    async def _finish(self, index: int, choice: HeldChoice) -> list[ProviderEvent]:
        """Release what is held of a choice, and its end."""
        place = f"choices[{index}]"
        released: list[ProviderEvent] = []
        for channel, path in choice.channels.items():
            rest = await self._screen.finish(path)
            choice.note(channel, "", rest)
            if rest:
                released.append(TextDelta(index, channel, rest))
        originals = choice.originals()
        choice.changed |= bool(originals)
        extras = {key: merged(values) for key, values in choice.extras.items()}
        calls = tuple(with_late_fields(choice.calls, extras))
        if self._screen.examines_calls:
            strays = message_calls(extras, f"{place}.message")
            await self._screen.examine([*map(choice.complete_call, calls), *strays])
        for call in calls:
            released += await self._tool_call(choice, call)
        if extras:
            kept = await self._without_copies(extras, originals, f"{place}.message")
            new = await self._redacted(kept, f"{place}.message")
            choice.changed |= new != extras
            released += [Extra(index, new)] if new else []
        released += await self._logprobs(index, choice)
        if choice.finished is not None:
            fields = await self._without_copies(choice.finished.fields, originals, place)
            fields = await self._redacted(fields, place)
            reason = await self._reason(choice.finished.reason, place)
            released.append(ChoiceFinished(index, reason, fields))
        if not self._holds:  # all of it went out as it came, but for the end
            return released[-1:] if choice.finished is not None else []
        return [] if self._screen.blocked is not None else released

    async def _without_copies(
        self, extras: dict[str, Any], originals: tuple[str, ...], place: str
    ) -> dict[str, Any]:
        """Leave out what spells again what a guardrail would not let out in one piece."""
        if not self._holds:
            return extras
        kept: dict[str, Any] = {}
        before = msgspec.structs.astuple(self._screen.coverage)
        for key, value in extras.items():
            clean = not repeats(value, originals)
            for text in spelled_together(value):
                part = Part(member_path(place, key), text, PartKind.FIELD, _ROLE)
                clean &= await self._whole(part) == text
            if clean:
                kept[key] = value
        self._uncount(before)
        return kept

    async def _tool_call(self, choice: HeldChoice, call: ToolCallStarted) -> list[ProviderEvent]:
        """Screen a complete tool call; return its two events."""
        arguments = "".join(choice.arguments.get(call.index, ()))
        is_legacy = call.index == FUNCTION_CALL
        place = place_of_call(call)
        fields = await self._redacted(call.fields, place)
        if "custom" in call.fields and "function" not in call.fields:
            new = await self._whole(Part(f"{place}.custom.input", arguments, PartKind.TOOL_ARGUMENTS, _ROLE))
        else:
            path = f"{place}.arguments" if is_legacy else f"{place}.function.arguments"
            text = JsonText(path, arguments)
            parts = text.parts(PartKind.TOOL_ARGUMENTS, _ROLE) if self._screen.active else ()
            changed = await self._changed(parts)
            new = text.redact(Redactions.of(changed)) if changed else arguments
        choice.changed |= fields != call.fields or new != arguments
        return [ToolCallStarted(call.choice, call.index, fields), ToolArguments(call.choice, call.index, new)]

    async def _logprobs(self, index: int, choice: HeldChoice) -> list[ProviderEvent]:
        """Release the held log probabilities if neither they nor anything they may spell was changed."""
        if not choice.logprobs:
            return []
        probabilities = merged(choice.logprobs)
        before = msgspec.structs.astuple(self._screen.coverage)
        texts = [*spelled(probabilities), "\n".join(part.text for part in texts_of_fields(probabilities, ""))]
        for text in texts:
            part = Part(f"choices[{index}].logprobs", text, PartKind.FIELD, _ROLE)
            choice.changed |= await self._whole(part) != text
        self._uncount(before)
        if choice.changed:
            return []
        channel = next((one for one in ("content", COMPLETION_TEXT) if one in choice.channels), "refusal")
        return [TextDelta(index, channel, "", probabilities)]

    async def _reason(self, reason: str | None, place: str) -> str | None:
        if reason is None or reason in _REASONS:
            return reason
        before = msgspec.structs.astuple(self._screen.coverage)
        screened = await self._whole(Part(f"{place}.finish_reason", reason, PartKind.FIELD, _ROLE))
        self._uncount(before)
        return screened

    def _uncount(self, before: tuple[int, int, int]) -> None:
        """Take what was screened since out of the coverage: it counts what an answer says, not its fields."""
        self._screen.coverage.received, self._screen.coverage.screened, self._screen.coverage.released = (
            before
        )

    async def _redacted(self, fields: dict[str, Any], place: str) -> dict[str, Any]:
        """Screen every text of some fields; return them with the new ones in place."""
        before = msgspec.structs.astuple(self._screen.coverage)
        changed = await self._changed(texts_of_fields(fields, place) if self._screen.active else ())
        self._uncount(before)
        return replace_members(fields, place, Redactions.of(changed)) if changed else fields

    async def _changed(self, texts: Iterable[Part]) -> dict[str, str]:
        """Screen whole texts; return the new ones of those that change."""
        changed: dict[str, str] = {}
        if not self._screen.active:
            return changed
        for part in texts:
            new = await self._whole(part)
            if new != part.text:
                changed[part.path] = new
        return changed

    async def _whole(self, part: Part) -> str:
        """Screen a text that is complete; one at a place where another stood gets a place of its own."""
        seen = self._places.setdefault(part.path, 0)
        self._places[part.path] += 1
        if seen:
            part = msgspec.structs.replace(part, path=f"{part.path}~{seen}")
        return await self._screen.feed(part) + await self._screen.finish(part.path)
