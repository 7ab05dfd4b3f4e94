"""The body of an OpenAI-compatible provider's answer: bytes into events, whole or streamed.

`WholeBody` and `StreamBody` have one shape: `feed` bytes as they come, then `close`. Which of them an answer
is depends on what the provider sends, not on what it was asked for. Errors inside a 200, documents that are
no completion and streams that stop half-way raise here.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec

from app.domain.errors import UpstreamBroken
from app.domain.events import ProviderEvent
from app.domain.json_text import nests_deeper
from app.wire.format import AnswerHead, Question
from app.wire.openai.chunks import ChunkReader
from app.wire.openai.document import events_of_document
from app.wire.openai.errors import refusal, refusal_within
from app.wire.sse import ServerSentEvent, SseDecoder

_DONE = b"[DONE]"
_MAX_DEPTH = 100
"""Levels of arrays and objects; a completion has about ten."""
_decode = msgspec.json.Decoder().decode


Check = Callable[[dict[str, Any]], None]
Turn = Callable[[Any], Any]
"""Turns a document of another kind into that of a chat completion."""


class Body(Protocol):
    """A provider's answer as it comes."""

    @property
    def done(self) -> bool:
        """Whether it said that it is complete; more bytes add nothing."""

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Take the next bytes; the iterator must be used up. Raises `UpstreamError`."""

    def close(self) -> Iterator[ProviderEvent]:
        """Return the last events, at the end of the body. Raises `UpstreamError` if it is not complete."""


class WholeBody:
    """A body that is one document.

    Args:
        check: raises if the document is an error of this provider's own kind.
        turn: where it is no chat completion.
    """

    done = False

    def __init__(self, check: Check | None = None, turn: Turn | None = None) -> None:
        self._pieces: list[bytes] = []
        self._check = check
        self._turn = turn

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Keep the bytes."""
        self._pieces.append(piece)
        return iter(())

    def close(self) -> Iterator[ProviderEvent]:
        """Return all events of the document."""
        document = decode_json(b"".join(self._pieces))
        if self._check is not None and isinstance(document, dict):
            self._check(document)
        return events_of_document(document if self._turn is None else self._turn(document))


class StreamBody:
    """A body of server-sent events.

    Args:
        max_event_bytes: bound on one of them.
        check: raises if a chunk is an error of this provider's own kind.
        turn: where it is no chunk of a chat completion.
    """

    def __init__(self, max_event_bytes: int, check: Check | None = None, turn: Turn | None = None) -> None:
        self._check = check
        self._turn = turn
        self.done = False
        self._decoder = SseDecoder(max_event_bytes)
        self._chunks = ChunkReader()

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Return the events that these bytes complete."""
        for event in self._decoder.feed(piece):
            yield from self._read(event)

    def close(self) -> Iterator[ProviderEvent]:
        """Return the last events."""
        for event in self._decoder.close():
            yield from self._read(event)
        yield from self._chunks.close(said_done=self.done)

    def _read(self, event: ServerSentEvent) -> Iterator[ProviderEvent]:
        if self.done or not event.data:
            return iter(())
        if event.data.startswith(_DONE):
            self.done = True
            return iter(())
        document = decode_json(event.data)
        if event.name == "error":
            within = refusal_within(document) if isinstance(document, dict) else None
            raise within or refusal(document, 502)
        if self._check is not None and isinstance(document, dict):
            self._check(document)
        return iter(self._chunks.events(document if self._turn is None else self._turn(document)))


def body_of(
    head: AnswerHead, question: Question, check: Check | None = None, turn: Turn | None = None
) -> "StreamBody | WholeBody":
    """Return the reader for what an answer is.

    Raises:
        UpstreamBroken: it is neither JSON nor a stream of events.
    """
    if head.media_type == "text/event-stream" or (not head.media_type and question.stream):
        return StreamBody(head.max_bytes, check, turn)
    if head.media_type.endswith("json") or not head.media_type:
        return WholeBody(check, turn)
    raise UpstreamBroken("The provider answered with neither JSON nor an event stream.")


def decode_json(body: bytes) -> Any:  # noqa: ANN401 (JSON)
    """Return a provider's JSON.

    Halves of surrogate pairs, which servers that cut UTF-16 send, become U+FFFD; everything else must be
    JSON.

    Raises:
        UpstreamBroken: it is not.
    """
    try:
        return _bounded(_decode(body), body)
    except (ValueError, RecursionError) as error:
        if b"\\ud" not in body.lower():
            raise UpstreamBroken("The provider sent something that is not JSON.") from error
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False, allow_nan=False)
        repaired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        return _bounded(_decode(repaired), repaired)
    except (ValueError, RecursionError) as error:
        raise UpstreamBroken("The provider sent something that is not JSON.") from error


def _bounded(document: Any, body: bytes) -> Any:  # noqa: ANN401 (JSON)
    """Return the document; one that nests so deeply that walking it could fail is none."""
    if body.count(b"[") + body.count(b"{") > _MAX_DEPTH and nests_deeper(document, _MAX_DEPTH):
        raise UpstreamBroken(f"The provider sent JSON that nests deeper than {_MAX_DEPTH} levels.")
    return document
