"""Collectors on real sockets; they decode what was really sent with the official protocol definitions."""

import contextlib
import gzip
import socket
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc  # type: ignore[import-untyped] # the package has no types
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Received:
    """What a collector got."""

    def __init__(self, status: int = 200, delay_s: float = 0) -> None:
        self.status = status
        self.delay_s = delay_s
        self.requests: list[tuple[str, dict[str, str], ExportTraceServiceRequest]] = []
        self.endpoint = ""

    @property
    def spans(self) -> list[Span]:
        """All spans, in the order in which they came."""
        return [
            span
            for _path, _headers, request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def wait_for(self, spans: int, timeout_s: float = 5) -> None:
        """Wait until this many spans are there."""
        deadline = time.monotonic() + timeout_s
        while len(self.spans) < spans:
            assert time.monotonic() < deadline, f"{len(self.spans)} of {spans} spans came"
            time.sleep(0.01)


@contextlib.contextmanager
def http_collector(status: int = 200, delay_s: float = 0) -> Iterator[Received]:
    """Run an OTLP/HTTP collector that answers with `status`."""
    received = Received(status, delay_s)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            request = ExportTraceServiceRequest.FromString(
                _unpacked(body, self.headers.get("content-encoding"))
            )
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.requests.append((self.path, headers, request))
            time.sleep(received.delay_s)
            answer = ExportTraceServiceResponse().SerializeToString()
            with contextlib.suppress(OSError):
                self.send_response(received.status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (inherited)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    received.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _unpacked(body: bytes, encoding: str | None) -> bytes:
    match encoding:
        case "gzip":
            return gzip.decompress(body)
        case "deflate":
            return zlib.decompress(body)
        case _:
            return body


@contextlib.contextmanager
def grpc_collector() -> Iterator[Received]:
    """Run an OTLP/gRPC collector."""
    received = Received()

    class Servicer(TraceServiceServicer):
        def Export(self, request: ExportTraceServiceRequest, context: grpc.ServicerContext) -> object:  # noqa: N802 (inherited)
            headers = {key: str(value) for key, value in context.invocation_metadata()}
            received.requests.append(("", headers, request))
            return ExportTraceServiceResponse()

    server = grpc.server(ThreadPoolExecutor(2))
    add_TraceServiceServicer_to_server(Servicer(), server)  # type: ignore[no-untyped-call] # it has no types
    received.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield received
    finally:
        server.stop(None).wait()


@contextlib.contextmanager
def silent_collector() -> Iterator[str]:
    """Listen, take connections and say nothing ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextlib.contextmanager
def resetting_collector() -> Iterator[str]:
    """Listen, take connections and reset each at once, as an overloaded proxy does."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection = server.accept()[0]
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.close()

        thread = threading.Thread(target=reset, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@contextlib.contextmanager
def dead_collector(how: str) -> Iterator[str]:
    """Yield the address of a collector that is dead: it is `refusing`, `silent` or `resetting`."""
    with contextlib.ExitStack() as stack:
        if how == "refusing":
            yield closed_port()
        else:
            dead = {"silent": silent_collector, "resetting": resetting_collector}[how]
            yield stack.enter_context(dead())


def closed_port() -> str:
    """Return the address of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"
