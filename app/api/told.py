"""What an answer's headers tell about its exchange, beside its ids."""

from app.api.replies import Headers
from app.pipeline import Exchange

DROPPED_PARAMS = b"x-handrail-dropped-params"
OPTION_INDEX = b"x-portkey-last-used-option-index"
RETRIES = b"x-portkey-retry-attempt-count"
PROVIDER = b"x-portkey-provider"


def told_headers(exchange: Exchange) -> Headers:
    """Return which parameters were not sent, and which target of which config it was, as Portkey says it.

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
    return headers
