"""The body of a request, bounded while it is read."""

import asyncio

from litestar.types import HTTPScope, Receive

from app.api.headers import value_of
from app.domain.errors import RequestTimeout, RequestTooLarge

_MAX_DIGITS = 18
"""Of a length; more would only be work."""
_PIECE_S = 30.0
"""What a caller may take for the next piece of a body. Clients send what they have at once; one that does not
holds a connection and what it has sent so far."""
_DISCARD_S = 2.0
_DISCARD_BYTES = 64 * 1024 * 1024


class CallerLeft(Exception):
    """The caller closed the connection; nobody waits for an answer."""


class RequestBody:
    """The body of one request, read once or not at all.

    Args:
        scope: of the request.
        receive: its messages.
    """

    def __init__(self, scope: HTTPScope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self._ended = False

    async def read(self, max_bytes: int, timeout_s: float) -> bytes:
        """Return the body.

        Args:
            max_bytes: of it.
            timeout_s: for all of it: one that comes byte by byte never stops coming.

        Raises:
            RequestTooLarge: it has, or says to have, more than `max_bytes`. No more than that is ever kept.
            RequestTimeout: nothing of it came for 30 s, or it was not all there in time.
            CallerLeft: it did not come to its end.
        """
        if self._declared() > max_bytes:
            raise _too_large(max_bytes)
        pieces: list[bytes] = []
        size = 0
        ends_s = asyncio.get_running_loop().time() + timeout_s
        while not self._ended:
            piece = await self._piece_before(ends_s, timeout_s)
            size += len(piece)
            if size > max_bytes:
                raise _too_large(max_bytes)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def discard(self) -> None:
        """Take what is still coming and keep nothing of it, within bounds of time and size.

        Most clients send all of a request before they look for an answer. If the connection were closed
        under them, they would report a broken connection, and try again, instead of the error we have to
        tell. One that waits to be asked for its body (`expect`, RFC 9110 section 10.1.1) is not asked.

        Raises:
            CallerLeft: nobody waits for the error.
        """
        if value_of(self._scope, b"expect"):
            return
        left = _DISCARD_BYTES
        try:
            async with asyncio.timeout(_DISCARD_S):
                while not self._ended and left > 0:
                    left -= len(await self._piece())
        except TimeoutError:
            return

    async def _piece_before(self, ends_s: float, timeout_s: float) -> bytes:
        left_s = ends_s - asyncio.get_running_loop().time()
        if left_s <= 0:
            raise _too_slow(timeout_s)
        try:
            async with asyncio.timeout(min(_PIECE_S, left_s)):
                return await self._piece()
        except TimeoutError:
            if left_s <= _PIECE_S:
                raise _too_slow(timeout_s) from None
            message = f"Nothing more of the body came for {_PIECE_S:.0f} s; it had not ended."
            raise RequestTimeout(message) from None

    async def _piece(self) -> bytes:
        message = await self._receive()
        if message["type"] != "http.request":
            raise CallerLeft
        self._ended = not message["more_body"]
        return message["body"]

    def _declared(self) -> int:
        """Return what `content-length` says, 0 if there is none: the body may come in chunks."""
        sent = value_of(self._scope, b"content-length") or b""
        return int(sent[:_MAX_DIGITS]) if sent.isdigit() else 0


def _too_slow(timeout_s: float) -> RequestTimeout:
    return RequestTimeout(f"The body was not all there within {timeout_s:g} s (`server.body_timeout_ms`).")


def _too_large(max_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(f"The body is larger than {max_bytes} bytes (`server.max_body_bytes`).")
