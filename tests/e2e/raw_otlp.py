"""A collector that keeps what it is sent byte by byte, whatever it is: nothing may hide in a field unread."""

import contextlib
import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec


class Sent(msgspec.Struct, frozen=True):
    """One request to the collector."""

    path: str
    """`/v1/traces`, `/v1/metrics`."""
    head: bytes
    body: bytes
    """Protobuf, which holds texts as they are; unpacked."""


class RawCollector:
    """What a collector got."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.sent: list[Sent] = []

    def bytes_of(self, path: str) -> bytes:
        """Return all that was sent to a path, heads and bodies."""
        return b"\n".join(part for one in self.sent if one.path == path for part in (one.head, one.body))


@contextlib.contextmanager
def raw_collector() -> Iterator[RawCollector]:
    """Run a collector over HTTP, for traces and metrics."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            collector.sent.append(Sent(self.path, self.headers.as_bytes(), body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (inherited)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = RawCollector(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
