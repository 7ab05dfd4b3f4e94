"""What an answer tells about its exchange: by headers, beside its ids, and what guardrails said of it.

Portkey sends the latter with a stream only where strict compliance is off, as a first event of its own that
has no `choices`, over which loops like `chunk.choices[0]` fall. Here it comes with the first chunk and, which
Portkey has not, with the last one, for guardrails do hear streamed answers. Where the caller asked for usage,
the last one is a chunk without choices behind that of the usage.
"""

from typing import Any

from app.api.replies import Headers
from app.domain.events import Extra
from app.pipeline import Exchange

DROPPED_PARAMS = b"x-handrail-dropped-params"
OPTION_INDEX = b"x-portkey-last-used-option-index"
RETRIES = b"x-portkey-retry-attempt-count"
PROVIDER = b"x-portkey-provider"
CACHE_STATUS = b"x-portkey-cache-status"
_RESULTS = "hook_results"


def told_headers(exchange: Exchange) -> Headers:
    """Return what was not sent, which target of which config it was, and what the cache had for it.

    The last two are said as Portkey says them.

    Args:
        exchange: as far as it has come: what its first event decided stays.
    """
    headers: list[tuple[bytes, bytes]] = []
    dropped = exchange.dropped_params
    if dropped:
        headers.append((DROPPED_PARAMS, ", ".join(dropped).encode("ascii")))
    route = exchange.route
    if route is not None and route.hop is not None:
        headers += [
            (OPTION_INDEX, route.hop.path.encode("ascii", "replace")),
            (RETRIES, b"%d" % route.retries),
            (PROVIDER, route.hop.target.provider.slug.encode("ascii", "replace")),
        ]
    if exchange.cache_status is not None:
        headers.append((CACHE_STATUS, exchange.cache_status.encode()))
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


def _told(exchange: Exchange, side: str) -> Extra | None:
    results = None if _is_strict(exchange) else exchange.told.results()
    return Extra(None, {_RESULTS: {side: results[side]}}) if results is not None and results[side] else None


def _is_strict(exchange: Exchange) -> bool:
    """Return whether an answer must keep to OpenAI's vocabulary: the config decides, else the caller."""
    hop = None if exchange.route is None else exchange.route.hop
    if hop is not None and hop.strict is not None:
        return hop.strict
    return exchange.request is None or exchange.request.strict
