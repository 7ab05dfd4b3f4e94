"""A network of two: a server that may be asked, and one inside that must not be, each on a real socket."""

import asyncio
import socket
from typing import Self

from aiohttp.abc import AbstractResolver, ResolveResult

from tests.upstreams import Connection, Upstream

PUBLIC = "127.0.0.1"
"""Plays the public Internet: where `Upstream` listens."""
PRIVATE = "127.0.0.2"
"""Plays everything else."""
SECRET = "root-credentials-of-the-inner-server"


def is_outside(address: str) -> bool:
    """Whether an address is of the network that may be asked."""
    return address == PUBLIC


class Inside(Upstream):
    """The server that must not be asked."""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), PRIVATE, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self


class Names(AbstractResolver):
    """A DNS that says what it is told to; of several answers each is given once, the last one again.

    Args:
        answers: addresses by name, of each look-up.
    """

    def __init__(self, **answers: list[list[str]]) -> None:
        self._answers = {name.replace("_", "."): list(found) for name, found in answers.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the next answer for the name."""
        self.asked.append(host)
        found = self._answers.get(host.rstrip("."))
        if not found:
            raise OSError("no such name")
        addresses = found.pop(0) if len(found) > 1 else found[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""
