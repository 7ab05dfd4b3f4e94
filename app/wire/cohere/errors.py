"""Cohere's error bodies: `{"message": ...}` and a status, in OpenAI's words.

Statuses and texts from docs.cohere.com/reference/errors and the cohere SDK 7.3 (`cohere.errors`), 2026-11.
Two things only the text says: whether a 429 is over in a minute or next month, and which of its two meanings
a 498 has (the SDK: an invalid token; the documentation: a request that was blocked).
"""

import re
from collections.abc import Mapping

from app.domain.errors import UpstreamRefused
from app.wire.openai import errors as openai_errors

_RETRY_HEADERS = ("retry-after", "retry-after-ms")
"""What the SDKs wait by."""
_INVALID_TOKEN = 498
_CANCELLED = 499
_WORDS = {
    400: ("invalid_request_error", None),
    401: ("authentication_error", "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_quota"),
    403: ("permission_error", None),
    404: ("invalid_request_error", None),
    422: ("invalid_request_error", None),
    429: ("rate_limit_error", "rate_limit_exceeded"),
}
_MONTHLY = re.compile(r"(?:\bper|\ba|/) ?month|monthly", re.IGNORECASE)
_BLOCKED = re.compile(r"block|unsafe|violat|guideline", re.IGNORECASE)
_TOO_LONG = re.compile(r"too many tokens|context length|maximum context|prompt is too long", re.IGNORECASE)
_MODEL = re.compile(r"\bmodel\b", re.IGNORECASE)


def refusal(document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
    """Read the body of an error; see `app.wire.format.Format.refusal`."""
    kept = tuple((name, headers[name]) for name in _RETRY_HEADERS if headers.get(name))
    read = openai_errors.refusal(document, status, kept)
    status, type_, code, retryable = _meaning(status, read.message)
    error = UpstreamRefused(
        read.message,
        status=status,
        type_=type_,
        param=read.param,
        code=code,
        headers=kept,
        retryable=retryable,
    )
    error.upstream_status = read.upstream_status
    return error


def _meaning(status: int, message: str) -> tuple[int, str, str | None, bool | None]:
    """Return status, type, code, and whether another try makes sense; None: as the status says."""
    if status == _INVALID_TOKEN:
        if _BLOCKED.search(message):
            return 400, "invalid_request_error", "content_filter", False
        status = 401
    if status == _CANCELLED:  # nobody here did; to a caller it is the provider's failure
        return 502, "server_error", None, True
    type_, code = _WORDS.get(status, ("server_error" if status >= 500 else "invalid_request_error", None))  # noqa: PLR2004 (HTTP)
    if status == 402:  # noqa: PLR2004
        return 429, type_, code, False
    if status == 429 and _MONTHLY.search(message):  # noqa: PLR2004
        return 429, "insufficient_quota", "insufficient_quota", False
    if status == 400 and _TOO_LONG.search(message):  # noqa: PLR2004
        code = "context_length_exceeded"
    if status == 404 and _MODEL.search(message):  # noqa: PLR2004
        code = "model_not_found"
    return status, type_, code, False if status == 501 else None  # noqa: PLR2004
