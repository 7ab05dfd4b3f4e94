"""What an answer tells about its exchange: by headers, beside its ids, and what guardrails said of it.

Portkey sends the latter with a stream only where strict compliance is off, as a first event of its own that
has no `choices`, over which loops like `chunk.choices[0]` fall. Here it comes with the first chunk and, which
Portkey has not, with the last one, for guardrails do hear streamed answers. Where the caller asked for usage,
the last one is a chunk without choices behind that of the usage.
"""

from typing import Any

from app.api.replies import FINAL, Headers
from app.attempt import shown_names
from app.domain.errors import UpstreamRefused
from app.domain.events import Blocked, Event, Extra, Failed
from app.pipeline import Exchange
from guardrails import Side

DROPPED_PARAMS = b"x-handrail-dropped-params"
OPTION_INDEX = b"x-portkey-last-used-option-index"
RETRIES = b"x-portkey-retry-attempt-count"
PROVIDER = b"x-portkey-provider"
CACHE_STATUS = b"x-portkey-cache-status"
_RESULTS = "hook_results"


def told_headers(exchange: Exchange, event: Event) -> Headers:
    """Return what was not sent, which target of which config it was, and what the cache had for it.

    The last two are said as Portkey says them; what the provider itself says of its limits goes with them.

    Args:
        exchange: as far as it has come: what its first event decided stays.
        event: the first one of a stream, the last one of a whole answer.
    """
    headers: list[tuple[bytes, bytes]] = []
    attempt = exchange.attempt
    if attempt is not None and (dropped := shown_names(attempt.dropped_params, exchange.scrub)):
        headers.append((DROPPED_PARAMS, ", ".join(dropped).encode("ascii")))
    if attempt is not None and _is_providers(event):
        headers += attempt.limit_headers
    route = exchange.route
    if route is not None and route.hop is not None:
        if route.retries < 0 and isinstance(event, Failed) and event.error.retryable:
            headers.append(FINAL)  # it was tried as often as the config wants
        headers += [
            (OPTION_INDEX, route.hop.path.encode("ascii", "replace")),
            (RETRIES, b"%d" % route.retries),
            (PROVIDER, route.hop.target.provider.slug.encode("ascii", "replace")),
        ]
    if exchange.caching.status is not None:
        headers.append((CACHE_STATUS, exchange.caching.status.encode()))
    return headers


def told_members(exchange: Exchange) -> dict[str, Any]:
    """Return the members of a whole answer, or of an error's body, that tell what guardrails said."""
    results = exchange.told.results()
    return {} if results is None or not any(results.values()) else {_RESULTS: results}


def told_at_first(exchange: Exchange) -> Extra | None:
    """Return what a stream says first: what guardrails said of the request."""
    return _told(exchange, "before_request_hooks")


def told_at_last(exchange: Exchange) -> Extra | None:
    """Return what a stream says last: what guardrails said of the answer."""
    return _told(exchange, "after_request_hooks")


def _is_providers(event: Event) -> bool:
    """Whether it comes of a provider's answer, the last one: not where something else ended the exchange."""
    match event:
        case Blocked(verdict):
            return verdict.side is Side.OUTPUT
        case Failed(error):
            return isinstance(error, UpstreamRefused)
        case _:
            return True


def _told(exchange: Exchange, side: str) -> Extra | None:
    results = None if _is_strict(exchange) else exchange.told.results()
    return Extra(None, {_RESULTS: {side: results[side]}}) if results is not None and results[side] else None


def _is_strict(exchange: Exchange) -> bool:
    """Return whether an answer must keep to OpenAI's vocabulary: the config decides, else the caller."""
    hop = None if exchange.route is None else exchange.route.hop
    if hop is not None and hop.strict is not None:
        return hop.strict
    return exchange.request is None or exchange.request.strict
