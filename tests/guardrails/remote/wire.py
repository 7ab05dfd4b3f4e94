"""Services over real sockets, and vendors on them that look at what they are asked before they answer."""

import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx

from guardrails.remote.service import Reply, Request, Services, ServiceUnreachable
from tests.guardrails.remote.asked import KEY
from tests.upstreams import Answer, Connection, Received, whole

Vendor = Callable[[Received, Any], Any]
"""From a request and its document to the document of the answer; raises `Wrong` about a request."""


class Wrong(Exception):
    """A request that the vendor would refuse.

    Args:
        status: of the refusal.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def asked(vendor: Vendor) -> Answer:
    """Answer every request as this vendor does; a refusal has the vendor's status."""

    async def answer(connection: Connection, request: Received) -> None:
        try:
            said, status = vendor(request, json.loads(request.body)), 200
        except Wrong as wrong:
            said, status = {"error": {"message": "no"}}, wrong.status
        await whole(said, status=status)(connection, request)

    return answer


@contextlib.asynccontextmanager
async def services() -> AsyncIterator[Services]:
    """Give services that send over sockets; nobody completes by name."""
    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a context with certificates takes longer than a test
    async with httpx.AsyncClient(timeout=30, verify=no_tls) as client:

        async def send(request: Request) -> Reply:
            try:
                answer = await client.request(
                    request.method, request.url, content=request.body, headers=dict(request.headers)
                )
            except httpx.TransportError as error:
                raise ServiceUnreachable(type(error).__name__) from error
            return Reply(answer.status_code, answer.content)

        async def complete(model: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
            raise AssertionError(f"nobody completes by {model}")

        yield Services(send, complete, KEY)
