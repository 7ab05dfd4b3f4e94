"""The HTTP service as one litestar application, made of parts that are handed in."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from app.access.keys import Keyring
from app.api.access import AccessGuard
from app.api.chat_schema import chat_route
from app.api.docs import openapi_config
from app.api.errors import ErrorHandler
from app.api.exchange import ExchangeEndpoint
from app.api.health import Condition, health_routes
from app.api.identity import Identities
from app.api.models import model_routes
from app.api.more_schemas import more_routes
from app.api.proxy import ProxyEndpoint, proxy_route
from app.domain.operation import Operation
from app.routing.listing import Listing
from telemetry import Log

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def application(  # noqa: PLR0913 (what a service is made of)
    *,
    endpoints: Mapping[Operation, ExchangeEndpoint],
    proxy: ProxyEndpoint | None,
    listing: Listing,
    reports: Sequence[HTTPRouteHandler] = (),
    conditions: Mapping[str, Condition],
    keyring: Keyring,
    identities: Identities,
    lifespan: Sequence[Lifespan],
    log: Log,
    version: str,
) -> Litestar:
    """Return the application.

    Args:
        endpoints: what serves each operation.
        proxy: passes on what nobody serves; None: no key allows it.
        listing: of models.
        reports: routes by which callers report, and the record is read.
        conditions: what `/readyz` asks.
        keyring: guards every route that is not public.
        identities: stamps every response.
        lifespan: entered in order before the first request, left in reverse behind the last.
        log: for bugs.
        version: of Handrail.
    """
    return Litestar(
        route_handlers=[
            chat_route(endpoints[Operation.CHAT]),
            *more_routes(endpoints),
            *model_routes(listing),
            *reports,
            *health_routes(conditions),
            *([] if proxy is None else [proxy_route(proxy)]),
        ],
        guards=[AccessGuard(keyring)],
        before_send=[identities.stamp],
        exception_handlers={Exception: ErrorHandler(identities, log)},
        lifespan=list(lifespan),
        openapi_config=openapi_config(version),
        logging_config=None,
        debug=False,
    )
