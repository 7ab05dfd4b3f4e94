"""Messages of AWS's event stream, as Bedrock sends them; written apart from the decoder that they try."""

import json
import struct
from binascii import crc32
from collections.abc import Iterable
from typing import Any

CONTENT_TYPE = "application/vnd.amazon.eventstream"


def message(headers: dict[str, str], payload: bytes) -> bytes:
    """Return a message whose headers are all texts."""
    block = b"".join(text_header(name, value) for name, value in headers.items())
    return framed(block, payload)


def text_header(name: str, value: str) -> bytes:
    """Return a header of type 7."""
    raw = value.encode()
    return bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(raw)) + raw


def framed(block: bytes, payload: bytes) -> bytes:
    """Return the message with these encoded headers."""
    prelude = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    whole = prelude + struct.pack(">I", crc32(prelude)) + block + payload
    return whole + struct.pack(">I", crc32(whole))


def event(kind: str, fields: dict[str, Any]) -> bytes:
    """Return an event."""
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    return message(headers, json.dumps(fields, separators=(",", ":")).encode())


def exception(kind: str, text: str) -> bytes:
    """Return an exception, as it comes in the middle of a stream."""
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return message(headers, json.dumps({"message": text}).encode())


def stream(events: Iterable[dict[str, dict[str, Any]]]) -> bytes:
    """Return a stream of events, each an object with its kind as the only key, as botocore gives them."""
    return b"".join(event(kind, fields) for one in events for kind, fields in one.items())
