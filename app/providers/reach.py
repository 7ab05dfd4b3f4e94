"""Whether somebody is at an address that neither the operator nor we chose: a text names it.

Only public addresses are asked, whatever a name resolves to (see `guarded_transport.py`); redirects are not
followed, and nothing that comes back is read.
"""

import asyncio
import socket

import httpx

from app.providers.guarded_transport import is_public

_TIMEOUT_S = 3.0
"""Portkey's, for each address."""


class PublicReach:
    """Tries addresses.

    Args:
        transport: which asks public addresses only.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def __call__(self, url: str, *, resolve_only: bool) -> bool:
        """Return whether a HEAD is answered with success, or the name of its host has a public address."""
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await (_resolves(url) if resolve_only else self._answers(url))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return False

    async def _answers(self, url: str) -> bool:
        response = await self._transport.handle_async_request(httpx.Request("HEAD", url))
        await response.aclose()
        return response.is_success

    async def aclose(self) -> None:
        """Close its connections."""
        await self._transport.aclose()


async def _resolves(url: str) -> bool:
    host = httpx.URL(url).host
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return any(is_public(str(info[4][0])) for info in found)
