"""The answer of a compatible provider, as OpenAI would have said it.

The readers (`app/wire/openai/choice.py` and its neighbours) take every shape that an answer has; here is what
depends on who answers: reasoning out of the content, finish reasons in OpenAI's words, failures that call
themselves answers, usage that does not add up.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from app.catalogue.dialect import Dialect
from app.domain.errors import UpstreamRefused
from app.domain.events import (
    FUNCTION_CALL,
    ChoiceFinished,
    Extra,
    ProviderEvent,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.wire.finish import NATIVE, finished
from app.wire.format import Body
from app.wire.openai.fold import merged
from app.wire.openai.think_tags import ThinkSplitter
from app.wire.usage import token_count

_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
"""OpenAI's own."""
_FOREIGN: Mapping[str, str] = {
    **dict.fromkeys(("max_tokens", "MAX_TOKENS", "LENGTH", "model_length"), "length"),
    **dict.fromkeys(("tool_use", "TOOL_CALL"), "tool_calls"),
    **dict.fromkeys(
        "guardrail_intervened content_filtered SAFETY PROHIBITED_CONTENT BLOCKLIST SPII LANGUAGE "
        "IMAGE_SAFETY CONTENT_FILTERED".split(),
        "content_filter",
    ),
}
"""What Portkey's strict mode makes of other vendors' words (its finish reason map, 2026-05); all others mean
`stop`."""


class MendedBody:
    """A body of which every event is mended.

    Args:
        body: as the provider sends it.
        dialect: of the provider.
        strict: whether finish reasons must be OpenAI's.
    """

    def __init__(self, body: Body, dialect: Dialect, *, strict: bool) -> None:
        self._body = body
        self._dialect = dialect
        self._strict = strict
        self._passes = not dialect.think_tags
        """Whether texts go through as they are."""
        self._renames = strict and dialect.rename_reasoning
        self._thinkers: set[int] = set()
        """Choices that have `reasoning_content` of their own: a second text must not be added to it."""
        self._texts: dict[int, _Texts] = {}
        self._callers: set[int] = set()
        """Choices that called tools."""

    @property
    def done(self) -> bool:
        """Whether the body said that it is complete."""
        return self._body.done

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Return the events that these bytes complete."""
        for event in self._body.feed(piece):
            if self._passes and type(event) is TextDelta and event.channel == "content":
                yield event
            else:
                yield from self._mended(event)

    def close(self) -> Iterator[ProviderEvent]:
        """Return the last events; a failure is known before the first of them."""
        events = list(self._body.close())
        if self._dialect.failing:
            for event in events:
                if isinstance(event, ChoiceFinished):
                    self._check(event)
        for event in events:
            yield from self._mended(event)

    def _mended(self, event: ProviderEvent) -> Iterable[ProviderEvent]:
        if isinstance(event, TextDelta):
            if event.channel != "content":
                return (self._renamed(event) if self._renames else event,)
            return self._split(event) if self._dialect.think_tags and event.text else (event,)
        if isinstance(event, ChoiceFinished):
            texts = self._texts.get(event.choice)
            return (*(texts.close() if texts else ()), self._finished(event))
        if isinstance(event, UsageReported):
            return (UsageReported(_mended_usage(event.fields, self._dialect)),)
        if isinstance(event, ToolCallStarted | ToolArguments):
            return self._call(event)
        if isinstance(event, Extra) and self._dialect.thinking_parts:
            return _parts(event) if isinstance(event.fields.get("content"), list) else (event,)
        return (event,)

    def _renamed(self, event: TextDelta) -> TextDelta:
        """Return reasoning as `reasoning_content`, whichever of its two names it has."""
        if event.channel == "reasoning_content":
            self._thinkers.add(event.choice)
        elif event.channel == "reasoning" and event.choice not in self._thinkers:
            return TextDelta(event.choice, "reasoning_content", event.text, event.logprobs)
        return event

    def _call(self, event: ToolCallStarted | ToolArguments) -> Iterable[ProviderEvent]:
        """Return it, unless it is the same call once more: llama-cpp-python has it as `function_call` too."""
        if event.index != FUNCTION_CALL:
            self._callers.add(event.choice)
        elif event.choice in self._callers:
            return ()
        return (event,)

    def _split(self, event: TextDelta) -> Iterable[ProviderEvent]:
        texts = self._texts.get(event.choice)
        if texts is None:
            texts = self._texts[event.choice] = _Texts(event.choice)
        return (event,) if texts.is_through else texts.feed(event)

    def _check(self, event: ChoiceFinished) -> None:
        status = self._dialect.failing.get(event.reason or "")
        if status is not None:
            message = f"The provider gave up on its answer: {event.reason}."
            raise UpstreamRefused(message, status=status, type_="upstream_error", code=event.reason)

    def _finished(self, event: ChoiceFinished) -> ChoiceFinished:
        if not self._strict:
            return event
        if event.reason not in _REASONS:
            reasons = {**_FOREIGN, **self._dialect.finish}
            event = finished(event.choice, event.reason, reasons, strict=True, fields=event.fields)
        called = event.choice in self._callers and not self._dialect.stop_with_calls
        if called and event.reason == "stop":
            return ChoiceFinished(event.choice, "tool_calls", {NATIVE: "stop", **event.fields})
        return event


class _Texts:
    """The content of one choice, thoughts apart."""

    def __init__(self, choice: int) -> None:
        self._choice = choice
        self._splitter = ThinkSplitter()
        self._logprobs: list[dict[str, Any]] = []
        """Of what is held: they spell it, so they wait with it."""
        self._spoke = False

    @property
    def is_through(self) -> bool:
        """Whether all thoughts are said."""
        return self._splitter.is_through

    def feed(self, event: TextDelta) -> Iterator[ProviderEvent]:
        """Return what is certain of a text."""
        if event.logprobs is not None:
            self._logprobs.append(event.logprobs)
        yield from self._events(self._splitter.feed(event.text))

    def close(self) -> Iterator[ProviderEvent]:
        """Return what was held; who only thought said nothing, which is a text too."""
        yield from self._events(self._splitter.close())
        if not self._spoke or self._logprobs:
            yield TextDelta(self._choice, "content", "", self._taken())

    def _events(self, pieces: list[Any]) -> Iterator[ProviderEvent]:
        for place, (channel, text) in enumerate(pieces):
            self._spoke = self._spoke or channel == "content"
            is_last = place == len(pieces) - 1
            yield TextDelta(self._choice, channel, text, self._taken() if is_last else None)

    def _taken(self) -> dict[str, Any] | None:
        taken, self._logprobs = self._logprobs, []
        found: dict[str, Any] | None = merged(taken) if taken else None
        return found


def error_check(dialect: Dialect) -> Callable[[dict[str, Any]], None] | None:
    """Return what raises the errors that this provider sends as answers; None if it sends none."""
    place = dialect.error_within
    if place is None:
        return None

    def check(document: dict[str, Any]) -> None:
        found = document.get(place.object)
        code = found.get(place.code) if isinstance(found, dict) else None
        if isinstance(found, dict) and isinstance(code, int) and code != 0:
            message = found.get(place.message)
            raise UpstreamRefused(
                message if isinstance(message, str) and message else "The provider refused without a word.",
                status=place.statuses.get(code, 502),
                code=str(code),
            )

    return check


def _parts(event: Extra) -> Iterator[ProviderEvent]:
    """Return parts of a content as texts; those that are no text stay what they are."""
    assert event.choice is not None
    rest: list[Any] = []
    for part in event.fields["content"]:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text":
            yield TextDelta(event.choice, "content", str(part.get("text") or ""))
        elif kind == "thinking":
            yield TextDelta(event.choice, "reasoning_content", _thoughts(part.get("thinking")))
        else:
            rest.append(part)
    fields = {key: value for key, value in event.fields.items() if key != "content"}
    if rest or fields:
        yield Extra(event.choice, {**fields, "content": rest} if rest else fields)


def _thoughts(value: object) -> str:
    if isinstance(value, str):
        return value
    items = value if isinstance(value, list) else []
    return "".join(str(item.get("text") or "") for item in items if isinstance(item, dict))


def _mended_usage(usage: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Return usage in which cached tokens stand where OpenAI has them, and reasoning is counted."""
    if dialect.cached_field is None and not dialect.reasoning_outside:
        return usage
    cached = token_count(usage.get(dialect.cached_field)) if dialect.cached_field is not None else None
    details = usage.get("prompt_tokens_details") or {}
    if cached is not None and isinstance(details, dict) and details.get("cached_tokens") is None:
        usage = {**usage, "prompt_tokens_details": {**details, "cached_tokens": cached}}
    if dialect.reasoning_outside:
        usage = _with_reasoning(usage)
    return usage


def _with_reasoning(usage: dict[str, Any]) -> dict[str, Any]:
    """Return usage whose completion includes its reasoning, if the total shows that it does not yet."""
    details = usage.get("completion_tokens_details")
    reasoning = token_count(details.get("reasoning_tokens")) if isinstance(details, dict) else None
    prompt, completion, total = (
        token_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    if reasoning is None or prompt is None or completion is None or total != prompt + completion + reasoning:
        return usage
    return {**usage, "completion_tokens": completion + reasoning}
