"""An upstream that answers at once, in a process of its own and without nginx: canned bytes over uvloop.

    python -m tests.bench.instant        prints its port, and serves until it is stopped

The answers are those of `tests/bench/upstream.py`: whole at `/whole/v1`, as server-sent events at
`/streamed/v1`, and anything else is an export, taken with 200.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import cast

import uvloop

from tests.bench.upstream import completion, stream


def _response(content_type: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


_ANSWERS = {
    b"POST /whole/": _response("application/json", completion()),
    b"POST /streamed/": _response("text/event-stream", stream()),
}
_TAKEN = _response("application/x-protobuf", b"")


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        fields = (line.partition(b":") for line in head.lower().split(b"\r\n"))
        length = next((int(value) for name, _, value in fields if name == b"content-length"), 0)
        if len(body) >= length:
            self._received = b""
            answers = (answer for start, answer in _ANSWERS.items() if head.startswith(start))
            self._transport.write(next(answers, _TAKEN))


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def instant_upstream() -> Iterator[int]:
    """Run it until the block ends, and yield its port on 127.0.0.1."""
    with subprocess.Popen([sys.executable, "-m", "tests.bench.instant"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


if __name__ == "__main__":
    uvloop.run(_serve())
