"""Messages of AWS's event stream encoding out of bytes, as they come off a socket.

    total length u32 | headers length u32 | CRC-32 of those 8 bytes | headers | payload | CRC-32 of all before
    header: length of name u8 | name | type u8 | value

All numbers are big-endian (docs.aws.amazon.com/transcribe, "Event stream encoding", 2026-11;
smithy.io, "Amazon Event Stream Specification"). How the bytes were cut makes no difference. A checksum that
does not fit is an end: nothing behind it can be trusted. What the messages mean is the affair of each API.
"""

import struct
from binascii import crc32
from collections.abc import Iterator
from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken

_PRELUDE = struct.Struct(">III")
_CRC = struct.Struct(">I")
_OVERHEAD = _PRELUDE.size + _CRC.size
_MAX_HEADERS = 128 * 1024
"""Bytes (the specification's bound)."""
_MAX_KNOWN = 64
"""How many different header blocks are remembered: a stream has about six, again and again."""
_FIXED = {0: (0, None), 1: (0, None), 2: (1, ">b"), 3: (2, ">h"), 4: (4, ">i"), 5: (8, ">q"), 8: (8, ">q")}
"""Size and layout by type: true, false, byte, short, integer, long, timestamp (ms since 1970)."""
_BYTES, _STRING, _UUID = 6, 7, 9


class StreamMessage(msgspec.Struct, frozen=True):
    """One message."""

    headers: dict[str, Any]
    """By name: bool, int, bytes, str, or 16 bytes of a UUID. Nobody changes it."""
    payload: bytes


class EventStreamDecoder:
    """Decodes one stream.

    Args:
        max_message_bytes: bound on one message.
    """

    def __init__(self, max_message_bytes: int) -> None:
        self._max_message_bytes = max_message_bytes
        self._buffer = bytearray()
        self._total = 0
        """Length of the message that has begun; 0: its prelude has not come."""
        self._headers_size = 0
        self._known: dict[bytes, dict[str, Any]] = {}

    def feed(self, piece: bytes) -> Iterator[StreamMessage]:
        """Take the next bytes; the iterator must be used up before the next call.

        Raises:
            UpstreamBroken: these are no messages, or one is larger than allowed.
        """
        buffer = self._buffer
        buffer += piece
        while self._begun() and len(buffer) >= self._total:
            message = bytes(buffer[: self._total])
            del buffer[: self._total]
            self._total = 0
            yield self._read(message)

    def close(self) -> None:
        """Say that no more bytes come.

        Raises:
            UpstreamBroken: they ended within a message.
        """
        if self._buffer:
            raise UpstreamBroken("The provider's stream ended within an event.")

    def _begun(self) -> bool:
        """Read the prelude of the next message, if it is there and has not been read."""
        if self._total:
            return True
        if len(self._buffer) < _PRELUDE.size:
            return False
        total, headers_size, crc = _PRELUDE.unpack_from(self._buffer)
        if crc32(self._buffer[:8]) != crc:
            raise _damaged()
        if total > self._max_message_bytes:
            raise UpstreamBroken(f"The provider sent an event of more than {self._max_message_bytes} bytes.")
        if headers_size > _MAX_HEADERS or total < headers_size + _OVERHEAD:
            raise _damaged()
        self._total, self._headers_size = total, headers_size
        return True

    def _read(self, message: bytes) -> StreamMessage:
        end = len(message) - _CRC.size
        if crc32(memoryview(message)[:end]) != _CRC.unpack_from(message, end)[0]:
            raise _damaged()
        start = _PRELUDE.size + self._headers_size
        block = message[_PRELUDE.size : start]
        headers = self._known.get(block)
        if headers is None:
            headers = _headers(block)
            if len(self._known) < _MAX_KNOWN:
                self._known[block] = headers
        return StreamMessage(headers, message[start:end])


def _headers(block: bytes) -> dict[str, Any]:
    """Return the headers of a block."""
    headers: dict[str, Any] = {}
    place = 0
    try:
        while place < len(block):
            size = block[place]
            name = _slice(block, place + 1, size).decode()
            place += size + 1
            kind = block[place]
            headers[name], place = _value(block, place + 1, kind)
    except (IndexError, struct.error, ValueError):
        raise _damaged() from None
    return headers


def _value(block: bytes, place: int, kind: int) -> tuple[Any, int]:
    """Return a header's value and where the next header begins."""
    fixed = _FIXED.get(kind)
    if fixed is not None:
        size, layout = fixed
        value = kind == 0 if layout is None else struct.unpack_from(layout, block, place)[0]
        return value, place + size
    if kind == _UUID:
        return _slice(block, place, 16), place + 16
    if kind not in {_BYTES, _STRING}:
        raise ValueError(kind)
    size = struct.unpack_from(">H", block, place)[0]
    raw = _slice(block, place + 2, size)
    return raw.decode() if kind == _STRING else raw, place + 2 + size


def _slice(block: bytes, place: int, size: int) -> bytes:
    found = block[place : place + size]
    if len(found) != size:
        raise ValueError(size)
    return found


def _damaged() -> UpstreamBroken:
    return UpstreamBroken("The provider's stream was damaged on the way: a checksum or a length is wrong.")
