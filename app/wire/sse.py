"""Server-sent events out of bytes, as they come off a socket.

The rules are those of the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream" (2026-11): lines
end with CR, LF or CRLF; a byte order mark at the start is skipped; a line with a leading colon is a comment;
`data` lines of one event are joined with LF; a blank line ends the event, and an event without `data` is
none. Two departures: `id` and `retry` are ignored, as we never reconnect; and `close` gives an event that the
stream's end left open, because some servers end without the last blank line. Whether such an event is whole
is for the reader of its JSON to see.

How the bytes were cut, inside a character or between CR and LF, makes no difference. Data stays bytes: the
JSON decoder behind it checks the UTF-8 itself.
"""

from collections.abc import Iterator

import msgspec

from app.domain.errors import UpstreamBroken

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ServerSentEvent(msgspec.Struct, frozen=True):
    """One event."""

    data: bytes
    name: str = "message"


class SseDecoder:
    """Decodes one stream.

    Args:
        max_event_bytes: bound on the data of one event, and on one line.
    """

    def __init__(self, max_event_bytes: int) -> None:
        self._max_event_bytes = max_event_bytes
        self._line: list[bytes] = []
        """The unfinished line, in the pieces it came in."""
        self._line_bytes = 0
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._name = ""
        self._after_cr = False
        self._at_start = True

    def feed(self, piece: bytes) -> Iterator[ServerSentEvent]:
        """Take the next bytes; the iterator must be used up before the next call.

        Raises:
            UpstreamBroken: an event is larger than allowed.
        """
        if self._after_cr and piece:
            self._after_cr = False
            piece = piece.removeprefix(b"\n")
        if b"\r" in piece:
            self._after_cr = piece.endswith(b"\r")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *ends, rest = piece.split(b"\n")
        for end in ends:
            if self._line:
                self._keep(end)
                end = b"".join(self._line)  # noqa: PLW2901 (the whole line, of which this was the end)
                self._line.clear()
                self._line_bytes = 0
            event = self._take(end)
            if event is not None:
                yield event
        if rest:
            self._keep(rest)

    def close(self) -> Iterator[ServerSentEvent]:
        """Return the event that the end of the stream left open, if there is one."""
        self._after_cr = False
        yield from self.feed(b"\n\n")

    def _keep(self, piece: bytes) -> None:
        self._line.append(piece)
        self._line_bytes += len(piece)
        self._check(self._line_bytes)

    def _take(self, line: bytes) -> ServerSentEvent | None:
        """Take one whole line; return the event it ends."""
        self._check(len(line))
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not line:
            return self._dispatch()
        if line.startswith(b"data:"):
            self._data_line(line[6:] if line.startswith(b" ", 5) else line[5:])
        else:
            self._other_line(line)
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        data, name = self._data, self._name
        self._name = ""
        if not data:
            return None
        event = ServerSentEvent(data[0] if len(data) == 1 else b"\n".join(data), name or "message")
        data.clear()
        self._data_bytes = 0
        return event

    def _data_line(self, value: bytes) -> None:
        self._data.append(value)
        self._data_bytes += len(value) + 1
        self._check(self._data_bytes)

    def _other_line(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data_line(b"")
        elif field == b"event":
            self._name = value.removeprefix(b" ").decode("utf-8", "replace")

    def _check(self, size_bytes: int) -> None:
        if size_bytes > self._max_event_bytes:
            raise UpstreamBroken(f"The provider sent an event of more than {self._max_event_bytes} bytes.")
