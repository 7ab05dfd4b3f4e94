"""What is sent back: a document, an error, or a stream that may still end in one."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar.types import Send

from app.account import BLOCKED_STATUS
from app.domain.errors import (
    GatewayError,
    HandrailError,
    MethodNotAllowed,
    Overloaded,
    Unauthenticated,
    UpstreamRefused,
)

Headers = Sequence[tuple[bytes, bytes]]

_JSON = (b"content-type", b"application/json")
FINAL = (b"x-should-retry", b"false")
"""OpenAI's SDKs obey it (providers' own retries are asked for by status and `retry-after`)."""
_OURS = (b"x-portkey-gateway-exception", b"true")
"""Portkey's word for an error that no provider made."""
_STREAM: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
"""Nobody between us and the caller shall keep a stream or wait for its end (the last one is nginx's)."""
_RETRY_HEADERS = frozenset({"retry-after", "retry-after-ms"})


def error_headers(error: HandrailError) -> Headers:
    """Return what tells a client whether, when and how to try again."""
    headers = [_JSON]
    if not error.retryable:
        headers.append(FINAL)
    if isinstance(error, GatewayError):
        headers.append(_OURS)
    match error:
        case UpstreamRefused():
            headers += [
                (name.lower().encode(), value.encode("latin-1"))
                for name, value in error.headers
                if name.lower() in _RETRY_HEADERS and value.isascii() and value.isprintable()
            ]
        case Overloaded():
            headers.append((b"retry-after", b"1"))
        case Unauthenticated():
            headers.append((b"www-authenticate", b"Bearer"))
        case MethodNotAllowed() if error.allowed:
            headers.append((b"allow", ", ".join(error.allowed).encode()))
        case _:
            pass
    return headers


class Reply:
    """The response to one request, begun at most once and ended at most once.

    Whoever is cancelled while he sends cannot know what of it went out. So a step counts as taken before it
    is tried, and an error that comes when a whole answer has been begun, or a stream ended, is not told any
    more: a second beginning would break the connection, or be read as the answer to the next request.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False
        self._ended = False

    async def document(self, document: Mapping[str, Any], told: Headers = (), status: int = 200) -> None:
        """Answer with a JSON document.

        Args:
            document: the answer.
            told: further headers, here and below: what is to be known about the exchange.
            status: of the response.
        """
        await self._whole(status, [_JSON, *told], msgspec.json.encode(document))

    async def blocked(self, document: Mapping[str, Any], told: Headers = ()) -> None:
        """Answer that a guardrail blocked. The same request would be blocked again."""
        await self._whole(BLOCKED_STATUS, [_JSON, FINAL, *told], msgspec.json.encode(document))

    async def error(
        self, error: HandrailError, told: Headers = (), beside: Mapping[str, Any] | None = None
    ) -> None:
        """Answer with an error, or end a stream with one: as an event then, for the status is long out.

        Args:
            error: the error.
            told: as above.
            beside: further members of the body.
        """
        if self._ended:
            return
        body = msgspec.json.encode({**error.body(), **(beside or {})})
        if self._begun:
            await self.piece(b"data: " + body + b"\n\n")
            await self.end()
        else:
            await self._whole(error.status, [*error_headers(error), *told], body)

    async def stream(self, told: Headers = (), status: int = 200) -> None:
        """Begin a stream of server-sent events."""
        self._begun = True
        headers = [*_STREAM, *told]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def passed(self, status: int, headers: Headers) -> None:
        """Begin an answer that is passed on; what goes wrong then can only be told by breaking it off."""
        self._begun = self._ended = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def piece(self, data: bytes) -> None:
        """Send a piece of the stream; waits while the caller is too slow to take it."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        """End the stream."""
        self._ended = True
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _whole(self, status: int, headers: Headers, body: bytes) -> None:
        self._begun = self._ended = True
        headers = [*headers, (b"content-length", str(len(body)).encode())]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})
