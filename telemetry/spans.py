"""From notes to spans: how the tree of an exchange becomes what OpenTelemetry exports.

`ReadableSpan` is public and holds what it is given; the SDK's recording `Span` would cost a lock, two
copies of the attributes and a call for every change. What the SDK does on the way is done here once, at the
end: lengths are bounded, and text that cannot be encoded is mended, because one lone surrogate in one name
(a caller chooses the model's name) makes the OTLP encoder lose the whole batch.
"""

from collections.abc import Sequence

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

from telemetry import names
from telemetry.trace import Attribute, SpanNote

ATTRIBUTE_LENGTH = 2048
"""Characters of a string attribute that are kept; `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT` sets another number.
Grafana Tempo cuts at 2048 bytes unless told otherwise (grafana/tempo#4551)."""
NAME_LENGTH = 256
"""Characters of a span's name that are kept: viewers index names, and a caller chooses part of one."""

KINDS = {
    names.KIND_SERVER: SpanKind.SERVER,
    names.KIND_CLIENT: SpanKind.CLIENT,
    names.KIND_INTERNAL: SpanKind.INTERNAL,
}
_UNSET = Status(StatusCode.UNSET)
_ERROR = Status(StatusCode.ERROR)
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1


class SpanAssembly:
    """Makes the spans of one service.

    Args:
        resource: who speaks; the same object for all spans, so that the encoder groups them.
        version: of Handrail, as the version of the instrumentation scope.
        attribute_length: see `ATTRIBUTE_LENGTH`.
    """

    def __init__(self, *, resource: Resource, version: str, attribute_length: int = ATTRIBUTE_LENGTH) -> None:
        self._resource = resource
        self._scope = InstrumentationScope("handrail", version)
        self._length = attribute_length

    def assemble(
        self, root: SpanNote, children: Sequence[SpanNote], context: SpanContext, parent: SpanContext | None
    ) -> list[ReadableSpan]:
        """Return the spans of a trace that has ended, children first, the root last.

        No span ends before it starts, and no child lies outside the root: an open one ends with it, and so
        does one that the wall clock, stepping back, would let end later.

        Args:
            root: with its `end_ns`.
            children: in the order in which they began.
            context: of the root.
            parent: the caller's span, None if there is none.
        """
        first = root.start_ns
        last = first if root.end_ns is None else max(first, root.end_ns)
        spans = []
        for child in children:
            start = min(max(child.start_ns, first), last)
            end = last if child.end_ns is None else min(max(child.end_ns, start), last)
            own = SpanContext(
                context.trace_id,
                int(child.span_id, 16),
                is_remote=False,
                trace_flags=context.trace_flags,
                trace_state=context.trace_state,
            )
            spans.append(self._span(child, own, context, start, end))
        spans.append(self._span(root, context, parent, first, last))
        return spans

    def _span(
        self, note: SpanNote, context: SpanContext, parent: SpanContext | None, start_ns: int, end_ns: int
    ) -> ReadableSpan:
        attributes = self._attributes(note.attributes)
        if note.error_type is not None:
            attributes[names.ERROR_TYPE] = _text(note.error_type, self._length)
        return ReadableSpan(
            name=_text(note.name, NAME_LENGTH),
            context=context,
            parent=parent,
            resource=self._resource,
            attributes=attributes,
            events=[Event(name, self._attributes(more), at_ns) for name, at_ns, more in note.events],
            kind=KINDS[note.kind],
            status=_UNSET if note.error_type is None else _ERROR,
            start_time=start_ns,
            end_time=end_ns,
            instrumentation_scope=self._scope,
        )

    def _attributes(self, attributes: dict[str, Attribute]) -> dict[str, Attribute]:
        """Return a copy that can be encoded; a late note must not change what the exporter's thread reads."""
        copy = attributes.copy()
        length = self._length
        for key, value in attributes.items():
            if isinstance(value, str):
                if len(value) > length or not value.isascii():
                    copy[key] = _text(value, length)
            elif isinstance(value, tuple):
                copy[key] = tuple(_text(item, length) for item in value)
            elif isinstance(value, int) and not _INT64_MIN <= value <= _INT64_MAX:
                copy[key] = hex(value)[:length]
        return copy


def _text(value: str, length: int) -> str:
    """Return the text cut to `length` characters, with `?` for what UTF-8 cannot carry."""
    cut = value[:length]
    return cut if cut.isascii() else cut.encode(errors="replace").decode()
