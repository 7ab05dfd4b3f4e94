"""`/metrics`, for Prometheus and whoever else scrapes: who may, and what is told.

It says which callers there are, what they cost and how often guardrails acted, so not everybody may read it.
Without keys anybody on this machine may, who may call as well; with keys only those with `admin: true`, and
whoever has the token `metrics.token`.
"""

import asyncio
import hmac
from collections.abc import Callable
from typing import Any, cast

from litestar import Request, Response, get
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import HTTPScope

from app.access.keys import Keyring
from app.api.access import PUBLIC
from app.api.headers import value_of
from app.domain.errors import NotAllowed
from app.secret import Secret
from telemetry.exposition import exposition
from telemetry.metrics import Snapshot

PATH = "/metrics"


class ScrapeGuard:
    """A litestar guard: who may read metrics.

    Args:
        keyring: says who is calling.
        is_open: whether there are no keys.
        token: that may be sent instead of a key.
    """

    def __init__(self, keyring: Keyring, token: Secret | None, *, is_open: bool) -> None:
        self._keyring = keyring
        self._is_open = is_open and token is None
        self._token = None if token is None else token.reveal().encode()

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
    ) -> None:
        """Let the request pass.

        Raises:
            Unauthenticated: a key is needed.
            NotAllowed: it is no administrator's.
        """
        if self._is_open or self._has_token(connection):
            return
        if not self._keyring.caller(connection.scope["headers"]).admin:
            raise NotAllowed(
                "Only a gateway key with `admin: true`, or the token `metrics.token`, may read metrics."
            )

    def _has_token(self, connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
        sent = value_of(cast("HTTPScope", connection.scope), b"authorization") or b""
        scheme, _, token = sent.partition(b" ")
        known = self._token
        return known is not None and scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), known)


def metrics_route(guard: ScrapeGuard, collect: Callable[[], Snapshot]) -> HTTPRouteHandler:
    """Return the route.

    Args:
        guard: says who may.
        collect: returns the metrics of all workers; is called in a thread.
    """

    @get(PATH, opt=PUBLIC, guards=[guard], summary="Metrics, for Prometheus", tags=["health"])
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the metrics of all workers, as Prometheus's text or as OpenMetrics with exemplars."""
        accept = request.headers.get("accept", "")
        text, content_type = await asyncio.to_thread(lambda: exposition(collect(), accept))
        return Response(text.encode(), headers={"content-type": content_type, "cache-control": "no-store"})

    return metrics
