"""What a model on Bedrock says, as events: one reading for whole answers and for streams.

Converse gives blocks; ConverseStream gives the same blocks in pieces, by number. A whole answer is read as
the pieces it would have been streamed in (`app/wire/bedrock/document.py`), so both give the same.

Signed thoughts are given out twice: as `reasoning_content` to read, and as `thinking_blocks` in Anthropic's
form, whole and once each, to be sent back. What Bedrock's own tools did (`server_tool_use`) is no call that
the caller could answer, so it rides along under names of its own.
"""

from collections.abc import Iterator
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
from app.wire.bedrock.blocks import OpenBlock, lists_of
from app.wire.bedrock.usage import usage_of
from app.wire.entries import Entries
from app.wire.finish import finished

_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "stop",
    "malformed_tool_use": "stop",
}
"""`StopReason` of the service model."""
_CONTENT, _REASONING = "content", "reasoning_content"
_KNOWN_MEMBERS = frozenset({"usage", "serviceTier", "stopReason", "output", "metrics", "p"})
"""Members of a message's end that have an event of their own, or say nothing of the answer: `metrics` is how
long Bedrock took, `p` is padding that hides lengths."""
_encode = msgspec.json.Encoder().encode


class AnswerReader:
    """Reads one answer.

    Args:
        started: fields of the first event.
        json_tool: the tool whose arguments are the answer, if there is one.
        strict: as `app.wire.format.Question.strict`.
        is_legacy: as `app.wire.conversation.Conversation.is_legacy`.
    """

    def __init__(
        self,
        started: dict[str, Any],
        json_tool: AnswerTool | None,
        *,
        strict: bool,
        is_legacy: bool = False,
    ) -> None:
        self._started: dict[str, Any] | None = started
        self._json_tool = json_tool
        self._strict = strict
        self._is_legacy = is_legacy
        self._open: dict[int, OpenBlock] = {}
        self._calls = 0
        self._entries = Entries(0)
        self._answered = False
        """Whether the tool whose arguments are the answer was called."""
        self._held: list[str] | None = [] if json_tool is not None else None
        """Text that is the answer only if that tool is never called."""
        self._reason: str | None = None
        self._end: dict[str, Any] = {}

    def begin(self) -> list[ProviderEvent]:
        """Return the first event, once."""
        if self._started is None:
            return []
        started, self._started = self._started, None
        return [Started(started)]

    def block_start(self, index: int, start: dict[str, Any]) -> list[ProviderEvent]:
        """Take the start of a block."""
        match start:
            case {"toolUse": {"toolUseId": str(call_id), "name": str(name), **rest}}:
                return self._tool_start(index, call_id, name, is_server=rest.get("type") == "server_tool_use")
            case {"toolResult": dict(fields)}:
                self._open[index] = OpenBlock("server_result", fields)
            case {"image": dict(fields)}:
                self._open[index] = OpenBlock("image", fields)
            case {}:
                pass
            case _:
                raise UpstreamBroken("The provider sent a block that has no name.")
        return []

    def delta(self, index: int, delta: dict[str, Any]) -> list[ProviderEvent]:
        """Take a piece of a block."""
        text = delta.get("text")
        if isinstance(text, str):
            return self._text(index, text)
        match delta:
            case {"toolUse": {"input": str(text)}}:
                return self._arguments(index, text)
            case {"reasoningContent": dict(thought)}:
                return self._thought(index, thought)
            case {"citation": dict(citation)}:
                return [self._entries.next({"citations": [citation]})]
            case {"image": {"source": {"bytes": str(data)}}}:
                self._block(index, "image").pieces.append(data)
            case {"image": dict(image)}:
                self._block(index, "image").fields.update(image)
            case {"toolResult": list(content)}:
                self._block(index, "server_result").pieces += content
            case _:
                return [self._entries.next({"content_extras": [delta]})] if delta else []
        return []

    def block_stop(self, index: int) -> list[ProviderEvent]:
        """Take the end of a block."""
        block = self._open.pop(index, None)
        if block is None:
            return []
        if block.kind == "tool":
            return [] if block.pieces else [ToolArguments(0, block.number, "{}")]
        if block.kind == "json":
            return self._json_end(block)
        lists = lists_of(block, strict=self._strict)
        return [self._entries.next(lists)] if lists else []

    def stop(self, fields: dict[str, Any]) -> None:
        """Take why the message ended."""
        reason = fields.get("stopReason")
        if not isinstance(reason, str):
            raise UpstreamBroken("The provider did not say why its answer ended.")
        self._reason = reason
        self._end.update(fields)

    def metadata(self, fields: dict[str, Any]) -> None:
        """Take what was counted, and what else stands beside the message."""
        self._end.update(fields)

    def end(self) -> Iterator[ProviderEvent]:
        """Return the last events.

        Raises:
            UpstreamBroken: the answer is not complete.
        """
        if self._reason is None:
            raise UpstreamBroken("The provider's stream ended before its answer was complete.")
        yield from self.begin()
        for index in sorted(self._open):
            yield from self.block_stop(index)
        if self._held:
            yield TextDelta(0, _CONTENT, "".join(self._held))
        extras = self._extras()
        if extras:
            yield Extra(None, extras)
        yield self._finished(self._reason)
        usage = usage_of(self._end.get("usage"))
        if usage:
            yield UsageReported(usage)

    def _extras(self) -> dict[str, Any]:
        """Return what stood beside the message."""
        extras = {key: value for key, value in self._end.items() if key not in _KNOWN_MEMBERS}
        tier = self._end.get("serviceTier")
        if isinstance(tier, dict) and isinstance(tier.get("type"), str):
            extras["service_tier"] = tier["type"]
        return extras

    def _finished(self, reason: str) -> ProviderEvent:
        reasons = _REASONS
        if self._calls:  # some models say `end_turn` all the same
            called = "function_call" if self._is_legacy else "tool_calls"
            reasons = {**reasons, "end_turn": called, "tool_use": called}
        elif self._answered and reason == "tool_use":
            reason = "end_turn"  # the caller knows nothing of that tool
        return finished(0, reason, reasons, strict=self._strict)

    def _block(self, index: int, kind: str) -> OpenBlock:
        """Return the block; one of another kind under the same number has ended without saying so."""
        block = self._open.get(index)
        if block is None:
            block = self._open[index] = OpenBlock(kind)
        return block

    def _text(self, index: int, text: str) -> list[ProviderEvent]:
        if not text:
            return []
        if not self._strict:
            self._block(index, "text").pieces.append(text)
        if self._held is not None:
            self._held.append(text)
            return []
        return [TextDelta(0, _CONTENT, text)]

    def _tool_start(self, index: int, call_id: str, name: str, *, is_server: bool) -> list[ProviderEvent]:
        if is_server:
            self._open[index] = OpenBlock("server_tool", {"id": call_id, "name": name})
            return []
        if self._json_tool is not None and name == self._json_tool.name:
            self._open[index] = OpenBlock("ignored" if self._answered else "json")
            self._answered = True
            held, self._held = self._held, None
            return [TextDelta(0, _REASONING, "".join(held))] if held else []
        number = FUNCTION_CALL + self._calls if self._is_legacy else self._calls
        self._calls += 1
        self._open[index] = OpenBlock("tool", number=number)
        if number == FUNCTION_CALL:
            return [ToolCallStarted(0, number, {"name": name})]
        return [ToolCallStarted(0, number, {"id": call_id, "type": "function", "function": {"name": name}})]

    def _arguments(self, index: int, text: str) -> list[ProviderEvent]:
        block = self._open.get(index)
        if block is None:
            raise UpstreamBroken("The provider sent arguments of a tool call that has not begun.")
        if not text:
            return []
        if block.kind == "tool":
            if not block.pieces:
                block.pieces.append(True)  # that there are some; they are the reader's to keep
            return [ToolArguments(0, block.number, text)]
        if block.kind == "json" and self._json_tool is not None and not self._json_tool.is_wrapped:
            block.signature = "said"
            return [TextDelta(0, _CONTENT, text)]
        block.pieces.append(text)
        return []

    def _json_end(self, block: OpenBlock) -> list[ProviderEvent]:
        """Return the rest of the answer that came as arguments."""
        if self._json_tool is None or not self._json_tool.is_wrapped:
            return [] if block.signature else [TextDelta(0, _CONTENT, "{}")]
        text = self._json_tool.answer("".join(block.pieces))
        return [TextDelta(0, _CONTENT, text)] if text else []

    def _thought(self, index: int, thought: dict[str, Any]) -> list[ProviderEvent]:
        match thought:
            case {"text": str(text)}:
                self._block(index, "thought").pieces.append(text)
                return [TextDelta(0, _REASONING, text)] if text else []
            case {"signature": str(signature)}:
                self._block(index, "thought").signature += signature
            case {"redactedContent": str(data)}:
                block = self._block(index, "redacted")
                block.kind = "redacted"
                block.pieces.append(data)
            case _:
                pass
        return []
