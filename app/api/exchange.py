"""Chat completions, completions and embeddings, between the socket and the pipeline.

Litestar routes like any others, but their handlers return an ASGI application that does the work itself:
the caller is known before a byte of the body is kept, the body is bounded while it is read, one mechanism
serves whole answers and streams, and a caller who leaves cancels the exchange at once, also while nothing
is being sent. Litestar's own ways to read bodies and to stream answers can do none of this. What the
OpenAPI document says about the routes is in `app/api/chat_schema.py` and `app/api/more_schemas.py`.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import cast

import msgspec
from litestar.types import HTTPScope, Receive, Scope, Send

from app.access.keys import Keyring
from app.account import Call
from app.api.body import CallerLeft, RequestBody
from app.api.connection import Drain, Hold, while_connected
from app.api.headers import call_headers, content_of, require_json
from app.api.identity import Identities
from app.api.replies import Reply
from app.api.told import told_at_first, told_at_last, told_headers, told_members
from app.crash import crashed
from app.domain.errors import HandrailError
from app.domain.events import Blocked, Event, Failed
from app.domain.exchange import UNKNOWN
from app.domain.operation import Operation
from app.pipeline import Exchange, Pipeline
from app.routing.wish import Wish
from app.secret import Secret
from app.wire.openai.completion_stream import CompletionWriter, writer_of
from app.wire.openai.errors import blocked_body
from app.wire.openai.stream import ChunkWriter
from guardrails import Side
from telemetry import Log, names

PATHS = {
    Operation.CHAT: "/v1/chat/completions",
    Operation.COMPLETION: "/v1/completions",
    Operation.EMBEDDINGS: "/v1/embeddings",
}
PATH = PATHS[Operation.CHAT]


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """What stands between a socket and the pipeline, whatever is asked for."""

    pipeline: Pipeline
    """Runs exchanges."""
    keyring: Keyring
    """Says who is calling."""
    identities: Identities
    """Gives each request its ids."""
    drain: Drain
    """Ends what takes too long when the service stops."""
    max_body_bytes: int
    """Of a request."""
    body_timeout_s: float
    """For all of it to come."""
    log: Log
    """For bugs."""


class ExchangeEndpoint:
    """The ASGI application behind one route.

    Args:
        serving: shared by all routes.
        operation: what is asked for here.
    """

    def __init__(self, serving: Serving, operation: Operation = Operation.CHAT) -> None:
        self._pipeline = serving.pipeline
        self._keyring = serving.keyring
        self._identities = serving.identities
        self._drain = serving.drain
        self._max_body_bytes, self._body_timeout_s = serving.max_body_bytes, serving.body_timeout_s
        self._log = serving.log
        self._operation = operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        reply = Reply(send)
        with self._drain.holding() as hold:
            try:
                await self._serve(cast("HTTPScope", scope), receive, reply, hold)
            except asyncio.CancelledError:
                if hold.error is None:
                    raise
                hold.task.uncancel()
                await reply.error(await hold.kept() or hold.error)

    async def _serve(self, scope: HTTPScope, receive: Receive, reply: Reply, hold: Hold) -> None:
        call, body = self._call(scope), RequestBody(scope, receive)
        hold.abort = lambda error: self._pipeline.begin(call).reject(error)
        try:
            call = msgspec.structs.replace(call, caller=self._keyring.caller(scope["headers"]))
            require_json(scope)
            asked = call_headers(scope)
            call = msgspec.structs.replace(
                call,
                guardrails=asked.guardrails,
                metadata=asked.metadata,
                headers=scope["headers"],
                strict=asked.strict,
                wish=self._with_key(asked.wish, scope),
                cache=asked.cache,
            )
            content = await body.read(self._max_body_bytes, self._body_timeout_s)
            call = msgspec.structs.replace(call, body=content)
        except HandrailError as error:
            hold.abort = None
            await self._reject(call, error, body, reply)
        except CallerLeft:
            self._log.debug("caller_left_while_asking", exchange_id=call.exchange_id)
        else:
            exchange = self._pipeline.begin(call)
            hold.abort, hold.kept = exchange.abort, exchange.kept
            await self._run(exchange, call.exchange_id, receive, reply)

    def _with_key(self, wish: Wish, scope: HTTPScope) -> Wish:
        """Return the wish with the key that came for the provider it names."""
        if wish.provider is None or (key := self._keyring.providers_key(scope["headers"])) is None:
            return wish
        return msgspec.structs.replace(wish, key=Secret(key))

    def _call(self, scope: HTTPScope) -> Call:
        identity = self._identities.of(scope)
        identity.trace.root.attributes[names.HTTP_ROUTE] = PATHS[self._operation]
        return Call(
            exchange_id=identity.exchange_id,
            started_ns=identity.started_ns,
            method=scope["method"],
            path=scope["path"],
            trace=identity.trace,
            caller=UNKNOWN,
            operation=self._operation,
            caller_trace_id=identity.caller_trace_id,
            content=content_of(scope),
        )

    async def _reject(self, call: Call, error: HandrailError, body: RequestBody, reply: Reply) -> None:
        exchange = self._pipeline.begin(call)
        exchange.reject(error)
        with suppress(CallerLeft):
            await body.discard()
            await reply.error(await exchange.kept() or error)

    async def _run(self, exchange: Exchange, exchange_id: str, receive: Receive, reply: Reply) -> None:
        try:
            async with while_connected(receive):
                await _answer(exchange, reply)
        except* CallerLeft:
            pass  # nobody is there to be told; the exchange is on record as cancelled
        except* Exception as group:  # noqa: BLE001 (the edge of a request)
            self._log.error("reply_crashed", exchange_id=exchange_id, exc_info=group)
            await reply.error(await exchange.kept() or crashed())


async def _answer(exchange: Exchange, reply: Reply) -> None:
    """Send what the exchange releases. The status is decided by its first event.

    A whole answer is sent when the exchange is over and on record, the last piece of a stream likewise.
    """
    async with aclosing(exchange.events()) as events:
        last = await anext(events)
        if _begins_stream(exchange, last):
            try:
                await _stream(exchange, last, events, reply)
            except Exception:
                exchange.abort(crashed())  # no caller who left: the record says what he is told
                raise
            return
        async for event in events:
            last = event
    told, headers = told_members(exchange), told_headers(exchange, last)
    match last:
        case Failed(error):
            await reply.error(error, headers, told)
        case Blocked(verdict):
            await reply.blocked(blocked_body(verdict) | told, headers)
        case _:
            await reply.document(exchange.fold.document() | told, headers, exchange.told.status)


def _begins_stream(exchange: Exchange, first: Event) -> bool:
    if exchange.request is None or not exchange.request.stream or isinstance(first, Failed):
        return False
    return not (isinstance(first, Blocked) and first.verdict.side is Side.INPUT)


async def _stream(exchange: Exchange, first: Event, events: AsyncGenerator[Event], reply: Reply) -> None:
    assert exchange.request is not None, "an exchange without a request has failed"
    writer = writer_of(exchange.request)
    await reply.stream(told_headers(exchange, first), exchange.told.status)
    if (told := told_at_first(exchange)) is not None:
        writer.write(told)
    if data := _written(exchange, first, writer):
        await reply.piece(data)
    async for event in events:
        if data := _written(exchange, event, writer):
            await reply.piece(data)
    if (told := told_at_last(exchange)) is not None:
        writer.write(told)
    if data := writer.close():
        await reply.piece(data)
    await reply.end()


def _written(exchange: Exchange, event: Event, writer: ChunkWriter | CompletionWriter) -> bytes:
    if isinstance(event, Blocked | Failed):
        writer.beside_error = told_members(exchange)
    return writer.write(event)
