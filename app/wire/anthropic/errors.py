"""Anthropic's errors as OpenAI's.

The body is `{"type": "error", "error": {"type", "message"}, "request_id"}` (docs.claude.com, "Errors",
2026-11), the same in a stream after a status of 200. A body of another form (Vertex AI's own, a proxy's) is
read as `app/wire/openai/errors.py` reads those of OpenAI-compatible providers.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain.errors import UpstreamRefused
from app.wire.openai.errors import is_final, refusal

_RETRY_HEADERS = ("retry-after", "retry-after-ms", "x-should-retry")
_MAX_ID = 200


class _Kind(msgspec.Struct, frozen=True):
    """What one of the vendor's types of error becomes."""

    status: int
    type: str
    code: str
    retryable: bool | None = None


_KINDS = {
    "invalid_request_error": _Kind(400, "invalid_request_error", "invalid_request_error"),
    "authentication_error": _Kind(401, "authentication_error", "invalid_api_key"),
    "billing_error": _Kind(429, "insufficient_quota", "insufficient_quota", retryable=False),
    "permission_error": _Kind(403, "permission_error", "permission_error"),
    "not_found_error": _Kind(404, "invalid_request_error", "not_found_error"),
    "request_too_large": _Kind(413, "invalid_request_error", "request_too_large"),
    "rate_limit_error": _Kind(429, "rate_limit_error", "rate_limit_exceeded"),
    "api_error": _Kind(500, "server_error", "api_error"),
    "timeout_error": _Kind(504, "server_error", "timeout_error"),
    "overloaded_error": _Kind(503, "server_error", "overloaded"),
}
_TOO_LONG = ("prompt is too long", "exceed context limit", "input is too long", "exceeds the context window")
_UNKNOWN_MODEL = "model:"
"""How the message of a 404 for a model begins."""
_OVERLOADED = 529
_NO_MONEY = "credit balance is too low"
"""An `invalid_request_error` of status 400 that is one of billing."""


def read_refusal(document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
    """Read the body of an error; see `app.wire.format.Format.refusal`."""
    kept = [(name, headers[name]) for name in _RETRY_HEADERS if headers.get(name)]
    request_id = headers.get("request-id")
    if request_id:
        kept.append(("request-id", request_id[:_MAX_ID]))
    found = refusal(document, status, tuple(kept))
    kind = _kind(found)
    if kind is None:
        found.status = 503 if status == _OVERLOADED else status
        return found
    return UpstreamRefused(
        found.message,
        status=kind.status,
        type_=kind.type,
        param=found.param,
        code=kind.code,
        headers=found.headers,
        retryable=False if is_final(found.headers) else kind.retryable,
    )


def refusal_within(document: Any, request_id: str | None) -> UpstreamRefused | None:  # noqa: ANN401 (JSON)
    """Return the error that stands in an answer of status 200, if there is one.

    Args:
        document: a message, or an event of a stream.
        request_id: the vendor's own id of the request.
    """
    if not isinstance(document, dict) or (document.get("type") != "error" and not document.get("error")):
        return None
    named = document.get("request_id") or request_id
    headers = {"request-id": named} if isinstance(named, str) else {}
    return read_refusal(document, 502, headers)


def _kind(found: UpstreamRefused) -> _Kind | None:
    """Return what the error is by the vendor's type and, where that says little, by its message."""
    kind = _KINDS.get(found.upstream_type)
    message = found.message.lower()
    if found.upstream_type == "invalid_request_error":
        if any(words in message for words in _TOO_LONG):
            return _Kind(400, "invalid_request_error", "context_length_exceeded")
        if _NO_MONEY in message:
            return _KINDS["billing_error"]
    if found.upstream_type == "not_found_error" and message.startswith(_UNKNOWN_MODEL):
        return _Kind(404, "invalid_request_error", "model_not_found")
    return kind
