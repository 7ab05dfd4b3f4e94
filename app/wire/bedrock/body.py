"""The body of Bedrock's answer: bytes into events, whole (JSON) or streamed (AWS's event stream)."""

from collections.abc import Iterator
from typing import Any

from app.domain.errors import UpstreamBroken
from app.domain.events import ProviderEvent
from app.wire.bedrock.answer import AnswerReader
from app.wire.bedrock.document import events_of_document
from app.wire.bedrock.errors import refusal_in_stream
from app.wire.bedrock.eventstream import EventStreamDecoder, StreamMessage
from app.wire.openai.body import decode_json


class BedrockDocument:
    """A body that is one document.

    Args:
        reader: of its answer.
    """

    done = False

    def __init__(self, reader: AnswerReader) -> None:
        self._reader = reader
        self._pieces: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Keep the bytes."""
        self._pieces.append(piece)
        return iter(())

    def close(self) -> Iterator[ProviderEvent]:
        """Return all events of the document."""
        return events_of_document(decode_json(b"".join(self._pieces)), self._reader)


class BedrockStream:
    """A body of AWS's event stream.

    Args:
        reader: of its answer.
        max_event_bytes: bound on one event.
    """

    def __init__(self, reader: AnswerReader, max_event_bytes: int) -> None:
        self.done = False
        self._reader = reader
        self._decoder = EventStreamDecoder(max_event_bytes)

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Return the events that these bytes complete."""
        for message in self._decoder.feed(piece):
            if not self.done:
                yield from self._read(message)

    def close(self) -> Iterator[ProviderEvent]:
        """Return the last events."""
        if not self.done:
            self._decoder.close()
        return self._reader.end()

    def _read(self, message: StreamMessage) -> list[ProviderEvent]:
        headers = message.headers
        if headers.get(":message-type") != "event":
            raise _failure(message)
        fields = decode_json(message.payload)
        if not isinstance(fields, dict):
            raise UpstreamBroken("The provider sent an event that is no object.")
        kind = headers.get(":event-type")
        if kind == "contentBlockDelta":
            return self._reader.delta(_index(fields), _object(fields, "delta"))
        if kind == "contentBlockStart":
            return self._reader.block_start(_index(fields), _object(fields, "start"))
        if kind == "contentBlockStop":
            return self._reader.block_stop(_index(fields))
        return self._read_message(kind, fields)

    def _read_message(self, kind: object, fields: dict[str, Any]) -> list[ProviderEvent]:
        """Read an event that is about the message as a whole; kinds nobody knows say nothing."""
        if kind == "messageStart":
            return self._reader.begin()
        if kind == "messageStop":
            self._reader.stop(fields)
        elif kind == "metadata":
            self._reader.metadata(fields)
            self.done = True
        return []


def _failure(message: StreamMessage) -> Exception:
    """Return the error that an exception, or an error of the encoding's own, stands for."""
    headers = message.headers
    if headers.get(":message-type") == "error":
        fields = {"message": headers.get(":error-message")}
        return refusal_in_stream(str(headers.get(":error-code", "")), fields)
    if headers.get(":message-type") != "exception":
        return UpstreamBroken("The provider sent an event of no known type.")
    document = decode_json(message.payload) if message.payload else {}
    return refusal_in_stream(
        str(headers.get(":exception-type", "")), document if isinstance(document, dict) else {}
    )


def _index(fields: dict[str, Any]) -> int:
    index = fields.get("contentBlockIndex")
    if isinstance(index, int):
        return index
    raise UpstreamBroken("The provider sent a piece of a block without its number.")


def _object(fields: dict[str, Any], name: str) -> dict[str, Any]:
    found = fields.get(name)
    if isinstance(found, dict):
        return found
    raise UpstreamBroken(f"The provider sent a block without `{name}`.")
