"""Events of an answer written as OpenAI's server-sent chunks.

The order is OpenAI's: for each choice a first chunk with the role, then what comes, then one chunk with the
finish reason; the usage chunk with no choices, if it was asked for, and then every other chunk says `usage:
null`; `[DONE]`. An error is an event of its own and the end (the SDKs raise on a truthy `error`; a stream
that merely stops they take for complete).
"""

from typing import Any, assert_never

import msgspec

from app.domain.events import (
    FUNCTION_CALL,
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
from app.wire.openai.errors import blocked_body

DONE = b"data: [DONE]\n\n"
_OURS = frozenset({"object", "choices", "usage"})
"""Members of a chunk that no provider's field may overwrite."""
_MAX_CHOICES = 128
"""As many as `n` may ask for."""
_ARGUMENTS = {"function": "arguments", "custom": "input"}
_encode = msgspec.json.Encoder().encode


class ChunkWriter:
    """Writes one answer.

    Args:
        include_usage: whether the caller asked for the usage chunk.
    """

    def __init__(self, *, include_usage: bool) -> None:
        self.beside_error: dict[str, Any] = {}
        """Members that an error event has beside `error`."""
        self._include_usage = include_usage
        self._tail = b',"usage":null}\n\n' if include_usage else b"}\n\n"
        self._fields: dict[str, Any] = {
            "id": "",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": "",
        }
        self._head = b""
        self._extras: dict[str, Any] = {}
        """Fields of the top level that wait for the next chunk."""
        self._begun: set[int] = set()
        self._finished: set[int] = set()
        self._finishes: list[ChoiceFinished] = []
        """Held until the next event, so that top-level fields that come last go out before the end."""
        self._prefixes: dict[tuple[int, str | int], bytes] = {}
        self._ended = False
        self._set_head({})

    def write(self, event: Event) -> bytes:
        """Return the bytes of this event: none, one or several server-sent events."""
        match event:
            case UsageReported() if not self._include_usage:
                return b""
            case TextDelta() | ToolArguments() | ToolCallStarted() | UsageReported():
                return self._flushed() + self._said(event)
            case Extra():
                return self._extra(event)
            case ChoiceFinished():
                self._finishes.append(event)
                return b""
            case Started():
                self._set_head(event.fields)
                return b""
            case Blocked() | Failed():
                return self._ended_by(event)
            case Embedded():
                return b""
            case _:
                assert_never(event)

    def close(self) -> bytes:
        """Return the end of the stream; nothing behind an error, which is an end itself."""
        if self._ended:
            return b""
        rest = self._flushed()
        return rest + (self._frame(b"") if self._extras else b"") + DONE

    def _ended_by(self, event: Blocked | Failed) -> bytes:
        if isinstance(event, Blocked):
            return self._blocked(event)
        self._ended = True
        return self._flushed() + _event(event.error.body() | self.beside_error)

    def _said(self, event: TextDelta | ToolArguments | ToolCallStarted | UsageReported) -> bytes:
        match event:
            case TextDelta():
                return self._text(event)
            case ToolArguments():
                return self._arguments(event)
            case ToolCallStarted():
                return self._call(event)
            case UsageReported():
                return self._usage(event.fields)
            case _:
                assert_never(event)

    def _set_head(self, fields: dict[str, Any]) -> None:
        self._fields.update((key, value) for key, value in fields.items() if key not in _OURS)
        self._head = b"data: " + _encode(self._fields)[:-1]

    def _keep(self, fields: dict[str, Any]) -> None:
        """Keep top-level fields for the next chunk; those that every chunk repeats change for good."""
        repeated = {key: value for key, value in fields.items() if key in self._fields}
        if repeated:
            self._set_head(repeated)
        self._extras.update(
            (key, value) for key, value in fields.items() if key not in repeated and key not in _OURS
        )

    def _frame(self, choices: bytes) -> bytes:
        extras = b""
        if self._extras:
            extras = b"," + _encode(self._extras)[1:-1]
            self._extras = {}
        return b'%b%b,"choices":[%b]%b' % (self._head, extras, choices, self._tail)

    def _delta(self, choice: int, delta: dict[str, Any]) -> bytes:
        return self._frame(_encode({"index": choice, "delta": delta, "finish_reason": None}))

    def _begin(self, choice: int, content: str | None, fields: dict[str, Any] | None = None) -> bytes:
        """Return the first chunk of a choice, unless it has been written.

        Choices with lower numbers begin first: the SDK's accumulator puts them in a list by number.
        """
        if choice in self._begun:
            return b""
        lower = b"".join(self._begin(number, None) for number in range(min(choice, _MAX_CHOICES)))
        self._begun.add(choice)
        return lower + self._delta(choice, {"role": "assistant", "content": content, **(fields or {})})

    def _text(self, event: TextDelta) -> bytes:
        is_refusal = event.channel == "refusal"
        first = (
            self._begin(event.choice, None if is_refusal else "") if event.choice not in self._begun else b""
        )
        if event.logprobs is not None:
            delta = {event.channel: event.text} if event.text else {}
            choice = {
                "index": event.choice,
                "delta": delta,
                "logprobs": event.logprobs,
                "finish_reason": None,
            }
            return first + self._frame(_encode(choice))
        if not event.text and event.channel == "content":
            return first
        prefix = self._prefix(event.choice, event.channel)
        return first + self._frame(prefix + _encode(event.text) + b'},"finish_reason":null}')

    def _prefix(self, choice: int, channel: str) -> bytes:
        prefix = self._prefixes.get((choice, channel))
        if prefix is None:
            prefix = b'{"index":%d,"delta":{%b:' % (choice, _encode(channel))
            self._prefixes[choice, channel] = prefix
        return prefix

    def _call(self, event: ToolCallStarted) -> bytes:
        first = self._begin(event.choice, None)
        fields = dict(event.fields)
        if event.index == FUNCTION_CALL:
            return first + self._delta(event.choice, {"function_call": {**fields, "arguments": ""}})
        for key, argument in _ARGUMENTS.items():
            if isinstance(fields.get(key), dict):
                fields[key] = {**fields[key], argument: ""}
                path = b'"%b":{"%b":' % (key.encode(), argument.encode())
                self._prefixes[event.choice, event.index] = path
                break
        return first + self._delta(event.choice, {"tool_calls": [{**fields, "index": event.index}]})

    def _arguments(self, event: ToolArguments) -> bytes:
        if not event.text:
            return b""
        text = _encode(event.text)
        if event.index == FUNCTION_CALL:
            delta = b'"function_call":{"arguments":%b}' % text
        else:
            path = self._prefixes.get((event.choice, event.index), b'"function":{"arguments":')
            delta = b'"tool_calls":[{"index":%d,%b%b}}]' % (event.index, path, text)
        first = self._begin(event.choice, None)
        return first + self._frame(b'{"index":%d,"delta":{%b},"finish_reason":null}' % (event.choice, delta))

    def _extra(self, event: Extra) -> bytes:
        """Return fields of a message; those that are null say something in a first chunk only."""
        if event.choice is None:
            self._keep(event.fields)
            return b""
        if event.choice not in self._begun:
            return self._flushed() + self._begin(event.choice, "", event.fields)
        said = {key: value for key, value in event.fields.items() if value is not None}
        return self._flushed() + (self._delta(event.choice, said) if said else b"")

    def _usage(self, usage: dict[str, Any]) -> bytes:
        tail, self._tail = self._tail, b',"usage":%b}\n\n' % _encode(usage)
        frame = self._frame(b"")
        self._tail = tail
        return frame

    def _flushed(self) -> bytes:
        """Return the finish chunks that were held."""
        if not self._finishes:
            return b""
        finishes, self._finishes = self._finishes, []
        return b"".join(self._finish(event.choice, event.reason, event.fields) for event in finishes)

    def _finish(self, choice: int, reason: str | None, fields: dict[str, Any]) -> bytes:
        self._finished.add(choice)
        end = {"index": choice, "delta": {}, **fields, "finish_reason": reason}
        return self._begin(choice, "") + self._frame(_encode(end))

    def _blocked(self, event: Blocked) -> bytes:
        """End every choice that has not ended, at least the first, and say why."""
        self._ended = True
        self._extras = {}
        choices = self._begun | {finish.choice for finish in self._finishes} | {0}
        unfinished = sorted(choices - self._finished)
        ends = b"".join(self._finish(choice, "content_filter", {}) for choice in unfinished)
        return ends + _event(blocked_body(event.verdict) | self.beside_error)


def _event(body: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % _encode(body)
