"""The caller's trace context: W3C `traceparent` and `tracestate`, read from a request's headers.

Our own reading of W3C Trace Context (www.w3.org/TR/trace-context-2, 2024-03), a quarter of the price of the
SDK's propagator, and silent: the propagator logs a line for every malformed header, so that any caller
could fill the log. Tests hold it to the propagator's answers. Baggage is not read: nothing of ours needs it
and nobody else shall get it.
"""

import re
from collections.abc import Mapping

from opentelemetry.trace import SpanContext, TraceFlags, TraceState

_TRACEPARENT = re.compile(r"[ \t]*([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:(-.*)|[ \t]*)")
_TRACEPARENT_MAX_LENGTH = 512
"""As the SDK's propagator: version 00 has 55 characters, later ones may append fields."""

_KEY = r"[a-z][_0-9a-z\-*/]{0,255}|[a-z0-9][_0-9a-z\-*/]{0,240}@[a-z][_0-9a-z\-*/]{0,13}"
_VALUE = r"[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
_MEMBER = re.compile(rf"({_KEY})=({_VALUE})")
"""A member of `tracestate`, section 3.3.1 of the recommendation."""
_TRACESTATE_MAX_MEMBERS = 32
_TRACESTATE_MAX_LENGTH = 8192
"""As the SDK's propagator; the recommendation asks for 512 at least."""


def caller_context(carrier: Mapping[str, str]) -> SpanContext | None:
    """Return the span that the caller says it is in, None where it says nothing or nothing valid.

    Args:
        carrier: headers, names in lower case; several `tracestate` headers joined by commas.
    """
    header = carrier.get("traceparent")
    if header is None or len(header) > _TRACEPARENT_MAX_LENGTH:
        return None
    match = _TRACEPARENT.fullmatch(header)
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == "ff" or (version == "00" and more):
        return None
    context = SpanContext(
        trace_id=int(trace_id, 16),
        span_id=int(span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(int(flags, 16)),
        trace_state=_trace_state(carrier.get("tracestate")),
    )
    return context if context.is_valid else None


def traceparent(context: SpanContext) -> str:
    """Return the header that names this span to whoever comes next."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _trace_state(header: str | None) -> TraceState | None:
    """Return what vendors put beside the ids; None if any of it is malformed, for then all of it is void."""
    if not header or len(header) > _TRACESTATE_MAX_LENGTH:
        return None
    members: dict[str, str] = {}
    for member in filter(None, (piece.strip(" \t") for piece in header.split(","))):
        match = _MEMBER.fullmatch(member)
        if match is None or match[1] in members:
            return None
        members[match[1]] = match[2]
    return TraceState(list(members.items())) if len(members) <= _TRACESTATE_MAX_MEMBERS else None
