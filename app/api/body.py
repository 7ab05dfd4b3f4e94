"""The body of a request, bounded while it is read."""

from litestar.types import HTTPScope, Receive

from app.api.headers import value_of
from app.domain.errors import RequestTooLarge

_MAX_DIGITS = 18
"""Of a length; more would only be work."""


class CallerLeft(Exception):
    """The caller closed the connection; nobody waits for an answer."""


async def read_body(scope: HTTPScope, receive: Receive, max_bytes: int) -> bytes:
    """Return the body.

    Raises:
        RequestTooLarge: it has, or says to have, more than `max_bytes`. No more than that is ever kept.
        CallerLeft: it did not come to its end.
    """
    if _declared(scope) > max_bytes:
        raise _too_large(max_bytes)
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise CallerLeft
        piece = message["body"]
        size += len(piece)
        if size > max_bytes:
            raise _too_large(max_bytes)
        pieces.append(piece)
        if not message["more_body"]:
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _declared(scope: HTTPScope) -> int:
    """Return what `content-length` says, 0 if there is none: the body may come in chunks."""
    sent = value_of(scope, b"content-length") or b"0"
    return int(sent[:_MAX_DIGITS]) if sent.isdigit() else 0


def _too_large(max_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(f"The body is larger than {max_bytes} bytes (`server.max_body_bytes`).")
