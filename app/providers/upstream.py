"""One call to an upstream over HTTP: bytes with deadlines, and foreign exceptions turned into ours.

What an answer means is the affair of the adapter that asked; this is the same for all of them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import httpx

from app.domain.errors import (
    InvalidRequest,
    UpstreamBroken,
    UpstreamTimeout,
    UpstreamUnconnected,
    UpstreamUnreachable,
)
from app.providers.guarded_transport import AddressRefused


class UpstreamAnswer:
    """An answer whose head has come. Close it, whatever happens.

    Args:
        response: as the transport gave it.
        slug: of the provider, for messages.
    """

    def __init__(self, response: httpx.Response, slug: str) -> None:
        self._response = response
        self._slug = slug
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._pieces: AsyncIterator[bytes] = aiter(response.stream)
        self.status: int = response.status_code

    @property
    def content_type(self) -> str:
        """Return the media type without parameters, in lower case; empty if there is none."""
        return self.header("content-type").partition(";")[0].strip().lower()

    def header(self, name: str) -> str:
        """Return the header's value; empty if there is none."""
        value: str = self._response.headers.get(name, "")
        return value

    @property
    def path(self) -> str:
        """Return the path that was asked."""
        return self._response.request.url.path

    @property
    def headers(self) -> Mapping[str, str]:
        """Return all headers, by name in any case."""
        headers: Mapping[str, str] = self._response.headers
        return headers

    @property
    def raw_headers(self) -> Sequence[tuple[bytes, bytes]]:
        """Return all headers as they came."""
        headers: Sequence[tuple[bytes, bytes]] = self._response.headers.raw
        return headers

    async def next(self, deadline_s: float) -> bytes:
        """Return the next piece of the body, empty at its end.

        Args:
            deadline_s: on the loop's clock.

        Raises:
            UpstreamTimeout: it did not come in time.
            UpstreamBroken: the connection broke.
        """
        try:
            async with asyncio.timeout_at(deadline_s):
                return await anext(self._pieces, b"")
        except (TimeoutError, httpx.TimeoutException) as error:
            raise UpstreamTimeout(f"The provider @{self._slug} stopped sending its answer.") from error
        except httpx.HTTPError as error:
            raise UpstreamBroken(
                f"The connection to the provider @{self._slug} broke before its answer was complete."
            ) from error

    async def read(self, deadline_s: float, max_bytes: int) -> bytes:
        """Return the whole body.

        Raises:
            UpstreamError: as `next`, and if it is longer than `max_bytes`.
        """
        pieces: list[bytes] = []
        left = max_bytes
        while piece := await self.next(deadline_s):
            left -= len(piece)
            if left < 0:
                raise too_long(self._slug, max_bytes)
            pieces.append(piece)
        return b"".join(pieces)

    async def close(self) -> None:
        """Close the connection, unless the body has been read to its end: then it may be used again."""
        await self._response.aclose()


async def ask(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, *, slug: str, deadline_s: float
) -> UpstreamAnswer:
    """Send the request and wait for the head of the answer.

    Args:
        transport: to send it over; the words of its errors are shown.
        request: complete.
        slug: of the provider, for messages.
        deadline_s: on the loop's clock.

    Raises:
        InvalidRequest: the address is a caller's, and may not be asked.
        UpstreamTimeout: no connection or no answer in time.
        UpstreamUnreachable: no connection, or it broke.
        UpstreamBroken: the answer is no HTTP.
    """
    try:
        async with asyncio.timeout_at(deadline_s):
            response = await transport.handle_async_request(request)
    except AddressRefused as error:
        raise InvalidRequest(
            "`x-portkey-custom-host` leads to an address that is not public (`custom_hosts.allow_private`).",
            param="x-portkey-custom-host",
            code="not_allowed",
        ) from error
    except httpx.ConnectTimeout as error:
        raise UpstreamUnconnected(f"The provider @{slug} could not be connected to in time.") from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise UpstreamTimeout(f"The provider @{slug} did not answer in time.") from error
    except httpx.RemoteProtocolError as error:
        raise UpstreamBroken(f"The provider @{slug} answered with something that is not HTTP.") from error
    except httpx.HTTPError as error:
        raise UpstreamUnreachable(f"The provider @{slug} could not be reached: {error}.") from error
    return UpstreamAnswer(response, slug)


def too_long(slug: str, max_bytes: int) -> UpstreamBroken:
    """Return the error for an answer that does not end in time to be kept."""
    return UpstreamBroken(f"The provider @{slug} sent more than {max_bytes} bytes.")
