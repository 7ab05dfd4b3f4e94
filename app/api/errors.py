"""Errors outside of exchanges, in the shape of OpenAI's: unknown paths, wrong methods, missing keys, bugs.

Litestar's own error body never reaches a caller.
"""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from app.api.identity import Identities
from app.api.replies import error_headers
from app.crash import crashed
from app.domain.errors import HandrailError, InternalError, InvalidRequest, MethodNotAllowed, UnknownRoute
from telemetry import Log

_CALLER_ERRORS = range(400, 500)


class ErrorHandler:
    """Litestar's exception handler for everything.

    Args:
        identities: gives the request id of the log line.
        log: for bugs.
    """

    def __init__(self, identities: Identities, log: Log) -> None:
        self._identities = identities
        self._log = log

    def __call__(self, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        """Return the response."""
        known = _translated(error)
        if isinstance(known, InternalError):
            identity = self._identities.of(request.scope)
            self._log.error(
                "request_crashed", exchange_id=identity.exchange_id, path=identity.path, exc_info=error
            )
        return Response(
            msgspec.json.encode(known.body()),
            status_code=known.status,
            media_type="application/json",
            headers={
                name.decode(): value.decode()
                for name, value in error_headers(known)
                if name != b"content-type"
            },
        )


def _translated(error: Exception) -> HandrailError:
    match error:
        case HandrailError():
            return error
        case NotFoundException():
            return UnknownRoute("Nothing is served here. The API is described at /docs.")
        case MethodNotAllowedException():
            sent = (error.headers or {}).get("allow", "")
            allowed = tuple(method.strip() for method in sent.split(",") if method.strip())
            return MethodNotAllowed(f"This path takes {', '.join(allowed)} only.", allowed=allowed)
        case HTTPException() if error.status_code in _CALLER_ERRORS:
            refused = InvalidRequest(f"The request cannot be served: {error.detail}")
            refused.status = error.status_code
            return refused
        case _:
            return crashed()
