"""The body of an answer of Cohere's: bytes into events, whole or streamed.

Which of the two it is depends on what comes. What it means is read in `app/wire/cohere/answer.py`.
"""

from collections.abc import Callable, Iterator
from typing import Any

from app.domain.errors import UpstreamBroken
from app.domain.events import Extra, ProviderEvent
from app.wire.cohere.answer import CohereAnswer, Expected
from app.wire.cohere.errors import refusal
from app.wire.openai.body import decode_json
from app.wire.sse import ServerSentEvent, SseDecoder

_KNOWN = frozenset({"id", "finish_reason", "message", "usage", "logprobs"})


class WholeBody:
    """A body that is one document."""

    done = False

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._pieces: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Keep the bytes."""
        self._pieces.append(piece)
        return iter(())

    def close(self) -> Iterator[ProviderEvent]:
        """Return all events of the document."""
        document = decode_json(b"".join(self._pieces))
        message = document.get("message") if isinstance(document, dict) else None
        if isinstance(message, str):
            raise refusal(document, 502, {})
        if not isinstance(message, dict):
            raise UpstreamBroken("The provider sent an answer without a message.")
        answer = CohereAnswer(self._expected)
        yield from answer.start(document.get("id"))
        rest = {key: value for key, value in document.items() if key not in _KNOWN and value is not None}
        if rest:
            yield Extra(None, rest)
        yield from answer.plan(message.get("tool_plan"))
        logprobs = document.get("logprobs")
        for index, item in enumerate(_content(message.get("content"))):
            spelled = logprobs if "text" in item else None
            logprobs = None if spelled is not None else logprobs
            yield from answer.text(index, item, spelled)
            yield from answer.text_done(index)
        for index, call in enumerate(message.get("tool_calls") or ()):
            yield from answer.call(index, call)
        yield from answer.cite(_objects(message.get("citations")))
        yield from answer.end(document.get("finish_reason"), document.get("usage"))


class StreamBody:
    """A body of server-sent events.

    Args:
        expected: what was asked.
        max_event_bytes: bound on one event.
    """

    def __init__(self, expected: Expected, max_event_bytes: int) -> None:
        self.done = False
        self._decoder = SseDecoder(max_event_bytes)
        self._answer = CohereAnswer(expected)
        self._readers: dict[str, Callable[[dict[str, Any]], Iterator[ProviderEvent]]] = {
            "message-start": self._start,
            "content-start": self._text,
            "content-delta": self._text,
            "content-end": self._text_end,
            "tool-plan-delta": self._plan,
            "tool-call-start": self._call,
            "tool-call-delta": self._arguments,
            "tool-call-end": self._call_end,
            "citation-start": self._cite,
            "message-end": self._end,
        }

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Return the events that these bytes complete."""
        for event in self._decoder.feed(piece):
            yield from self._read(event)

    def close(self) -> Iterator[ProviderEvent]:
        """Return the last events."""
        for event in self._decoder.close():
            yield from self._read(event)
        if not self.done:
            raise UpstreamBroken("The provider's stream ended before its answer was complete.")

    def _read(self, event: ServerSentEvent) -> Iterator[ProviderEvent]:
        if self.done or not event.data or event.data.startswith(b"[DONE]"):
            return
        document = decode_json(event.data)
        if not isinstance(document, dict):
            raise UpstreamBroken("The provider sent JSON that is no object.")
        name = document.get("type") or event.name
        reader = self._readers.get(name) if isinstance(name, str) else None
        if reader is not None:
            if name != "message-start":
                yield from self._answer.start(document.get("id"))
            yield from reader(document)
        elif name == "error" or isinstance(document.get("message"), str):
            raise refusal(document, 502, {})

    def _start(self, document: dict[str, Any]) -> Iterator[ProviderEvent]:
        return self._answer.start(document.get("id"))

    def _text(self, document: dict[str, Any]) -> Iterator[ProviderEvent]:
        content = _message(document).get("content")
        return iter(
            self._answer.text(_index(document), content, document.get("logprobs"))
            if isinstance(content, dict)
            else ()
        )

    def _text_end(self, document: dict[str, Any]) -> Iterator[ProviderEvent]:
        return self._answer.text_done(_index(document))

    def _plan(self, document: dict[str, Any]) -> Iterator[ProviderEvent]:
        return self._answer.plan(_message(document).get("tool_plan"))

    def _call(self, document: dict[str, Any]) -> Iterator[ProviderEvent]:
        return self._answer.call(_index(document), _one(_message(document).get("tool_calls")))

    def _arguments(self, document: dict[str, Any]) -> Iterator[ProviderEvent]:
        call = _one(_message(document).get("tool_calls"))
        function = call.get("function") if isinstance(call, dict) else None
        text = function.get("arguments") if isinstance(function, dict) else None
        return self._answer.arguments(_index(document), text)

    def _call_end(self, document: dict[str, Any]) -> Iterator[ProviderEvent]:
        return self._answer.call_done(_index(document))

    def _cite(self, document: dict[str, Any]) -> Iterator[ProviderEvent]:
        return self._answer.cite(_objects(_message(document).get("citations")))

    def _end(self, document: dict[str, Any]) -> Iterator[ProviderEvent]:
        delta = document.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        self.done = True
        return self._answer.end(delta.get("finish_reason"), delta.get("usage"), delta.get("error"))


def _message(document: dict[str, Any]) -> dict[str, Any]:
    delta = document.get("delta")
    message = delta.get("message") if isinstance(delta, dict) else None
    return message if isinstance(message, dict) else {}


def _index(document: dict[str, Any]) -> int:
    index = document.get("index")
    return index if isinstance(index, int) else 0


def _one(value: object) -> object:
    """Return what stands alone, though in a list: a stream has one call an event, by any spelling."""
    return value[0] if isinstance(value, list) and value else value


def _objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list, or the one that stands without."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def _content(value: object) -> list[dict[str, Any]]:
    return [{"type": "text", "text": value}] if isinstance(value, str) else _objects(value)
