"""Paths below `/v1` that Handrail does not know, between the socket and a provider (`app/passing.py`).

There only where a key may pass something on. The path must be written plainly, the method be one of those
that Portkey's gateway passes on, the body within the bounds of all others. Of a caller's headers everything
goes on but those that are about this connection (RFC 9110, 7.6.1), about who is calling here, or ours; of a
provider's only those come back that say what its answer is, and when to come again.
"""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from typing import cast

import msgspec
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from app.account import Call
from app.api.body import CallerLeft, RequestBody
from app.api.connection import Hold, while_connected
from app.api.exchange import PATHS, Serving
from app.api.headers import call_headers, content_of
from app.api.replies import Reply
from app.api.schema import SelfGuarded
from app.domain.errors import HandrailError, UnknownRoute
from app.domain.events import Failed
from app.domain.exchange import UNKNOWN
from app.domain.limit_headers import is_about_limits
from app.domain.operation import Operation
from app.domain.proxying import PREFIX, Passed, PassedHead, is_clean
from app.passing import Passing
from telemetry import names

ROUTE = "/v1/{path:path}"
_METHODS = (HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE)
_KEPT_BACK = frozenset(
    """
    host connection keep-alive proxy-connection transfer-encoding te trailer upgrade expect content-length
    accept-encoding authorization proxy-authorization x-api-key api-key x-goog-api-key cookie forwarded via
    traceparent tracestate baggage x-real-ip
    """.split()
)
_KEPT_BACK_PREFIXES = ("x-portkey-", "x-handrail-", "x-forwarded-", "x-amz-", "cf-")
_GIVEN_BACK = frozenset(
    """
    content-type content-length content-disposition content-range content-language accept-ranges etag
    last-modified retry-after retry-after-ms
    """.split()
)


class ProxyEndpoint:
    """The ASGI application behind the route.

    Args:
        serving: shared by all routes.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        reply = Reply(send)
        with self._serving.drain.holding() as hold:
            try:
                await self._serve(cast("HTTPScope", scope), receive, reply, hold)
            except asyncio.CancelledError:
                if hold.error is None:
                    raise
                hold.task.uncancel()
                await reply.error(await hold.kept() or hold.error)

    async def _serve(self, scope: HTTPScope, receive: Receive, reply: Reply, hold: Hold) -> None:
        call, body = self._call(scope), RequestBody(scope, receive)
        try:
            call = msgspec.structs.replace(call, caller=self._serving.keyring.caller(scope["headers"]))
            _require_plain(scope)
            asked = call_headers(scope)
            content = await body.read(self._serving.max_body_bytes, self._serving.body_timeout_s)
        except HandrailError as error:
            exchange = self._serving.pipeline.begin(call)
            exchange.reject(error)
            await reply.error(await exchange.kept() or error)
            return
        except CallerLeft:
            return
        call = msgspec.structs.replace(
            call, guardrails=asked.guardrails, metadata=asked.metadata, wish=asked.wish, body=content
        )
        passing = Passing(self._serving.pipeline, call, _passed(scope, content))
        hold.abort, hold.kept = passing.abort, passing.kept
        try:
            async with while_connected(receive):
                await _pass_back(passing, reply)
        except* CallerLeft:
            pass

    def _call(self, scope: HTTPScope) -> Call:
        identity = self._serving.identities.of(scope)
        identity.trace.root.attributes[names.HTTP_ROUTE] = ROUTE
        return Call(
            exchange_id=identity.exchange_id,
            started_ns=identity.started_ns,
            method=scope["method"],
            path=scope["path"],
            operation=Operation.PROXY,
            trace=identity.trace,
            caller=UNKNOWN,
            caller_trace_id=identity.caller_trace_id,
            content=content_of(scope),
        )


async def _pass_back(passing: Passing, reply: Reply) -> None:
    async with aclosing(passing.run()) as answer:
        has_begun = False
        async for piece in answer:
            match piece:
                case PassedHead(status, headers):
                    has_begun = True
                    await reply.passed(status, list(_given_back(headers)))
                case bytes():
                    await reply.piece(piece)
                case Failed(error) if has_begun:
                    # Its bytes are the provider's: an error among them would be read as a part of these.
                    raise ConnectionAbortedError(error.message)
                case Failed(error):
                    await reply.error(error)
        if has_begun:
            await reply.end()


def _require_plain(scope: HTTPScope) -> None:
    """Make sure that everybody reads the path alike, and that it is none that is screened.

    Raises:
        UnknownRoute: it is not so.
    """
    path = scope["path"]
    raw = scope.get("raw_path", path.encode()).partition(b"?")[0]
    if not is_clean(path) or raw != path.encode() or path.casefold() in PATHS.values():
        raise UnknownRoute("Nothing is served at this path.")


def _passed(scope: HTTPScope, body: bytes) -> Passed:
    query = scope["query_string"].decode("latin-1")
    path = scope["path"].removeprefix(PREFIX)
    return Passed(
        method=scope["method"],
        path=f"{path}?{query}" if query else path,
        headers=dict(_going_on(scope)),
        body=body,
    )


def _going_on(scope: HTTPScope) -> Iterator[tuple[str, str]]:
    own = [value for name, value in scope["headers"] if name == b"connection"]
    named = {one.strip().lower() for one in b",".join(own).decode("latin-1").split(",")}
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1")
        if name not in _KEPT_BACK and name not in named and not name.startswith(_KEPT_BACK_PREFIXES):
            yield name, raw_value.decode("latin-1")


def _given_back(headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers:
        lowered = name.lower()
        if lowered in _GIVEN_BACK or is_about_limits(lowered.encode()):
            yield lowered.encode(), value.encode("latin-1", "replace")


def proxy_route(endpoint: ProxyEndpoint) -> HTTPRouteHandler:
    """Return the route."""

    def pass_on() -> ASGIApp:
        """Pass a request on to a provider, unread, where the key allows it by name (`keys.*.proxy`)."""
        return endpoint

    return SelfGuarded(
        ROUTE,
        http_method=list(_METHODS),
        status_code=200,
        sync_to_thread=False,
        include_in_schema=False,
        summary="Pass a request on",
        tags=["proxy"],
    )(pass_on)
