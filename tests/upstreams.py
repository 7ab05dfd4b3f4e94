"""An upstream on a real socket that answers what a test tells it to.

An asyncio server on loopback: each request takes the next answer of the script, the last one again and again.
It keeps what it was asked and when each connection was opened and closed, so that a test can see whether an
upstream was really cancelled. Answers are made by the functions below; a test may write its own `Answer`.

    async with Upstream(whole({"id": "x"}), stream([chunk, "[DONE]"], delay_s=0.01)) as upstream:
        await client.post(upstream.base_url + "/chat/completions", ...)
"""

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Self, cast

import msgspec


class Received(msgspec.Struct, frozen=True):
    """A request as it came."""

    method: str
    target: str
    """Path with query."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    connection: int
    """Place of its connection in `Upstream.connections`."""

    def json(self) -> Any:
        """Return the body's JSON."""
        return json.loads(self.body)


class Connection(asyncio.Protocol):
    """One connection, from accept to close."""

    def __init__(self, upstream: "Upstream") -> None:
        self._upstream = upstream
        self._buffer = bytearray()
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport
        self.opened_s = time.monotonic()
        self.closed_s: float | None = None
        """On `time.monotonic`; whoever closed it."""
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are none by inheritance
        self._upstream.connections.append(self)
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        """Keep what came for whoever waits for it."""
        self._buffer += data
        self._more.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note when, and stop what is still being answered."""
        self.closed_s = time.monotonic()
        self.closed.set()
        if self._task is not None:
            self._task.cancel()

    async def send(self, data: bytes) -> None:
        """Write without waiting for the other side."""
        self.transport.write(data)
        await asyncio.sleep(0)

    async def close(self) -> None:
        """Close it and wait until the answering has stopped."""
        self.transport.abort()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _serve(self) -> None:
        while True:
            request = await self._request()
            self._upstream.requests.append(request)
            self._upstream.asked.set()
            await self._upstream.next_answer()(self, request)

    async def _request(self) -> Received:
        head = (await self._until(lambda: self._buffer.find(b"\r\n\r\n") + 1)) + 3
        lines = bytes(self._buffer[:head]).decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        fields = (line.partition(":") for line in lines[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        end = head + int(headers.get("content-length", "0"))
        await self._until(lambda: len(self._buffer) >= end)
        body = bytes(self._buffer[head:end])
        del self._buffer[:end]
        return Received(method, target, headers, body, self._upstream.connections.index(self))

    async def _until(self, found: Callable[[], int]) -> int:
        while not (result := found()):
            self._more.clear()
            await self._more.wait()
        return result


Answer = Callable[[Connection, Received], Awaitable[None]]
"""Answers one request on its connection; when it returns, the next request is read."""


class Upstream:
    """The server; an async context manager.

    Args:
        answers: the script.
        path: of the base URL.
        port: where somebody expects it; 0 is a free one.
    """

    def __init__(self, *answers: Answer, path: str = "/v1", port: int = 0) -> None:
        self._answers = list(answers)
        self._path = path
        self._server: asyncio.Server
        self.port = port
        self.requests: list[Received] = []
        self.connections: list[Connection] = []
        self.asked = asyncio.Event()
        """Set when a request has come."""

    @property
    def base_url(self) -> str:
        """Return what a client is pointed at."""
        return f"http://127.0.0.1:{self.port}{self._path}"

    def script(self, *answers: Answer) -> None:
        """Replace what is left of the script."""
        self._answers = list(answers)

    def next_answer(self) -> Answer:
        """Return the answer to the request that has just come."""
        assert self._answers, "the upstream was asked, but the test scripted no answer"
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        for connection in self.connections:
            await connection.close()
        await self._server.wait_closed()


def whole(
    document: Any,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    content_type: str | None = "application/json",
    delay_s: float = 0.0,
) -> Answer:
    """Answer with a document (JSON, or bytes as they are) and its length; keep the connection."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()

    async def answer(connection: Connection, request: Received) -> None:
        await asyncio.sleep(delay_s)
        length = {"content-length": str(len(body))}
        await connection.send(_head(status, content_type, {**length, **(headers or {})}) + body)

    return answer


def stream(
    pieces: Iterable[Any],
    *,
    delay_s: float = 0.0,
    end: bool = True,
    headers: Mapping[str, str] | None = None,
    content_type: str = "text/event-stream",
) -> Answer:
    """Answer in HTTP chunks.

    Args:
        pieces: one chunk each: bytes are sent as they are, text and documents become `data:` events.
        delay_s: before each piece.
        end: whether the last HTTP chunk is sent; else the connection is closed without it: a cut stream.
        headers: beside the content type.
        content_type: if it is to lie.
    """
    events = [_event(piece) for piece in pieces]

    async def answer(connection: Connection, request: Received) -> None:
        await connection.send(_head(200, content_type, {"transfer-encoding": "chunked", **(headers or {})}))
        for event in events:
            if delay_s:
                await asyncio.sleep(delay_s)
            await connection.send(b"%x\r\n%b\r\n" % (len(event), event))
        if end:
            await connection.send(b"0\r\n\r\n")
        else:
            connection.transport.close()

    return answer


def hang(first: bytes = b"") -> Answer:
    """Send `first`, then nothing, for ever."""

    async def answer(connection: Connection, request: Received) -> None:
        await connection.send(first)
        await connection.closed.wait()

    return answer


def junk(data: bytes = b"\x00\xffSSH-2.0-nonsense\r\n\r\n") -> Answer:
    """Send these bytes instead of HTTP and close."""

    async def answer(connection: Connection, request: Received) -> None:
        await connection.send(data)
        connection.transport.close()

    return answer


def disconnect(delay_s: float = 0.0) -> Answer:
    """Close without a word, as a server does with a connection it holds to be idle."""

    async def answer(connection: Connection, request: Received) -> None:
        await asyncio.sleep(delay_s)
        connection.transport.close()

    return answer


def reset(first: bytes = b"") -> Answer:
    """Send `first`, then reset the connection (RST, not FIN)."""

    async def answer(connection: Connection, request: Received) -> None:
        await connection.send(first)
        await asyncio.sleep(0.02 if first else 0)
        raw = connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.transport.abort()

    return answer


def drip(data: bytes, *, size: int = 1, delay_s: float = 0.001) -> Answer:
    """Send these bytes, head and all, a few at a time, and close."""

    async def answer(connection: Connection, request: Received) -> None:
        for start in range(0, len(data), size):
            await connection.send(data[start : start + size])
            await asyncio.sleep(delay_s)
        connection.transport.close()

    return answer


def huge(size_bytes: int, *, content_type: str = "application/json", piece: bytes = b" " * 65536) -> Answer:
    """Send a body of at least this many bytes, in chunks."""

    async def answer(connection: Connection, request: Received) -> None:
        await connection.send(_head(200, content_type, {"transfer-encoding": "chunked"}))
        for _ in range(0, size_bytes, len(piece)):
            await connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        await connection.send(b"0\r\n\r\n")

    return answer


def head(status: int = 200, content_type: str = "application/json", **headers: str) -> bytes:
    """Return the head of an HTTP answer, for `hang`, `reset` and `drip`; `_` in names stands for `-`."""
    return _head(status, content_type, {name.replace("_", "-"): value for name, value in headers.items()})


def refusing_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _head(status: int, content_type: str | None, headers: Mapping[str, str]) -> bytes:
    fields = {"content-type": content_type, **headers} if content_type else dict(headers)
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Scripted\r\n{lines}\r\n".encode("latin-1")


def _event(piece: Any) -> bytes:
    text = piece if isinstance(piece, str | bytes) else json.dumps(piece)
    return text if isinstance(text, bytes) else f"data: {text}\n\n".encode()
