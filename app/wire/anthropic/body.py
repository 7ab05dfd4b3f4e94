"""The body of an Anthropic answer: bytes into events, whole or streamed.

A stream's events (anthropic SDK 2.12, `RawMessageStreamEvent`): `message_start`, for each block
`content_block_start`, `content_block_delta` and `content_block_stop`, then `message_delta` and
`message_stop`; `ping` and `error` anywhere. Their data repeat the name as `type`, which is what counts.
Types nobody has documented say nothing, as the vendor asks of clients. Only `message_stop` makes an answer
complete.
"""

from collections.abc import Callable, Iterator
from typing import Any

from app.domain.errors import UpstreamBroken
from app.domain.events import ProviderEvent
from app.wire.anthropic.answer import MessageReader, Reading
from app.wire.anthropic.errors import refusal_within
from app.wire.format import AnswerHead, Body
from app.wire.openai.body import decode_json
from app.wire.sse import SseDecoder

_EVENT_KEYS = frozenset({"type", "delta", "usage"})


def read_body(head: AnswerHead, reading: Reading, clock: Callable[[], float]) -> Body:
    """Return the reader for what this answer is.

    Raises:
        UpstreamBroken: it is neither a stream of events nor JSON.
    """
    reader = MessageReader(reading, clock)
    if head.media_type == "text/event-stream":
        return StreamBody(reader, head)
    if head.media_type.endswith("json") or not head.media_type:
        return WholeBody(reader, head)
    raise UpstreamBroken("The provider answered with neither JSON nor an event stream.")


class WholeBody:
    """A body that is one message.

    Args:
        reader: of the message.
        head: of the answer.
    """

    done = False

    def __init__(self, reader: MessageReader, head: AnswerHead) -> None:
        self._reader = reader
        self._head = head
        self._pieces: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Keep the bytes."""
        self._pieces.append(piece)
        return iter(())

    def close(self) -> Iterator[ProviderEvent]:
        """Return all events of the message."""
        message = decode_json(b"".join(self._pieces))
        error = refusal_within(message, self._head.request_id)
        if error is not None:
            raise error
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(content, list):
            raise UpstreamBroken("The provider sent an answer without content.")
        reader = self._reader
        yield from reader.start(message)
        for index, block in enumerate(content):
            yield from reader.begin(index, block)
            yield from reader.end(index)
        yield from reader.close()


class StreamBody:
    """A body of server-sent events.

    Args:
        reader: of the message.
        head: of the answer.
    """

    def __init__(self, reader: MessageReader, head: AnswerHead) -> None:
        self.done = False
        self._reader = reader
        self._head = head
        self._decoder = SseDecoder(head.max_bytes)

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Return the events that these bytes complete."""
        for event in self._decoder.feed(piece):
            if not self.done:
                yield from self._read(event.data)

    def close(self) -> Iterator[ProviderEvent]:
        """Return the last events."""
        for event in self._decoder.close():
            if not self.done:
                yield from self._read(event.data)
        if not self.done:
            raise UpstreamBroken("The provider's stream ended before its answer was complete.")
        yield from self._reader.close()

    def _read(self, data: bytes) -> list[ProviderEvent]:
        event = decode_json(data)
        if not isinstance(event, dict):
            raise UpstreamBroken("The provider sent an event that is no object.")
        match event.get("type"):
            case "content_block_delta":
                return self._reader.piece(_index(event), event.get("delta"))
            case "content_block_start":
                return self._reader.begin(_index(event), event.get("content_block"))
            case "content_block_stop":
                return self._reader.end(_index(event))
            case "message_start":
                return self._reader.start(event.get("message"))
            case _:
                self._read_other(event)
                return []

    def _read_other(self, event: dict[str, Any]) -> None:
        """Take an event that says nothing of the content."""
        if event.get("type") == "message_delta":
            riders = {key: value for key, value in event.items() if key not in _EVENT_KEYS}
            self._reader.go_on(riders, None)
            self._reader.go_on(event.get("delta"), event.get("usage"))
        elif event.get("type") == "message_stop":
            self.done = True
        else:
            error = refusal_within(event, self._head.request_id)
            if error is not None:
                raise error


def _index(event: dict[str, Any]) -> int:
    index = event.get("index")
    if not isinstance(index, int):
        raise UpstreamBroken("The provider sent a piece of no block.")
    return index
