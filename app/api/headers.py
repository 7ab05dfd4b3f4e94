"""What the headers of a chat completion say, beside who is calling (`app/access/keys.py`)."""

from typing import Any

import msgspec
from litestar.types import HTTPScope

from app.api.wish_headers import wish_of
from app.cache.wish import NO_CACHE_WISH, CacheWish
from app.domain.content import Content
from app.domain.errors import InvalidRequest, UnsupportedMediaType
from app.policy import HEADER as GUARDRAILS_HEADER
from app.routing.wish import NO_WISH, Wish
from app.wire.strict_json import decode_object

METADATA_HEADER = "x-portkey-metadata"
STRICT_HEADER = "x-portkey-strict-open-ai-compliance"
REFRESH_HEADER = "x-portkey-cache-force-refresh"
NAMESPACE_HEADER = "x-portkey-cache-namespace"
DEBUG_HEADER = "x-portkey-debug"
_MAX_METADATA_BYTES = 16 * 1024
_MAX_METADATA_DEPTH = 8
_MAX_GUARDRAILS = 64
"""Names one request may add; each selection is compiled once, so it must not be arbitrarily large."""


class CallHeaders(msgspec.Struct, frozen=True):
    """What a caller asks for by header."""

    guardrails: tuple[str, ...] = ()
    """Names of guardrails to add, without repetitions, not yet known to exist."""
    metadata: dict[str, Any] | None = None
    strict: bool = True
    """Whether answers must keep to OpenAI's vocabulary. Only a literal `false` says no; Portkey's own Python
    SDK sends it unless told otherwise."""
    wish: Wish = NO_WISH
    cache: CacheWish = NO_CACHE_WISH


def value_of(scope: HTTPScope, name: bytes) -> bytes | None:
    """Return the first header of this name (in lower case) without surrounding spaces, or None."""
    for key, value in scope["headers"]:
        if key == name:
            return value.strip()
    return None


def require_json(scope: HTTPScope) -> None:
    """Make sure that the body says to be JSON.

    A browser asks before it sends that type to another origin, and is not allowed to; the types it sends
    without asking are refused. So no web page can use a gateway on its visitor's loopback.

    Raises:
        UnsupportedMediaType: it says to be something else, or nothing.
    """
    sent = value_of(scope, b"content-type")
    if sent is None or sent.partition(b";")[0].strip().lower() != b"application/json":
        raise UnsupportedMediaType("Send the request as JSON, with `content-type: application/json`.")
    encoding = value_of(scope, b"content-encoding")
    if encoding is not None and encoding.lower() not in {b"", b"identity"}:
        raise UnsupportedMediaType("Send the request without a `content-encoding`.")


def call_headers(scope: HTTPScope) -> CallHeaders:
    """Read what a caller asks for by header.

    Raises:
        InvalidRequest: a header cannot be read; `param` names it.
    """
    strict = value_of(scope, STRICT_HEADER.encode())
    return CallHeaders(
        guardrails=_guardrails(scope),
        metadata=_metadata(scope),
        strict=strict is None or strict.lower() != b"false",
        wish=wish_of(scope),
        cache=_cache_wish(scope),
    )


def content_of(scope: HTTPScope) -> Content:
    """Return how much of an exchange may go on record for all its caller says.

    `x-portkey-debug: false`, with which Portkey logs neither request nor answer, leaves their hashes. That
    the exchange was, and what became of it, is not a caller's to hide.
    """
    return "hashes" if _keeps_out(scope) else "full"


def _keeps_out(scope: HTTPScope) -> bool:
    debug = value_of(scope, DEBUG_HEADER.encode())
    return debug is not None and debug.lower() == b"false"


def _cache_wish(scope: HTTPScope) -> CacheWish:
    """Return what is said about the cache. A literal `false` is no wish for a refresh; to Portkey it is one.

    `x-portkey-debug: false` keeps nothing, as at Portkey.
    """
    names = (REFRESH_HEADER, NAMESPACE_HEADER)
    refresh, namespace = (value_of(scope, name.encode()) for name in names)
    is_forbidden = _keeps_out(scope)
    if refresh is namespace is None and not is_forbidden:
        return NO_CACHE_WISH
    return CacheWish(
        namespace=_text(namespace) or "",
        refresh=refresh is not None and refresh.lower() != b"false",
        is_forbidden=is_forbidden,
    )


def _text(value: bytes | None) -> str | None:
    return value.decode("utf-8", "replace") if value else None


def _guardrails(scope: HTTPScope) -> tuple[str, ...]:
    wanted = GUARDRAILS_HEADER.encode()
    sent = [value for name, value in scope["headers"] if name == wanted]
    if not sent:
        return ()
    names = (name.strip() for name in b",".join(sent).decode("latin-1").split(","))
    unique = tuple(dict.fromkeys(name for name in names if name))
    if len(unique) > _MAX_GUARDRAILS:
        message = f"At most {_MAX_GUARDRAILS} guardrails can be added to a request."
        raise InvalidRequest(message, param=GUARDRAILS_HEADER)
    return unique


def _metadata(scope: HTTPScope) -> dict[str, Any] | None:
    sent = value_of(scope, METADATA_HEADER.encode())
    if not sent:
        return None
    if len(sent) > _MAX_METADATA_BYTES:
        message = f"{METADATA_HEADER} is longer than {_MAX_METADATA_BYTES} bytes."
        raise InvalidRequest(message, param=METADATA_HEADER)
    try:
        return decode_object(sent, max_depth=_MAX_METADATA_DEPTH, what="It")
    except InvalidRequest as error:
        message = f"{METADATA_HEADER} must hold a JSON object. {error.message}"
        raise InvalidRequest(message, param=METADATA_HEADER) from error
