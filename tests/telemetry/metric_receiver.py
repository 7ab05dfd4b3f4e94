"""Collectors of metrics on real sockets; they decode what was really sent with the official protocol."""

import contextlib
import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc  # type: ignore[import-untyped] # the package has no types
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import (
    MetricsServiceServicer,
    add_MetricsServiceServicer_to_server,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric


class Collected:
    """What a collector of metrics got."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, ExportMetricsServiceRequest]] = []
        self.headers: dict[str, str] = {}
        """Of the last request, where it came over gRPC."""
        self.came = threading.Event()
        self.endpoint = ""

    def last(self) -> dict[str, Metric]:
        """Return the metrics of the last request."""
        (resource,) = self.requests[-1][1].resource_metrics
        (scope,) = resource.scope_metrics
        return {one.name: one for one in scope.metrics}


@contextlib.contextmanager
def metric_collector() -> Iterator[Collected]:
    """Run a collector that keeps metrics; of traces it only says that they are welcome."""
    got = Collected()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = gzip.decompress(self.rfile.read(int(self.headers["content-length"])))
            if self.path == "/v1/metrics":
                got.requests.append((self.path, ExportMetricsServiceRequest.FromString(body)))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            if got.requests:
                got.came.set()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (inherited)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    got.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def grpc_metric_collector() -> Iterator[Collected]:
    """Run a collector that keeps metrics that come over gRPC."""
    got = Collected()

    class Servicer(MetricsServiceServicer):
        def Export(self, request: ExportMetricsServiceRequest, context: grpc.ServicerContext) -> object:  # noqa: N802 (inherited)
            got.headers = {key: str(value) for key, value in context.invocation_metadata()}
            got.requests.append(("", request))
            got.came.set()
            return ExportMetricsServiceResponse()

    server = grpc.server(ThreadPoolExecutor(2))
    add_MetricsServiceServicer_to_server(Servicer(), server)  # type: ignore[no-untyped-call] # it has no types
    got.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield got
    finally:
        server.stop(None).wait()
