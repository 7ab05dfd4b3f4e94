"""An answer of Cohere's, read into events: one reader for a whole one and for a stream.

`app/wire/cohere/body.py` takes documents and streamed events apart and tells a `CohereAnswer` what it finds.
From the cohere SDK 7.3 (`V2ChatResponse`, `V2ChatStreamResponse`), 2026-11. What a model plans before it
calls tools (`tool_plan`) and what it thinks are reasoning here; neither is part of what it says.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken, UpstreamRefused, UpstreamTimeout
from app.domain.events import (
    FUNCTION_CALL,
    Extra,
    ProviderEvent,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.wire.answer_tool import AnswerTool
from app.wire.entries import CONTENT_BLOCKS, Entries
from app.wire.finish import finished
from app.wire.usage import usage_fields

_REASONS = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "ERROR_LIMIT": "length",
    "TOOL_CALL": "tool_calls",
}
"""`ERROR_LIMIT`: the model's context is full (docs.cohere.com/v1/reference/chat)."""
_PLAN = -1
"""The plan's place among blocks: before all that are numbered."""
_CHANNELS = {"text": "content", "thinking": "reasoning_content"}
"""Kinds of content, and where OpenAI's clients look for them."""

_encode = msgspec.json.Encoder().encode


class Expected(msgspec.Struct, frozen=True):
    """What an answer is read with."""

    model: str
    created: int
    """In seconds since the epoch: Cohere does not say."""
    strict: bool
    answer_tool: AnswerTool | None = None
    """The function whose arguments are the answer."""
    legacy: bool = False
    """Whether a call is a deprecated `function_call`."""
    request_id: str | None = None


class _Call:
    """A tool call that has begun; `index` None: it is an answer, of which only the first is heard."""

    __slots__ = ("answer", "empty", "held", "index")

    def __init__(self, index: int | None, answer: AnswerTool | None = None) -> None:
        self.index = index
        self.answer = answer
        self.empty = True
        self.held: list[str] = []
        """The arguments of an answer that is wrapped in them."""


class CohereAnswer:
    """One answer.

    Args:
        expected: what was asked.
    """

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._calls: dict[int, _Call] = {}
        """By Cohere's index."""
        self._outer_calls = 0
        self._is_answered = False
        self._begun = False
        self._said = 0
        """Characters of content so far."""
        self._offsets: dict[int, int] = {}
        """Where the content of each block begins."""
        self._entries = Entries(0)
        self._blocks: dict[int, tuple[str, list[str]]] = {}
        """Kind and texts of the blocks that have not ended, for `content_blocks`."""

    def start(self, answer_id: object) -> Iterator[ProviderEvent]:
        """Begin; a second time nothing happens."""
        if self._begun:
            return
        self._begun = True
        name = answer_id if isinstance(answer_id, str) and answer_id else self._expected.request_id
        created = self._expected.created
        yield Started({"id": name or f"cohere-{created}", "created": created, "model": self._expected.model})

    def text(self, index: int, content: Mapping[str, Any], logprobs: object = None) -> list[ProviderEvent]:
        """Go on with a content block."""
        events: list[ProviderEvent] = []
        spelled = _logprobs(logprobs)
        for kind, channel in _CHANNELS.items():
            text = content.get(kind)
            if not isinstance(text, str) or not (text or spelled):
                continue
            if kind == "text":
                self._offsets.setdefault(index, self._said)
                self._said += len(text)
            if not self._expected.strict:
                self._blocks.setdefault(index, (kind, []))[1].append(text)
            events.append(TextDelta(0, channel, text, spelled))
            spelled = None
        return events

    def text_done(self, index: int) -> Iterator[ProviderEvent]:
        """End a content block."""
        block = self._blocks.pop(index, None)
        if block is not None and any(block[1]):
            kind, texts = block
            yield self._entries.next({CONTENT_BLOCKS: [{"type": kind, kind: "".join(texts)}]})

    def plan(self, text: object) -> Iterator[ProviderEvent]:
        """Go on with the plan."""
        if isinstance(text, str) and text:
            if not self._expected.strict:
                self._blocks.setdefault(_PLAN, ("thinking", []))[1].append(text)
            yield TextDelta(0, "reasoning_content", text)

    def call(self, index: int, item: object) -> Iterator[ProviderEvent]:
        """Begin a call.

        Raises:
            UpstreamBroken: it is none.
        """
        function = item.get("function") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(function, dict):
            raise UpstreamBroken("The provider sent a tool call without a function.")
        name = function.get("name")
        ours = self._expected.answer_tool
        if ours is not None and name == ours.name:
            # A second answer would make the first no JSON.
            self._calls[index] = _Call(None, None if self._is_answered else ours)
            self._is_answered = True
        else:
            is_legacy = self._expected.legacy and not self._outer_calls
            number = FUNCTION_CALL if is_legacy else self._outer_calls - self._expected.legacy
            self._outer_calls += 1
            self._calls[index] = _Call(number)
            rest = {key: value for key, value in function.items() if key != "arguments"}
            call_id = item.get("id") or f"call_{self._outer_calls - 1}"
            fields = {**item, "id": call_id, "type": "function", "function": rest}
            yield ToolCallStarted(0, number, {"name": name} if is_legacy else fields)
        yield from self.arguments(index, function.get("arguments"))

    def arguments(self, index: int, text: object) -> Iterator[ProviderEvent]:
        """Go on with the arguments of a call."""
        call = self._calls.get(index)
        if call is None:
            raise UpstreamBroken("The provider sent arguments of no tool call.")
        if text is not None and not isinstance(text, str):
            text = _encode(text).decode()
        if not text:
            return
        call.empty = False
        if call.index is not None:
            yield ToolArguments(0, call.index, text)
        elif call.answer is not None and call.answer.is_wrapped:
            call.held.append(text)
        elif call.answer is not None:
            self._said += len(text)
            yield TextDelta(0, "content", text)

    def call_done(self, index: int) -> Iterator[ProviderEvent]:
        """End a call; one without arguments has an empty object of them."""
        call = self._calls.get(index)
        if call is None:
            return
        if call.empty:
            yield from self.arguments(index, "{}")
        if call.held and call.answer is not None:
            text = call.answer.answer("".join(call.held))
            call.held.clear()
            self._said += len(text)
            yield TextDelta(0, "content", text)

    def cite(self, citations: list[dict[str, Any]]) -> Iterator[ProviderEvent]:
        """Take citations: as Cohere says them, and as OpenAI does where they are of a page."""
        if not citations:
            return
        lists = {"citations": citations}
        annotations = [found for citation in citations for found in self._annotations(citation)]
        if annotations:
            lists["annotations"] = annotations
        yield self._entries.next(lists)

    def end(self, native: object, usage: object, error: object = None) -> Iterator[ProviderEvent]:
        """End the answer.

        Raises:
            UpstreamError: it failed.
        """
        reason = _reason(native, error)
        for call in tuple(self._calls):
            yield from self.call_done(call)
        for block in sorted(self._blocks):
            yield from self.text_done(block)
        if not self._said:
            yield Extra(0, {"content": None}) if self._outer_calls else TextDelta(0, "content", "")
        if self._expected.legacy and self._outer_calls:
            reasons = {**_REASONS, "TOOL_CALL": "function_call"}
        else:
            reasons = _REASONS
        if reason == "TOOL_CALL" and not self._outer_calls:
            reason = "COMPLETE"  # the only call was the answer
        yield finished(0, reason, reasons, strict=self._expected.strict)
        if isinstance(usage, dict):
            yield UsageReported(_usage(usage))

    def _annotations(self, citation: dict[str, Any]) -> Iterator[dict[str, Any]]:
        start, end = citation.get("start"), citation.get("end")
        is_text = citation.get("type") in {None, "TEXT_CONTENT"}
        if not is_text or not isinstance(start, int) or not isinstance(end, int):
            return
        offset = self._offsets.get(citation.get("content_index") or 0, 0)
        for source in citation.get("sources") or ():
            page = source.get("document") if isinstance(source, dict) else None
            url = page.get("url") if isinstance(page, dict) else None
            if isinstance(page, dict) and isinstance(url, str):
                title = page.get("title")
                cited = {
                    "start_index": offset + start,
                    "end_index": offset + end,
                    "title": title if isinstance(title, str) else url,
                    "url": url,
                }
                yield {"type": "url_citation", "url_citation": cited}


def _reason(native: object, error: object) -> str:
    """Return why the answer ended. Raises if it failed: a failure must not look like an end."""
    message = error if isinstance(error, str) and error else "The provider could not finish its answer."
    if native == "TIMEOUT":
        raise UpstreamTimeout("The provider ran out of time before its answer was complete.")
    if native == "ERROR_TOXIC":
        raise UpstreamRefused(message, status=502, code="content_filter", retryable=False)
    if native == "ERROR" or (isinstance(error, str) and error):
        raise UpstreamRefused(message, status=502, type_="server_error")
    if not isinstance(native, str):
        raise UpstreamBroken("The provider's answer ended without a reason.")
    return native


def _logprobs(item: object) -> dict[str, Any] | None:
    """Return Cohere's items, each a piece of text of one or more tokens, as OpenAI's."""
    items = [item] if isinstance(item, dict) else item
    if not isinstance(items, list) or not items:
        return None
    return {"content": [_logprob(one) for one in items if isinstance(one, dict)], "refusal": None}


def _logprob(item: dict[str, Any]) -> dict[str, Any]:
    """Return one item; its logarithm is that of the whole piece, the sum of its tokens'."""
    text = item.get("text")
    text = text if isinstance(text, str) else ""
    values = item.get("logprobs")
    numbers = (
        [value for value in values if isinstance(value, int | float)] if isinstance(values, list) else []
    )
    return {
        "token": text,
        "logprob": sum(numbers),
        "bytes": list(text.encode()),
        "top_logprobs": [],
        "token_ids": item.get("token_ids") or [],
    }


def _usage(usage: dict[str, Any]) -> dict[str, Any]:
    """Return OpenAI's usage; what is billed (not Cohere's own instructions) stands beside."""
    tokens = usage.get("tokens")
    tokens = tokens if isinstance(tokens, dict) else {}
    fields = usage_fields(
        prompt=tokens.get("input_tokens"),
        completion=tokens.get("output_tokens"),
        cached=usage.get("cached_tokens"),
    )
    billed = usage.get("billed_units")
    return {**fields, "billed_units": billed} if isinstance(billed, dict) else fields
