"""Google's errors: `google.rpc.Status` in JSON, alone or in a list, as a body or inside an answer.

What a status means for a caller is in google/rpc/code.proto; what stands in `details` in
google/rpc/error_details.proto. Sentences are matched where no field says it: a key that is not valid is an
INVALID_ARGUMENT, and so is a prompt that is too long (ai.google.dev/gemini-api/docs/troubleshooting,
2026-11).
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.errors import UpstreamRefused

_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INTERNAL": 500,
    "DATA_LOSS": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}
"""OpenAI's `type` for a status; else by its hundreds."""
_BAD_KEY = re.compile(r"api key (not valid|expired|not found)|valid api key", re.IGNORECASE)
_TOO_LONG = re.compile(r"exceeds? the maximum number of (input )?tokens", re.IGNORECASE)
_DAILY = re.compile(r"per_?day|daily", re.IGNORECASE)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")
"""google.protobuf.Duration in JSON."""
_RETRY_HEADERS = ("retry-after", "retry-after-ms")
_MAX_MESSAGE = 2000
"""Characters of a message that are passed on, as for every provider (app/wire/openai/errors.py)."""
_MAX_WORD = 200


def refusal(document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
    """Read the body of an error.

    Args:
        document: decoded JSON, text where it was none, None where it could not be read.
        status: of the response, 400 to 599.
        headers: of the response, in lower case.
    """
    error = _error(document)
    message = _text(error.get("message")) or f"The provider answered with status {status}."
    details = [detail for detail in _list(error.get("details")) if isinstance(detail, dict)]
    word = error.get("status")
    code = word[:_MAX_WORD] if isinstance(word, str) and word else None
    retryable = None
    if _BAD_KEY.search(message) or any(detail.get("reason") == "API_KEY_INVALID" for detail in details):
        status, code = 401, "invalid_api_key"
    elif status == 400 and _TOO_LONG.search(message):  # noqa: PLR2004 (HTTP)
        code = "context_length_exceeded"
    elif status == 404:  # noqa: PLR2004
        code = "model_not_found"
    elif status == 429:  # noqa: PLR2004
        is_spent = any(_DAILY.search(quota) for quota in _quotas(details))
        code, retryable = ("insufficient_quota", False) if is_spent else ("rate_limit_exceeded", None)
    kind = "insufficient_quota" if code == "insufficient_quota" else _type(status)
    return UpstreamRefused(
        message,
        status=status,
        type_=kind,
        code=code,
        headers=_retry_headers(headers, details),
        retryable=retryable,
    )


def refusal_within(document: object) -> UpstreamRefused | None:
    """Return the error that stands where an answer should be (status 200), if there is one."""
    if isinstance(document, list) and document:
        document = document[0]
    if not isinstance(document, dict) or not document.get("error"):
        return None
    error = _error(document)
    code, word = error.get("code"), error.get("status")
    if isinstance(code, int) and not isinstance(code, bool) and 400 <= code <= 599:  # noqa: PLR2004 (HTTP)
        return refusal(document, code, {})
    return refusal(document, _STATUS.get(word, 502) if isinstance(word, str) else 502, {})


def _error(document: object) -> dict[str, Any]:
    """Return the status object from wherever it is."""
    if isinstance(document, list) and document:
        return _error(document[0])
    if not isinstance(document, dict):
        return {"message": document}
    error = document.get("error", document)
    return error if isinstance(error, dict) else {"message": document.get("error_description") or error}


def _text(value: object) -> str | None:
    return value.strip()[:_MAX_MESSAGE] or None if isinstance(value, str) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _type(status: int) -> str:
    return _TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request_error")  # noqa: PLR2004 (HTTP)


def _quotas(details: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the names of the quotas that were used up."""
    for detail in details:
        for violation in _list(detail.get("violations")):
            if isinstance(violation, dict):
                yield " ".join(str(violation.get(key) or "") for key in ("quotaId", "quotaMetric", "subject"))


def _retry_headers(headers: Mapping[str, str], details: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Return when to try again: as the response says it, else as `RetryInfo` does, in whole seconds."""
    given = tuple((name, headers[name]) for name in _RETRY_HEADERS if headers.get(name))
    for detail in () if given else details:
        delay = detail.get("retryDelay")
        found = _DURATION.fullmatch(delay) if isinstance(delay, str) else None
        if found is not None:
            return (("retry-after", str(math.ceil(float(found[1])))),)
    return given
