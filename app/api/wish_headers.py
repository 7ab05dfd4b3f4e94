"""What a caller says about routing by header, in Portkey's words (its docs and SDKs of 2026-08).

Read once, into a `Wish`. What stands in a header that holds nothing counts as not sent: Portkey's SDK sends
empty ones.
"""

import re
from collections.abc import Mapping

from litestar.types import HTTPScope

from app.domain.errors import InvalidRequest
from app.routing.config_reader import MAX_TIMEOUT_MS
from app.routing.forwarding import HEADER as FORWARD_HEADER
from app.routing.forwarding import why_not
from app.routing.sent_guardrails import INPUT_HEADER, OUTPUT_HEADER
from app.routing.targets import HOST_HEADER
from app.routing.way import CONFIG_HEADER
from app.routing.wish import NO_WISH, Wish

PROVIDER_HEADER = "x-portkey-provider"
VIRTUAL_KEY_HEADER = "x-portkey-virtual-key"
TIMEOUT_HEADER = "x-portkey-request-timeout"
_PREFIX = b"x-portkey-"
_MILLISECONDS = re.compile(r"[0-9]{1,9}\Z")
_MAX_CONFIG_BYTES = 64 * 1024
_MAX_CHARS = 2_048
"""Of any other header."""
_MAX_FORWARDED = 32

_Sent = Mapping[str, str]


def wish_of(scope: HTTPScope) -> Wish:
    """Return what a caller says about routing.

    Raises:
        InvalidRequest: a header cannot be read; `param` names it.
    """
    sent = {
        name.decode("latin-1"): value
        for name, raw in reversed(list(scope["headers"]))
        if name.startswith(_PREFIX) and (value := raw.strip().decode("utf-8", "replace"))
    }
    if not sent:
        return NO_WISH
    return Wish(
        config=_bounded(sent, CONFIG_HEADER, _MAX_CONFIG_BYTES),
        provider=_provider(sent),
        timeout_s=_timeout_s(sent),
        forward_headers=_forwarded(sent),
        custom_host=_bounded(sent, HOST_HEADER),
        input_guardrails=_bounded(sent, INPUT_HEADER, _MAX_CONFIG_BYTES),
        output_guardrails=_bounded(sent, OUTPUT_HEADER, _MAX_CONFIG_BYTES),
    )


def _provider(sent: _Sent) -> str | None:
    """Return who is to be asked. A virtual key, as Portkey calls it, is the name of a configured provider."""
    if (key := _bounded(sent, VIRTUAL_KEY_HEADER)) is not None:
        return f"@{key.removeprefix('@')}"
    return _bounded(sent, PROVIDER_HEADER)


def _timeout_s(sent: _Sent) -> float | None:
    text = sent.get(TIMEOUT_HEADER)
    if text is None:
        return None
    if not _MILLISECONDS.match(text) or not 0 < int(text) <= MAX_TIMEOUT_MS:
        message = f"`{TIMEOUT_HEADER}` must be a whole number of milliseconds, at most {MAX_TIMEOUT_MS}."
        raise InvalidRequest(message, param=TIMEOUT_HEADER)
    return int(text) / 1_000


def _forwarded(sent: _Sent) -> tuple[str, ...]:
    text = _bounded(sent, FORWARD_HEADER)
    if text is None:
        return ()
    names = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip().lower())))
    if len(names) > _MAX_FORWARDED:
        message = f"At most {_MAX_FORWARDED} headers can be forwarded."
        raise InvalidRequest(message, param=FORWARD_HEADER)
    for name in names:
        if (why := why_not(name)) is not None:
            raise InvalidRequest(f"`{FORWARD_HEADER}`: {name[:64]!r} {why}.", param=FORWARD_HEADER)
    return names


def _bounded(sent: _Sent, name: str, most: int = _MAX_CHARS) -> str | None:
    text = sent.get(name)
    if text is not None and len(text) > most:
        raise InvalidRequest(f"`{name}` is longer than {most} characters.", param=name)
    return text
