"""Events of a completion's answer as chunks of OpenAI's older kind, and which writer an answer has.

Such a chunk has a text in place of a delta, and nobody says whose turn it is. All else is as in
`app/wire/openai/stream.py`: usage at the end for whoever asked for it, `[DONE]`, an error as an event of its
own.
"""

from typing import Any

import msgspec

from app.domain.events import (
    Blocked,
    ChoiceFinished,
    Event,
    Extra,
    Failed,
    Started,
    TextDelta,
    UsageReported,
)
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.wire.openai.errors import blocked_body
from app.wire.openai.stream import DONE, ChunkWriter

_encode = msgspec.json.Encoder().encode


def writer_of(request: ModelRequest) -> "ChunkWriter | CompletionWriter":
    """Return what writes the stream that answers a request."""
    if request.operation is Operation.COMPLETION:
        return CompletionWriter(include_usage=request.include_usage)
    return ChunkWriter(include_usage=request.include_usage)


class CompletionWriter:
    """Writes one answer.

    Args:
        include_usage: whether the caller asked for the usage chunk.
    """

    def __init__(self, *, include_usage: bool) -> None:
        self.beside_error: dict[str, Any] = {}
        """Members that an error event has beside `error`."""
        self._include_usage = include_usage
        self._head: dict[str, Any] = {"id": "", "object": "text_completion", "created": 0, "model": ""}
        self._extras: dict[str, Any] = {}
        """Of the top level, for the next chunk."""
        self._begun: set[int] = set()
        self._finished: set[int] = set()
        self._ended = False

    def write(self, event: Event) -> bytes:
        """Return the bytes of this event: none, one or several server-sent events."""
        match event:
            case TextDelta():
                return self._choice(event.choice, event.text, {"logprobs": event.logprobs})
            case ChoiceFinished():
                self._finished.add(event.choice)
                return self._choice(event.choice, "", {**event.fields, "finish_reason": event.reason})
            case Extra():
                return self._extra(event)
            case Started():
                self._head |= {key: value for key, value in event.fields.items() if key != "object"}
                return b""
            case UsageReported():
                return self._chunk([], event.fields) if self._include_usage else b""
            case Blocked() | Failed():
                return self._ended_by(event)
            case _:  # what only other answers have
                return b""

    def close(self) -> bytes:
        """Return the end of the stream; nothing behind an error, which is an end itself."""
        if self._ended:
            return b""
        return (self._chunk([]) if self._extras else b"") + DONE

    def _extra(self, event: Extra) -> bytes:
        if event.choice is not None:
            return self._choice(event.choice, "", event.fields)
        self._extras |= {key: value for key, value in event.fields.items() if key not in {"choices", "usage"}}
        return b""

    def _choice(self, index: int, text: str, said: dict[str, Any]) -> bytes:
        self._begun.add(index)
        rest = {key: value for key, value in said.items() if key not in {"text", "index"}}
        return self._chunk([{"text": text, "index": index, "logprobs": None, "finish_reason": None} | rest])

    def _chunk(self, choices: list[dict[str, Any]], usage: dict[str, Any] | None = None) -> bytes:
        extras, self._extras = self._extras, {}
        document = {**self._head, **extras, "choices": choices}
        return _event(document | ({"usage": usage} if self._include_usage else {}))

    def _ended_by(self, event: Blocked | Failed) -> bytes:
        """Say why it ends; a guardrail ends every choice that has not ended, at least the first."""
        self._ended = True
        if isinstance(event, Failed):
            return _event(event.error.body() | self.beside_error)
        self._extras = {}
        unfinished = sorted((self._begun | {0}) - self._finished)
        ends = [self._choice(index, "", {"finish_reason": "content_filter"}) for index in unfinished]
        return b"".join(ends) + _event(blocked_body(event.verdict) | self.beside_error)


def _event(document: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % _encode(document)
