"""The body of Gemini's answer: bytes into responses, and these into events.

    text/event-stream     `alt=sse`: a response in each event; the end of the body is the end
    application/json      one response, or the list of responses that a stream without `alt=sse` is

What it is is seen from what comes, not from what was asked for. `GeminiBody` is an `app.wire.format.Body`.
"""

from collections.abc import Iterator
from typing import Any

from app.domain.errors import UpstreamBroken
from app.domain.events import ProviderEvent
from app.wire.format import AnswerHead
from app.wire.gemini.answer import AnswerReader
from app.wire.gemini.choice import Reading
from app.wire.openai.body import decode_json
from app.wire.sse import SseDecoder

_DONE = b"[DONE]"
"""Not Google's, but proxies in front of it write it."""


class GeminiBody:
    """One answer.

    Args:
        head: what stands before the body.
        reading: what the question asked for.

    Raises:
        UpstreamBroken: it is neither JSON nor an event stream.
    """

    def __init__(self, head: AnswerHead, reading: Reading) -> None:
        self.done = False
        self._is_stream = head.media_type == "text/event-stream" or (not head.media_type and reading.stream)
        if not self._is_stream and head.media_type and not head.media_type.endswith("json"):
            raise UpstreamBroken("The provider answered with neither JSON nor an event stream.")
        self._answer = AnswerReader(reading)
        self._pieces: list[bytes] = []
        self._decoder = SseDecoder(head.max_bytes)

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Take the next bytes; the iterator must be used up. Raises `UpstreamError`."""
        if not self._is_stream:
            self._pieces.append(piece)
            return
        for event in self._decoder.feed(piece):
            yield from self._read(event.data)

    def close(self) -> Iterator[ProviderEvent]:
        """Yield the last events, at the end of the body. Raises `UpstreamError` if it is not complete."""
        if self._is_stream:
            for event in self._decoder.close():
                yield from self._read(event.data)
        else:
            yield from self._whole(decode_json(b"".join(self._pieces)))
        yield from self._answer.close()

    def _read(self, data: bytes) -> list[ProviderEvent]:
        if self.done or not data:
            return []
        if data.startswith(_DONE):
            self.done = True
            return []
        return self._answer.events(decode_json(data))

    def _whole(self, document: Any) -> Iterator[ProviderEvent]:  # noqa: ANN401 (JSON)
        for response in document if isinstance(document, list) else (document,):
            yield from self._answer.events(response)
