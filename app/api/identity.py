"""By which ids a request can be found again: in its response, on record, in its trace, in the log.

Every response carries them, whoever made it, since SDKs show `x-request-id` in their errors and Portkey's
SDK sends a failed request once more unless it sees a trace id.
"""

import random
import re
import time
from collections.abc import Callable
from typing import cast

import msgspec
from litestar.types import HTTPScope, Message, Scope

from app.api.headers import value_of
from app.domain.ids import uuid7
from telemetry import Trace, Tracer, names

_STATE_KEY = "handrail_identity"
_UNKNOWN_ROUTE = "unknown"
"""Stands for all paths at which nothing is served; as names of spans they would be without number."""
_MAX_STATE = 512
"""Characters of `tracestate` that are taken over: as many as W3C Trace Context asks for at least."""
_CALLER_TRACE_ID = re.compile(rb"[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?\Z")
"""A caller's own trace id is any text that a header, a column and a log line can hold."""

Headers = list[tuple[bytes, bytes]]


class Identity(msgspec.Struct, frozen=True):
    """The ids of one request."""

    exchange_id: str
    """UUIDv7: the response's `x-request-id` and, for a chat completion, the record's id."""
    started_ns: int
    """Unix time in nanoseconds."""
    trace: Trace
    path: str
    """As it may be shown: without what there was in it to hide."""
    caller_trace_id: str | None
    """`x-portkey-trace-id` as the caller sent it; None too, where there is something in it to hide."""

    def headers(self) -> Headers:
        """Return the response headers that tell the caller."""
        return [
            (b"x-request-id", self.exchange_id.encode()),
            (b"x-portkey-trace-id", (self.caller_trace_id or self.trace.trace_id).encode()),
            (b"traceparent", self.trace.traceparent.encode()),
        ]


class Identities:
    """Gives each request its identity, once.

    Args:
        tracer: begins the trace. Only chat completions end theirs, so only they are exported.
        scrub: takes secrets and personal data out; what it would change is not taken over from a caller.
    """

    def __init__(self, tracer: Tracer, scrub: Callable[[str], str] = str) -> None:
        self._tracer = tracer
        self._scrub = scrub
        self._random_bits = random.Random().getrandbits  # noqa: S311 (unique, not secret)

    def of(self, scope: HTTPScope) -> Identity:
        """Return the identity of this request."""
        state = scope.setdefault("state", {})
        identity = state.get(_STATE_KEY)
        if not isinstance(identity, Identity):
            identity = state[_STATE_KEY] = self._new(scope)
        return identity

    async def stamp(self, message: Message, scope: Scope) -> None:
        """Add the ids to a response that is about to begin; litestar calls it before it sends a message."""
        if message["type"] == "http.response.start":
            headers = self.of(cast("HTTPScope", scope)).headers()
            message["headers"] = [*message.get("headers", ()), *headers]

    def _new(self, scope: HTTPScope) -> Identity:
        started_ns = time.time_ns()
        method, path = scope["method"], self._scrub(scope["path"])
        route = scope.get("path_template", _UNKNOWN_ROUTE)  # litestar sets it once the route is found
        trace = self._tracer.start(
            names.server_span(method, str(route)),
            names.KIND_SERVER,
            started_ns,
            self._carrier(scope),
            {names.HTTP_REQUEST_METHOD: method, names.URL_PATH: path, names.URL_SCHEME: scope["scheme"]},
        )
        sent = value_of(scope, b"x-portkey-trace-id")
        mine = sent.decode("ascii") if sent is not None and _CALLER_TRACE_ID.match(sent) else None
        if mine is not None and self._scrub(mine) != mine:
            mine = None
        return Identity(uuid7(self._random_bits), started_ns, trace, path, mine)

    def _carrier(self, scope: HTTPScope) -> dict[str, str]:
        """Return the caller's trace context."""
        carrier: dict[str, str] = {}
        for name, value in scope["headers"]:
            if name == b"traceparent":
                carrier["traceparent"] = value.decode("latin-1")
            elif name == b"tracestate":
                text = value.decode("latin-1")
                carrier["tracestate"] = f"{carrier['tracestate']},{text}" if "tracestate" in carrier else text
        state = carrier.get("tracestate")
        if state is not None and (len(state) > _MAX_STATE or self._scrub(state) != state):
            del carrier["tracestate"]
        return carrier
