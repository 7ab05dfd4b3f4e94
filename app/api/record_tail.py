"""`/v1/records/tail`: exchanges as they end, as server-sent events (html.spec.whatwg.org, 2026-12).

Whoever comes back with the id of the last event that was seen is shown all that ended behind it. The stream
ends when its reader leaves, or when the service is asked to stop.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter, Parameter
from litestar.response import Stream

from app.access.keys import Keyring
from app.api.access import AdminGuard
from app.api.connection import Drain
from app.api.record_filters import FILTERS, asking_filters, require_known
from app.domain.errors import Overloaded
from app.records.desk import RecordDesk
from app.records.filters import Filter
from app.records.following import Tail
from app.records.plain_rows import PlainRow, json_line
from app.records.reading import UnreadableRecord
from app.secret import Secret
from telemetry import Log

_EVERY_S = 0.5
_LEAST_SHARE = 5
"""Of its time that the database is left alone: so many times as long as it took to answer."""
_ALIVE_S = 15.0
"""Between two signs of life, as the standard advises (section 9.2.7)."""
_ALIVE = b": still here\n\n"
_AWAY = b": the record cannot be read at the moment; trying again\n\n"

_Found = list[tuple[str, PlainRow]]


def tail_route(
    desk: RecordDesk, keyring: Keyring, key: Secret | None, drain: Drain, log: Log
) -> HTTPRouteHandler:
    """Return the route.

    Args:
        desk: follows the record.
        keyring: says who asks.
        key: `fingerprint_key`, under which persons may stand on record.
        drain: begun when the service is asked to stop, which ends all streams.
        log: for who read.
    """

    @get(
        "/v1/records/tail",
        summary="Follow exchanges",
        tags=["records"],
        guards=[AdminGuard(keyring)],
        dependencies=asking_filters(key),
    )
    async def tail_records(
        request: Request[Any, Any, Any],
        asked: NamedDependency[Filter],
        cursor: Annotated[str | None, Parameter(description="`id` of the last event that was seen.")] = None,
        seen: Annotated[
            str | None, HeaderParameter(name="last-event-id", description="The same; goes before `cursor`.")
        ] = None,
    ) -> Stream:
        """Stream exchanges as they end: an event each, with the row as `GET /v1/records` lists it."""
        require_known(request, FILTERS | {"cursor"})
        log.info("records_read", caller=keyring.caller(request.scope["headers"]).name, what="tail")
        with ExitStack() as stack:
            tail = stack.enter_context(desk.tailing(asked, seen or cursor))
            first = await asyncio.to_thread(_first, tail)  # whatever is wrong has its status
            events = _events(tail, first, drain, stack.pop_all())
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return Stream(events, media_type="text/event-stream", headers=headers)

    return tail_records


def _first(tail: Tail) -> _Found:
    try:
        return tail.new()
    except UnreadableRecord:
        message = "The record cannot be read at the moment. Try again."
        raise Overloaded(message, code="records_unavailable") from None


async def _events(tail: Tail, first: _Found, drain: Drain, stack: ExitStack) -> AsyncIterator[bytes]:
    with stack:
        yield _ALIVE + _written(first)
        said = looked = time.monotonic()
        took_s, is_away = 0.0, False
        while not drain.is_begun:
            await asyncio.sleep(max(_EVERY_S, _LEAST_SHARE * took_s))
            looked = time.monotonic()
            try:
                piece, was_away, is_away = _written(await asyncio.to_thread(tail.new)), is_away, False
            except UnreadableRecord:
                piece, was_away, is_away = b"", is_away, True
            now = time.monotonic()
            took_s = now - looked
            if is_away and not was_away:
                piece = _AWAY
            elif not piece and now - said > _ALIVE_S:
                piece = _ALIVE
            if piece:
                said = now
                yield piece


def _written(found: _Found) -> bytes:
    return b"".join(b"id: %b\ndata: %b\n\n" % (cursor.encode(), json_line(row)) for cursor, row in found)
