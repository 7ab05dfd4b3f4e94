"""Everything that can go wrong with an exchange, and whose fault it was.

    HandrailError
    ├── CallerError                 the request could not be served as it stands
    │   ├── InvalidRequest          400  a field is missing, of the wrong type or out of bounds
    │   ├── Unauthenticated         401  no gateway key, or an unknown one
    │   ├── NotAllowed              403  the key may not do this
    │   ├── UnknownModel            404  no provider serves it
    │   ├── UnknownRoute            404
    │   ├── NotOnRecord             404  no exchange, feedback, hold or question is called so
    │   ├── MethodNotAllowed        405
    │   ├── RequestTimeout          408  the body did not come
    │   ├── RequestTooLarge         413
    │   ├── UnsupportedMediaType    415
    │   └── RecordsBusy             429  as many as may read or change the record do
    ├── UpstreamError               the provider failed
    │   ├── UpstreamRefused         its status: it answered with an error
    │   ├── UpstreamUnreachable     502  refused, reset, no such host
    │   ├── UpstreamBroken          502  answered something that is not a completion, or half of one
    │   ├── UpstreamUnauthorized    502  our credentials for it cannot be had
    │   └── UpstreamTimeout         504
    │       ├── UpstreamUnconnected 504  no connection in time
    │       └── AttemptTimeout      408  within the time that the caller or its config gave
    └── GatewayError                we failed
        ├── NotServed               501  a part of Portkey's API that is about its own service
        ├── Overloaded              503  records cannot be kept, so nothing new is begun
        │   └── JournalFull         503  nor in the journal
        ├── ShuttingDown            503  the service was told to stop
        └── InternalError           500

Each class knows its HTTP status and the `type` and `code` of OpenAI's error body (platform.openai.com/docs,
error-codes, 2026-11), so that the answer is decided where the error is known. Foreign exceptions become one
of these where an adapter meets them. A guardrail that blocks is an outcome (see `app/domain/events.py`).
"""

from typing import Any, ClassVar

from app.domain.exchange import Outcome


class HandrailError(Exception):
    """What a caller is told; abstract.

    Args:
        message: what went wrong and the way out, without any content of the exchange.
        param: the field it is about, as callers write it: `messages[0].role`.
        code: overrides the class's code, for a more exact word.
    """

    status: int = 500
    type: ClassVar[str] = "server_error"
    code: str | None = None
    outcome: ClassVar[Outcome] = Outcome.FAILED
    """How an exchange ends that meets it."""
    retryable: bool = False
    """Whether the same request may succeed later: whether a client's own retry makes sense."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return self.message

    def body(self) -> dict[str, Any]:
        """Return OpenAI's error body, as a status body and as the data of a server-sent event alike."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


class CallerError(HandrailError):
    """The request could not be served as it stands."""

    outcome = Outcome.REJECTED
    type = "invalid_request_error"


class InvalidRequest(CallerError):
    """A field is missing, of the wrong type or out of bounds; `param` names it."""

    status = 400


class Unauthenticated(CallerError):
    """No gateway key, or an unknown one."""

    status = 401
    type = "authentication_error"
    code = "invalid_api_key"


class NotAllowed(CallerError):
    """The caller's key may not do this."""

    status = 403
    type = "permission_error"
    code = "not_allowed"


class UnknownModel(CallerError):
    """No configured provider serves this model."""

    status = 404
    code = "model_not_found"


class NotOnRecord(CallerError):
    """Nothing on record is called so, of what the caller may see; `code` says what was looked for."""

    status = 404
    code = "exchange_not_found"


class UnknownRoute(CallerError):
    """Nothing is served at this path."""

    status = 404
    code = "unknown_url"


class MethodNotAllowed(CallerError):
    """The path is served, by another method.

    Args:
        allowed: the methods it is served by.
    """

    status = 405
    code = "method_not_allowed"

    def __init__(self, message: str, *, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.allowed = allowed


class RequestTimeout(CallerError):
    """The body stopped coming before its end. Another try may have a better connection."""

    status = 408
    code = "request_timeout"
    retryable = True


class RequestTooLarge(CallerError):
    """The body is larger than `server.max_body_bytes`."""

    status = 413
    code = "request_too_large"


class UnsupportedMediaType(CallerError):
    """The body is not JSON by its own account."""

    status = 415
    code = "unsupported_media_type"


class RecordsBusy(CallerError):
    """As many as may read or change the record do at this moment."""

    status = 429
    type = "rate_limit_error"
    code = "records_busy"


class UpstreamError(HandrailError):
    """The provider failed. `upstream_status` is its HTTP status, None if there was none."""

    outcome = Outcome.UPSTREAM_ERROR
    type = "upstream_error"
    retryable = True
    upstream_status: int | None = None


class UpstreamRefused(UpstreamError):
    """The provider answered with an error; its status, type, param and code are passed on.

    Args:
        message: the provider's own, credentials taken out.
        status: its HTTP status, 400 to 599.
        type_: its `error.type`.
        headers: those a client's retry depends on (`retry-after`, `retry-after-ms`).
        retryable: whether the same request may succeed later; None: as its status says.
    """

    def __init__(  # noqa: PLR0913 (the fields of the wire)
        self,
        message: str,
        *,
        status: int,
        type_: str | None = None,
        param: str | None = None,
        code: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message, param=param, code=code)
        self.retryable = _may_pass(status, code) if retryable is None else retryable
        self.status = status
        self.upstream_status = status
        self.upstream_type = type_ or "upstream_error"
        self.headers = headers
        self.provider: str | None = None
        """Slug, once that is known."""

    def body(self) -> dict[str, Any]:
        """Return OpenAI's error body with the provider's own type, and the provider beside it as Portkey."""
        body = super().body()
        body["error"]["type"] = self.upstream_type
        return body if self.provider is None else body | {"provider": self.provider}


def _may_pass(status: int, code: str | None) -> bool:
    """Whether a provider's error may be over the next time (RFC 9110; 529 is Anthropic's).

    A spent budget has the status of a rate limit, and does not come back by waiting a moment.
    """
    return (status in {408, 409, 425, 429} or status >= 500) and code != "insufficient_quota"  # noqa: PLR2004 (HTTP)


class UpstreamUnreachable(UpstreamError):
    """No answer: connection refused, reset, no such host."""

    status = 502
    code = "upstream_unreachable"


class UpstreamBroken(UpstreamError):
    """The answer is not a completion, or only half of one."""

    status = 502
    code = "upstream_broken"


class UpstreamUnauthorized(UpstreamError):
    """What the provider wants to know us by cannot be had: no token, no credentials where they should be."""

    status = 502
    code = "upstream_unauthorized"


class UpstreamTimeout(UpstreamError):
    """No connection, no first byte or no next byte in time."""

    status = 504
    code: str | None = "upstream_timeout"


class UpstreamUnconnected(UpstreamTimeout):
    """No connection in time, so that nothing was sent."""


class AttemptTimeout(UpstreamTimeout):
    """The answer did not begin in the time that the caller or a config gave: Portkey's status and type."""

    status = 408
    type = "timeout_error"
    code = None


class GatewayError(HandrailError):
    """We failed."""


class NotServed(GatewayError):
    """A part of Portkey's API that is about its own service."""

    status = 501
    code = "not_served"


class Overloaded(GatewayError):
    """Records cannot be kept at this rate, so nothing new is begun: nothing is answered off the record."""

    status = 503
    code = "records_backlog_full"
    retryable = True


class JournalFull(Overloaded):
    """The database of the records is away, and the journal that stands in for it takes no more."""

    code = "records_journal_full"


class ShuttingDown(GatewayError):
    """The service was told to stop, and this exchange took longer than it could wait."""

    status = 503
    code = "shutting_down"
    retryable = True


class InternalError(GatewayError):
    """A fault of ours. The message says nothing but that; the log has the rest under the request id."""

    status = 500
    code = "internal_error"
