"""Spans as OTLP bytes, written by hand.

The SDK builds a protobuf message for every attribute of every span: 50 us a span with the GIL held, the
largest single cost of an exchange with everything on. Most attributes are the same few again and again, so
here each is written once and remembered, and a span is a join of bytes, in a sixth of the time
(tests/bench/trace_cost.py). Tests hold every batch to what the SDK's encoder makes of it. What would change
our mind: an encoder in the SDK that is as fast.

Field numbers are those of opentelemetry-proto v1 (`trace/v1/trace.proto`, `common/v1/common.proto`,
`collector/trace/v1/trace_service.proto`); a stable protocol does not give a number a new meaning.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, Status

_REMEMBERED = 4096
"""Attributes kept as bytes. Beyond it all are forgotten, and those that come back are soon there again."""
_REMEMBERED_LENGTH = 64
"""Longer texts are not kept: they rarely come back."""

_CONTEXT_HAS_IS_REMOTE = 0x100
_CONTEXT_IS_REMOTE = 0x200
"""`SpanFlags` of trace.proto."""

_IDS = struct.Struct(">2sQQ2sQ")
"""`trace_id` (field 1, 16 bytes), `span_id` (field 2, 8 bytes)."""
_PARENT = struct.Struct(">2sQ")
"""`parent_span_id` (field 4, 8 bytes)."""
_TIMES = struct.Struct("<BBBQBQ")
"""`kind` (field 6, a varint of one byte), `start_time_unix_nano`, `end_time_unix_nano` (7 and 8, fixed64)."""
_FLAGS = struct.Struct("<2sI")
"""`flags` (field 16, fixed32)."""
_DOUBLE = struct.Struct("<Bd")
_FIXED64 = struct.Struct("<BQ")
_ONE_BYTE = tuple(bytes((number,)) for number in range(0x80))


class SpanEncoder:
    """Writes batches of spans. For one thread at a time: it remembers what it wrote."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}
        self._pairs: dict[tuple[str, object], bytes] = {}
        """Only pairs whose value is text, or texts: `("a", 1)` and `("a", True)` would be one key."""

    def encode(self, spans: Iterable[ReadableSpan]) -> bytes:
        """Return an `ExportTraceServiceRequest`; neighbours of one resource and scope share a group."""
        request = []
        for (resource, scope), group in groupby(
            spans, key=lambda span: (span.resource, span.instrumentation_scope)
        ):
            pieces = [_message(b"\x0a", self._scope(scope))]
            pieces.extend(_message(b"\x12", self._span(span)) for span in group)
            if scope is not None and scope.schema_url:
                pieces.append(_text(b"\x1a", scope.schema_url))
            resource_spans = _message(b"\x0a", self._resource(resource)) + _message(b"\x12", b"".join(pieces))
            if resource.schema_url:
                resource_spans += _text(b"\x1a", resource.schema_url)
            request.append(_message(b"\x0a", resource_spans))
        return b"".join(request)

    def _resource(self, resource: Resource) -> bytes:
        return self._attributes(b"\x0a", resource.attributes)

    def _scope(self, scope: InstrumentationScope | None) -> bytes:
        if scope is None:
            return b""
        name = _text(b"\x0a", scope.name) if scope.name else b""
        version = _text(b"\x12", scope.version) if scope.version else b""
        return name + version + self._attributes(b"\x1a", scope.attributes or {})

    def _span(self, span: ReadableSpan) -> bytes:
        context, parent = span.context, span.parent
        trace_id = context.trace_id
        pieces = [_IDS.pack(b"\x0a\x10", trace_id >> 64, trace_id & _UINT64, b"\x12\x08", context.span_id)]
        if context.trace_state:
            pieces.append(_text(b"\x1a", context.trace_state.to_header()))
        if parent is not None:
            pieces.append(_PARENT.pack(b"\x22\x08", parent.span_id))
        pieces.append(_text(b"\x2a", span.name))
        kind = span.kind.value + 1  # on the wire, 0 is "unspecified"
        pieces.append(_TIMES.pack(0x30, kind, 0x39, span.start_time or 0, 0x41, span.end_time or 0))
        pieces.append(self._span_attributes(span.attributes or _NOTHING))
        pieces.extend(_message(b"\x5a", self._event(event)) for event in span.events)
        pieces.append(_status(span.status))
        pieces.append(_flags(parent))
        return b"".join(pieces)

    def _span_attributes(self, attributes: Mapping[str, object]) -> bytes:
        remembered = self._pairs.get
        try:
            return b"".join([remembered(pair) or self._pair(pair) for pair in attributes.items()])
        except TypeError:  # a list, say, which a sampler added and no dictionary takes
            return self._attributes(b"\x4a", attributes)

    def _pair(self, pair: tuple[str, object]) -> bytes:
        """Return an attribute of a span (field 9), and remember it if it may come back."""
        key, value = pair
        written = self._attribute(b"\x4a", key, value)
        if _comes_back(value):
            if len(self._pairs) >= _REMEMBERED:
                self._pairs.clear()
            self._pairs[pair] = written
        return written

    def _event(self, event: Event) -> bytes:
        time = _FIXED64.pack(0x09, event.timestamp)
        return time + _text(b"\x12", event.name) + self._attributes(b"\x1a", event.attributes or _NOTHING)

    def _attributes(self, tag: bytes, attributes: Mapping[str, object]) -> bytes:
        return b"".join(self._attribute(tag, key, value) for key, value in attributes.items())

    def _attribute(self, tag: bytes, key: str, value: object) -> bytes:
        """Return a `KeyValue`."""
        written = self._keys.get(key)
        if written is None:
            written = self._keys[key] = _text(b"\x0a", key)
        return _message(tag, written + _message(b"\x12", _any_value(value)))


_NOTHING: Mapping[str, object] = {}
_UINT64 = 2**64 - 1


def _comes_back(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _REMEMBERED_LENGTH
    return isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], str)


def _status(status: Status) -> bytes:
    """Return field 15, also where it is empty, as the SDK does."""
    message = _text(b"\x12", status.description) if status.description else b""
    code = status.status_code.value
    return _message(b"\x7a", message + b"\x18" + _ONE_BYTE[code] if code else message)


def _flags(parent: SpanContext | None) -> bytes:
    remote = _CONTEXT_IS_REMOTE if parent is not None and parent.is_remote else 0
    return _FLAGS.pack(b"\x85\x01", _CONTEXT_HAS_IS_REMOTE | remote)


def _any_value(value: object) -> bytes:
    """Return an `AnyValue`; what is none of its types goes as text."""
    if isinstance(value, str):
        return _text(b"\x0a", value)
    if isinstance(value, bool):
        return b"\x10\x01" if value else b"\x10\x00"
    if isinstance(value, int):
        return b"\x18" + _varint(value & _UINT64)
    if isinstance(value, float):
        return _DOUBLE.pack(0x21, value)
    if isinstance(value, Sequence):
        return _message(b"\x2a", b"".join(_message(b"\x0a", _any_value(item)) for item in value))
    return _text(b"\x0a", str(value))


def _text(tag: bytes, text: str) -> bytes:
    return _message(tag, text.encode(errors="replace"))


def _message(tag: bytes, content: bytes) -> bytes:
    """Return a field of a length and that many bytes."""
    length = len(content)
    return tag + (_ONE_BYTE[length] if length < 0x80 else _varint(length)) + content  # noqa: PLR2004 (7 bits)


def _varint(number: int) -> bytes:
    """Return a whole number from 0 to 2**64 - 1: seven bits a byte, the lowest first."""
    written = bytearray()
    while number >= 0x80:  # noqa: PLR2004 (7 bits)
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
