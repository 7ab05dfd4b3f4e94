"""An Anthropic message read into events, whether it came whole or in pieces.

There is one reader: a whole document is a stream in which every block comes complete. What OpenAI has a place
for goes there (text, reasoning, calls, citations of web pages, usage); the rest rides along:

    thinking_blocks   signed and redacted thoughts, which a client sends back with his next request
    citations         those of documents
    other_blocks      blocks of the vendor's own tools, and of types nobody has documented
    content_blocks    all blocks but calls, in their order, for callers that do not insist on OpenAI's words

These lists are numbered, and `content_blocks` explained, in `app/wire/entries.py`. A call of the tool that
stands for an answer in JSON (`app/wire/anthropic/tools.py`) is text; what the model said
beside such an answer is reasoning, for it is no JSON.
"""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken
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
from app.wire.anthropic.answer_block import Block
from app.wire.entries import CONTENT_BLOCKS, Entries
from app.wire.finish import finished
from app.wire.usage import tokens_together, usage_fields

_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
"""`stop_reason` (anthropic SDK 2.12, `StopReason`)."""
_TIERS = {"standard": "default", "priority": "priority"}
"""`usage.service_tier` as OpenAI's `service_tier`."""
_MESSAGE_KEYS = frozenset("id type role content model stop_reason stop_sequence stop_details usage".split())
_USAGE_RIDERS = (
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "cache_creation",
    "server_tool_use",
)
"""Members of the vendor's usage that stay under their own names: prices differ by them."""
_PAGE_KEYS = frozenset({"type", "url", "title"})
_encode = msgspec.json.Encoder().encode


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader of an answer must know of its question."""

    strict: bool = True
    answer_tool: AnswerTool | None = None
    """The tool whose call is the answer; None: there is none."""
    is_legacy: bool = False
    """Whether the caller asked with the deprecated `functions`."""


class MessageReader:
    """Reads one message.

    Args:
        reading: how.
        clock: seconds since 1970, for `created`, which the vendor does not say.
    """

    def __init__(self, reading: Reading, clock: Callable[[], float] = time.time) -> None:
        self._reading = reading
        self._clock = clock
        self._begun = False
        self._message: dict[str, Any] = {}
        """Top level: what came last counts."""
        self._usage: dict[str, Any] = {}
        self._open: dict[int, Block] = {}
        self._calls = 0
        self._length = 0
        """Characters of `content` so far."""
        self._is_answered = False
        self._beside: list[str] = []
        """Texts that are held until it is known whether they are the answer."""
        self._entries = Entries(0)
        self._annotations: list[dict[str, Any]] = []
        self._citations: list[dict[str, Any]] = []

    def start(self, message: Any) -> list[ProviderEvent]:  # noqa: ANN401 (JSON)
        """Take the message as it begins, with or without content."""
        if not isinstance(message, dict):
            raise UpstreamBroken("The provider sent a message that is no object.")
        self._begun = True
        self.go_on(message, message.get("usage"))
        fields = {
            "id": _text(message.get("id")),
            "created": int(self._clock()),
            "model": _text(message.get("model")),
        }
        tier = _TIERS.get(_text(self._usage.get("service_tier")))
        return [Started({**fields, "service_tier": tier} if tier is not None else fields)]

    def go_on(self, fields: Any, usage: Any) -> None:  # noqa: ANN401 (JSON)
        """Take what has become known of the message; counts are cumulative, the last one is the count."""
        for known, news in ((self._message, fields), (self._usage, usage)):
            if isinstance(news, dict):
                known.update({key: value for key, value in news.items() if value is not None})

    def begin(self, index: int, fields: Any) -> list[ProviderEvent]:  # noqa: ANN401 (JSON)
        """Begin a block, complete or not."""
        if not self._begun or not isinstance(fields, dict):
            raise UpstreamBroken("The provider sent a block where there can be none.")
        block = self._open[index] = Block(fields, self._length)
        if block.type == "text":
            return self._say(block.take("text"))
        if block.type == "thinking":
            return _thought(block.take("thinking"))
        return self._begin_call(block) if block.type == "tool_use" else []

    def piece(self, index: int, delta: Any) -> list[ProviderEvent]:  # noqa: ANN401 (JSON)
        """Take a piece of a block."""
        block = self._open.get(index)
        if block is None or not isinstance(delta, dict):
            raise UpstreamBroken("The provider sent a piece of a block that it did not begin.")
        match delta.get("type"):
            case "text_delta":
                return self._say(block.add("text", delta.get("text")))
            case "thinking_delta":
                return _thought(block.add("thinking", delta.get("thinking")))
            case "input_json_delta":
                return self._arguments(block, block.add("input", delta.get("partial_json")))
            case "citations_delta":
                block.cite(delta.get("citation"))
            case _:
                block.merge(delta)
        return []

    def end(self, index: int) -> list[ProviderEvent]:
        """End a block."""
        block = self._open.pop(index, None)
        if block is None:
            return []
        if block.type == "tool_use":
            return self._end_call(block)
        if block.type == "text":
            self._cite(block)
            return [] if self._reading.strict else [self._entries.next({CONTENT_BLOCKS: [block.whole()]})]
        whole = block.whole()
        lists = {} if self._reading.strict else {CONTENT_BLOCKS: [whole]}
        if block.type in {"thinking", "redacted_thinking"}:
            lists = {"thinking_blocks": [whole], **lists}
        elif self._reading.strict:
            lists["other_blocks"] = [whole]
        return [self._entries.next(lists)]

    def close(self) -> list[ProviderEvent]:
        """Return the last events of a message that is complete."""
        if not self._begun:
            raise UpstreamBroken("The provider's stream ended before its message began.")
        events = [event for index in list(self._open) for event in self.end(index)]
        if self._beside and not self._is_answered:
            self._length += sum(map(len, self._beside))
            events.append(TextDelta(0, "content", "".join(self._beside)))
        cited = {"annotations": self._annotations, "citations": self._citations}
        if self._annotations or self._citations:
            events.append(self._entries.next({name: found for name, found in cited.items() if found}))
        riders = {key: value for key, value in self._message.items() if key not in _MESSAGE_KEYS}
        if riders:
            events.append(Extra(None, riders))
        events += self._finish()
        usage = self._counted()
        return [*events, UsageReported(usage)] if usage else events

    def _say(self, text: str) -> list[ProviderEvent]:
        if not text:
            return []
        if self._reading.answer_tool is None:
            self._length += len(text)
            return [TextDelta(0, "content", text)]
        if self._is_answered:
            return _thought(text)
        self._beside.append(text)
        return []

    def _begin_call(self, block: Block) -> list[ProviderEvent]:
        fields = block.fields
        answer_tool = self._reading.answer_tool
        if answer_tool is not None and fields.get("name") == answer_tool.name:
            block.answer = None if self._is_answered else answer_tool
            self._is_answered = True
            beside, self._beside = self._beside, []
            return _thought("".join(beside))
        block.call = FUNCTION_CALL if self._reading.is_legacy and self._calls == 0 else self._calls
        self._calls += 1
        name = {"name": _text(fields.get("name"))}
        if block.call == FUNCTION_CALL:
            return [ToolCallStarted(0, FUNCTION_CALL, name)]
        call = {"id": _text(fields.get("id")), "type": "function", "function": name, **block.riders()}
        return [ToolCallStarted(0, block.call, call)]

    def _arguments(self, block: Block, text: str) -> list[ProviderEvent]:
        if not text:
            return []
        if block.call is not None:
            return [ToolArguments(0, block.call, text)]
        if block.answer is not None and not block.answer.is_wrapped:
            self._length += len(text)
            return [TextDelta(0, "content", text)]
        return []

    def _end_call(self, block: Block) -> list[ProviderEvent]:
        """Return the arguments of a call that came whole, and the answer that had to be unwrapped."""
        came = block.text("input")
        text = came or _encode(block.fields.get("input") or {}).decode()
        if block.answer is not None and block.answer.is_wrapped:
            value = block.answer.answer(text)
            self._length += len(value)
            return [TextDelta(0, "content", value)]
        return [] if came else self._arguments(block, text)

    def _cite(self, block: Block) -> None:
        """Note the citations of a text, which has just ended; those of web pages are OpenAI's annotations."""
        place = {"start_index": block.offset, "end_index": self._length}
        for citation in block.citations:
            if citation.get("type") == "web_search_result_location" and isinstance(citation.get("url"), str):
                page = {**place, "title": _text(citation.get("title")), "url": citation["url"]}
                rest = {key: value for key, value in citation.items() if key not in _PAGE_KEYS}
                named = {"type": "url_citation", "url_citation": page}
                self._annotations.append({**rest, **named})
            else:
                self._citations.append({**citation, **place})

    def _finish(self) -> list[ProviderEvent]:
        native = self._message.get("stop_reason")
        native = native if isinstance(native, str) else None
        fields = {key: self._message[key] for key in ("stop_sequence",) if key in self._message}
        events: list[ProviderEvent] = []
        if not self._length:
            is_silent = not self._calls and native != "refusal"
            events.append(TextDelta(0, "content", "") if is_silent else Extra(0, {"content": None}))
        details = self._message.get("stop_details")
        if isinstance(details, dict):
            explanation = _text(details.get("explanation"))
            if native == "refusal" and explanation:
                events.append(TextDelta(0, "refusal", explanation))
                details = {key: value for key, value in details.items() if key != "explanation"}
            fields["stop_details"] = details
        reasons = _REASONS
        if native == "tool_use" and self._is_answered and not self._calls:
            reasons, native = {**_REASONS, "tool_use": "stop"}, native if self._reading.strict else "end_turn"
        elif self._reading.is_legacy:
            reasons = {**_REASONS, "tool_use": "function_call"}
        return [*events, finished(0, native, reasons, strict=self._reading.strict, fields=fields)]

    def _counted(self) -> dict[str, Any]:
        usage = self._usage
        read, written = usage.get("cache_read_input_tokens"), usage.get("cache_creation_input_tokens")
        details = usage.get("output_tokens_details")
        counts = usage_fields(
            prompt=tokens_together(usage.get("input_tokens"), written, read),
            completion=usage.get("output_tokens"),
            cached=read,
            cache_write=written,
            reasoning=details.get("thinking_tokens") if isinstance(details, dict) else None,
        )
        return {**counts, **{key: usage[key] for key in _USAGE_RIDERS if usage.get(key)}}


def _thought(text: str) -> list[ProviderEvent]:
    return [TextDelta(0, "reasoning_content", text)] if text else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
