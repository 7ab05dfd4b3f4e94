"""Who may use which route: everyone needs a key, unless the route says otherwise.

Litestar asks this guard after it has found the route, so neither a `Host` header nor a strange path can
make it look at another one. A route that is forgotten is closed.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.access.keys import Keyring

PUBLIC: dict[str, Any] = {"access": "public"}
"""Options of a route that tells nothing about anybody: health, documentation."""
OWN: dict[str, Any] = {"access": "own"}
"""Options of a route that asks for the key itself, because it puts refusals on record."""


class AccessGuard:
    """A litestar guard for all routes.

    Args:
        keyring: says who is calling.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Let the request pass.

        Raises:
            Unauthenticated: the route needs a key, and there is no known one.
        """
        if handler.opt.get("access") not in {"public", "own"}:
            self._keyring.caller(connection.scope["headers"])
