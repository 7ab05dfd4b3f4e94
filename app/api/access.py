"""Who may use which route: everyone needs a key, unless the route says otherwise.

Litestar asks this guard after it has found the route, so neither a `Host` header nor a strange path can
make it look at another one. A route that is forgotten is closed.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.access.keys import Keyring
from app.domain.errors import NotAllowed

PUBLIC: dict[str, Any] = {"access": "public"}
"""Options of a route that tells nothing about anybody: health, documentation."""


class AccessGuard:
    """A litestar guard for all routes.

    Args:
        keyring: says who is calling.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        """Let the request pass. Asynchronous, since litestar runs other guards in a thread, for 100 us each.

        Raises:
            Unauthenticated: the route needs a key, and there is no known one.
        """
        if handler.opt.get("access") != "public":
            self._keyring.caller(connection.scope["headers"])


class AdminGuard:
    """A litestar guard for routes that show or change what all callers did.

    Args:
        keyring: says who is calling.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
    ) -> None:
        """Let the request pass.

        Raises:
            NotAllowed: the key is no administrator's, or none is needed here at all.
        """
        if not self._keyring.caller(connection.scope["headers"]).admin:
            raise NotAllowed("Only a gateway key with `admin: true` in the configuration may do this.")
