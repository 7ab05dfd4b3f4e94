"""What end-to-end tests ask a collector of traces: one exchange's tree, and whether something leaked."""

import time
from collections.abc import Sequence
from typing import Any

import msgspec
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.telemetry.receiver import Received
from tests.telemetry.sent import attributes_of

_WAIT_S = 15.0
_POLL_S = 0.05


class SpanSeen(msgspec.Struct, frozen=True):
    """A span as it arrived."""

    name: str
    kind: str
    """`SPAN_KIND_SERVER`, ..."""
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    status: str
    """`STATUS_CODE_UNSET` or `STATUS_CODE_ERROR`."""
    start_ns: int
    end_ns: int
    events: Sequence[tuple[str, dict[str, Any]]] = ()
    """Names and attributes."""


class Collector:
    """A running collector.

    Args:
        received: what it got so far; it grows.
    """

    def __init__(self, received: Received) -> None:
        self._received = received
        self.endpoint = received.endpoint

    def trace(self, trace_id: str) -> Sequence[SpanSeen]:
        """Return the spans of a trace, root first, once its root is there: a tree leaves whole.

        Raises:
            AssertionError: if it does not come.
        """
        deadline = time.monotonic() + _WAIT_S
        while time.monotonic() < deadline:
            spans = [_seen(span) for span in self._received.spans if span.trace_id.hex() == trace_id]
            spans.sort(key=lambda span: span.kind != "SPAN_KIND_SERVER")
            if spans and spans[0].kind == "SPAN_KIND_SERVER":
                return spans
            time.sleep(_POLL_S)
        raise AssertionError(f"no trace {trace_id} after {_WAIT_S:g} s")

    def holds(self, text: str) -> bool:
        """Return whether this text is anywhere in what was sent."""
        return any(
            text.encode() in request.SerializeToString()
            for _path, _headers, request in self._received.requests
        )


def verdicts_told(tree: Sequence[tuple[str, str, str, dict[str, Any]]]) -> Sequence[dict[str, Any]]:
    """Return what the root tells of guardrails: all that their spans do, of those that did not just pass.

    Args:
        tree: name, kind, status and attributes of each span.
    """
    guards = [attributes for _, kind, _, attributes in tree if kind == "INTERNAL"]
    left_out = ("openinference.span.kind", "error.type")
    return [
        {key: value for key, value in one.items() if key not in left_out}
        for one in guards
        if one["handrail.guardrail.decision"] != "pass"
    ]


def _seen(span: Span) -> SpanSeen:
    return SpanSeen(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=attributes_of(list(span.attributes)),
        status=Status.StatusCode.Name(span.status.code),
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
        events=[(event.name, attributes_of(list(event.attributes))) for event in span.events],
    )
