"""What an answer's headers tell about its exchange, beside its ids."""

from app.api.replies import Headers
from app.pipeline import Exchange

DROPPED_PARAMS = b"x-handrail-dropped-params"
OPTION_INDEX = b"x-portkey-last-used-option-index"
RETRIES = b"x-portkey-retry-attempt-count"
PROVIDER = b"x-portkey-provider"
CACHE_STATUS = b"x-portkey-cache-status"


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
