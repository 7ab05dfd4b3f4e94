"""How a provider knows us: what turns a request into one that it accepts.

A key in a header is `HeaderKey`. Tokens that must be fetched and signatures over the whole request have
files of their own and the same shape.
"""

from collections.abc import Mapping
from typing import Protocol

import httpx


class Authorization(Protocol):
    """Credentials of one provider."""

    async def headers(self, request: httpx.Request, deadline_s: float) -> Mapping[str, str]:
        """Return what is to be added to the request's headers.

        Args:
            request: complete but for these.
            deadline_s: on the loop's clock, for whatever must be fetched.

        Raises:
            UpstreamUnauthorized: the credentials cannot be had.
            UpstreamTimeout: they did not come in time.
        """

    def secrets(self) -> tuple[str, ...]:
        """Return what must never be shown, as far as it is known by now: keys, tokens."""


class HeaderKey:
    """A key that is sent as it is.

    Args:
        key: the key; None: the provider asks for none.
        name: of the header.
        prefix: before the key: `Bearer `.
    """

    def __init__(self, key: str | None, *, name: str = "authorization", prefix: str = "Bearer ") -> None:
        self._key = key
        self._headers = {name: prefix + key} if key is not None else {}

    async def headers(self, request: httpx.Request, deadline_s: float) -> Mapping[str, str]:  # noqa: ARG002 (as the port says)
        """Return the header."""
        return self._headers

    def secrets(self) -> tuple[str, ...]:
        """Return the key."""
        return () if self._key is None else (self._key,)
