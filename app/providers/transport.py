"""The HTTP transport under every provider; the one place that knows which it is.

An `httpx.AsyncBaseTransport` over aiohttp's client: httpx gives the types of requests, responses and errors
(and tests their `MockTransport`), aiohttp moves the bytes. Measured on one core against nginx: a prebuilt
request through this costs about an eighth of the CPU of `httpx.AsyncClient` with its own transport
(tests/bench/transport_cost.py). pyreqwest was as fast; aiohttp has ten years of odd servers behind it. What
would change our mind: HTTP/2 to providers.

No cookies, no redirects, no decompression, no proxies from the environment, TLS checked against the system's
store.
"""

import asyncio
import functools
import socket
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from yarl import URL

_RESEND_WITHIN_S = 0.5
"""How soon a reused connection must turn out dead to count as closed before the request arrived."""
_dialled: ContextVar[bool] = ContextVar("dialled", default=False)
"""Whether the request of this task made a new connection."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """A pool of kept-alive connections.

    The request's `timeout` extension is honoured: `connect` for making a connection, `read` between two
    pieces.

    A server may close an idle connection at the very moment we send on it; the request has then not been
    read. It is sent once more, on a connection of its own, if the connection was a reused one, broke within
    half a second and not a byte of an answer had come. RFC 9110 (9.2.2) lets a client repeat a POST that it
    knows was not applied; browsers draw the same line. Should a server have died over the request instead,
    the worst is that a completion is made (and paid) twice: nothing but the answer we never saw depends on
    the first.

    Args:
        keep_alive_s: how long an idle connection is kept.
        allows: whether an IP address may be connected to, whatever name led to it; None: any.
    """

    def __init__(self, *, keep_alive_s: float = 30.0, allows: Callable[[str], bool] | None = None) -> None:
        self._keep_alive_s = keep_alive_s
        self._socket = None if allows is None else functools.partial(gated_socket, allows)
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and return as soon as the head of the answer is there.

        Raises:
            httpx.TransportError: `ConnectError`, `ConnectTimeout`: no connection; `ReadError`: it broke;
                `ReadTimeout`; `RemoteProtocolError`: the answer is no HTTP.
        """
        if self._session is None:
            self._session = open_session(
                _Connector(limit=0, keepalive_timeout=self._keep_alive_s, socket_factory=self._socket)
            )
        await request.aread()
        begun_s = asyncio.get_running_loop().time()
        _dialled.set(False)
        try:
            return await send(self._session, request)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if not _may_resend(error, begun_s):
                raise translated(error, request) from error
        except FAILURES as error:
            raise translated(error, request) from error
        return await self._sent_alone(request)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _sent_alone(self, request: httpx.Request) -> httpx.Response:
        """Send on a new connection that is closed afterwards: the pool may hold more that are dead."""
        session = open_session(aiohttp.TCPConnector(force_close=True, socket_factory=self._socket))
        try:
            response = await send(session, request)
        except FAILURES as error:
            await session.close()
            raise translated(error, request) from error
        except BaseException:
            await session.close()
            raise
        assert isinstance(response.stream, _Body)
        response.stream.session = session
        return response


class _Connector(aiohttp.TCPConnector):
    """Notes when a connection is made, which aiohttp otherwise only tells to its (dearer) tracing."""

    async def _create_connection(self, *args: Any, **kwargs: Any) -> ResponseHandler:  # noqa: ANN401 (theirs)
        _dialled.set(True)
        return await super()._create_connection(*args, **kwargs)


class _Body(httpx.AsyncByteStream):
    """The body of an answer, in pieces as they come."""

    def __init__(self, response: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self.session: aiohttp.ClientSession | None = None
        """Closed with the body."""
        self._response = response
        self._request = request

    def __aiter__(self) -> "_Body":
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await self._response.content.readany()
        except FAILURES as error:
            raise translated(error, self._request) from error
        if not piece:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Close the connection at once; if the body was read to its end, it is in the pool again already."""
        self._response.close()
        if self.session is not None:
            await self.session.close()


FAILURES = (aiohttp.ClientError, OSError, TimeoutError)
"""What aiohttp raises; `translated` turns it into httpx's."""
_AUTO_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What aiohttp would add by itself."""


class RefusedAddressError(OSError):
    """An address did not pass."""


def gated_socket(allows: Callable[[str], bool], info: Any) -> socket.socket:  # noqa: ANN401 (a tuple of getaddrinfo)
    """Make a socket for an address that passes: the last check, on what is really connected to."""
    if not allows(info[4][0]):
        raise RefusedAddressError
    return socket.socket(family=info[0], type=info[1], proto=info[2])


def open_session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    """Return a session that adds nothing to requests and takes nothing from the environment."""
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=_AUTO_HEADERS,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
    )


async def send(session: aiohttp.ClientSession, request: httpx.Request) -> httpx.Response:
    """Send a request that was read; raises aiohttp's errors (`FAILURES`)."""
    timeout = request.extensions.get("timeout", {})
    response = await session.request(
        request.method,
        URL(str(request.url), encoded=True),
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
        data=request.content or None,
        allow_redirects=False,
        timeout=aiohttp.ClientTimeout(
            total=None,
            connect=timeout.get("connect"),
            sock_connect=timeout.get("connect"),
            sock_read=timeout.get("read"),
        ),
    )
    return httpx.Response(
        response.status, headers=list(response.raw_headers), stream=_Body(response, request), request=request
    )


def _may_resend(error: Exception, begun_s: float) -> bool:
    if _dialled.get() or isinstance(error, aiohttp.ClientConnectorError):
        return False
    # A part of an answer's head, if one has come, is in the error instead of a sentence.
    is_silent = isinstance(getattr(error, "message", ""), str)
    return is_silent and asyncio.get_running_loop().time() - begun_s < _RESEND_WITHIN_S


def translated(error: Exception, request: httpx.Request) -> httpx.TransportError:
    """Return httpx's error for one of aiohttp's, in words that hold nothing of the request."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return httpx.ConnectTimeout("no connection in time", request=request)
        case TimeoutError():
            return httpx.ReadTimeout("no data in time", request=request)
        case aiohttp.ClientConnectorDNSError():
            return httpx.ConnectError("its host name is unknown", request=request)
        case aiohttp.ClientSSLError():
            return httpx.ConnectError("TLS failed, or its certificate is not trusted", request=request)
        case aiohttp.ClientConnectorError():
            return httpx.ConnectError("the connection was refused", request=request)
        case aiohttp.ClientResponseError() | aiohttp.ClientPayloadError():
            return httpx.RemoteProtocolError("the answer breaks the rules of HTTP", request=request)
        case _:
            return httpx.ReadError("the connection broke", request=request)
