"""Bedrock's errors: by the name of AWS's exception, whether it came with a status or inside a stream.

Where a status would make a client do the wrong thing, another is given: a model's time-out (408) would be
taken for the caller's own, a quota (400) for a bad request, credentials of ours (403) for a prohibition, a
model that fails (424) for a dependency of the caller's. (Amazon Bedrock API Reference, "Common errors" and
Converse's own, 2026-11.)
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain.errors import UpstreamRefused

_MAX_MESSAGE = 2000
_MAX_WORD = 200
_TOO_LONG = re.compile(
    r"too long|context (?:length|window)|maximum (?:context|number of tokens)|too many input tokens",
    re.IGNORECASE,
)
_RETRY_HEADERS = ("retry-after", "retry-after-ms")


class _Meaning(msgspec.Struct, frozen=True):
    status: int
    type: str
    code: str | None = None


_UNAUTHORIZED = _Meaning(401, "authentication_error", "invalid_api_key")
_BUSY = _Meaning(429, "rate_limit_error", "rate_limit_exceeded")
_MEANINGS = {
    "validationexception": _Meaning(400, "invalid_request_error"),
    "serializationexception": _Meaning(400, "invalid_request_error"),
    "conflictexception": _Meaning(400, "invalid_request_error"),
    "accessdeniedexception": _Meaning(403, "permission_error", "access_denied"),
    "resourcenotfoundexception": _Meaning(404, "invalid_request_error", "model_not_found"),
    "unknownoperationexception": _Meaning(404, "invalid_request_error"),
    "modeltimeoutexception": _Meaning(504, "server_error", "model_timeout"),
    "modelerrorexception": _Meaning(502, "server_error", "model_error"),
    "modelstreamerrorexception": _Meaning(502, "server_error", "model_error"),
    "modelnotreadyexception": _Meaning(503, "server_error", "model_not_ready"),
    "throttlingexception": _BUSY,
    "toomanyrequestsexception": _BUSY,
    "servicequotaexceededexception": _Meaning(429, "insufficient_quota", "insufficient_quota"),
    "internalserverexception": _Meaning(500, "server_error"),
    "internalfailure": _Meaning(500, "server_error"),
    "serviceunavailableexception": _Meaning(503, "server_error", "overloaded"),
    "unrecognizedclientexception": _UNAUTHORIZED,
    "invalidsignatureexception": _UNAUTHORIZED,
    "expiredtokenexception": _UNAUTHORIZED,
    "incompletesignatureexception": _UNAUTHORIZED,
    "missingauthenticationtokenexception": _UNAUTHORIZED,
    "invalidclienttokenid": _UNAUTHORIZED,
    "signaturedoesnotmatch": _UNAUTHORIZED,
}
"""By name in lower case: streams write `throttlingException`, headers `ThrottlingException`."""


def refusal(document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
    """Read the body of an error; see `app.wire.format.Format.refusal`."""
    fields = document if isinstance(document, dict) else {"message": document}
    name = headers.get("x-amzn-errortype") or fields.get("__type") or fields.get("code") or ""
    kept = tuple((header, headers[header]) for header in _RETRY_HEADERS if headers.get(header))
    return _refused(str(name), _message(fields), status, kept)


def refusal_in_stream(name: str, fields: dict[str, Any]) -> UpstreamRefused:
    """Read an error that came after status 200.

    Args:
        name: of the exception.
        fields: of its payload.
    """
    return _refused(name, _message(fields), 502, ())


def _refused(
    name: str, message: str | None, status: int, headers: tuple[tuple[str, str], ...]
) -> UpstreamRefused:
    """Return the error.

    Args:
        name: perhaps with a namespace before it (`com.amazon.coral#`) and an address behind (`:http://`).
        message: the provider's own.
        status: as it came, for exceptions nobody knows.
        headers: to pass on.
    """
    name = name.partition(":")[0].rpartition("#")[2].strip()[:_MAX_WORD]
    meaning = _MEANINGS.get(name.lower()) or _Meaning(status, "upstream_error", name or None)
    code = meaning.code
    if meaning.status == 400 and message and _TOO_LONG.search(message):  # noqa: PLR2004 (HTTP)
        code = "context_length_exceeded"
    return UpstreamRefused(
        message or f"The provider answered with {name or f'status {status}'}.",
        status=meaning.status,
        type_=meaning.type,
        code=code,
        headers=headers,
    )


def _message(fields: dict[str, Any]) -> str | None:
    for key in ("message", "Message", "originalMessage"):
        text = fields.get(key)
        if isinstance(text, str) and text:
            return text[:_MAX_MESSAGE]
    return None
