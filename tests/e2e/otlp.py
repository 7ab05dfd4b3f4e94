"""A collector for tests: takes OTLP over HTTP and decodes it with OpenTelemetry's own protobuf types."""

import gzip
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

_WAIT_S = 15.0
"""The SDK's batches leave every 5 seconds."""


class Received(msgspec.Struct, frozen=True):
    """A span as it arrived."""

    name: str
    kind: str
    """`SPAN_KIND_SERVER`, ..."""
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]


class Collector:
    """The server; a context manager. `endpoint` is the value of `OTEL_EXPORTER_OTLP_ENDPOINT`."""

    def __init__(self) -> None:
        self._spans: list[Received] = []
        self._arrived = threading.Condition()
        self.bodies: list[bytes] = []
        """Everything that was sent, decompressed."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def trace(self, trace_id: str) -> Sequence[Received]:
        """Return the spans of a trace, root first, once its root is there.

        Raises:
            AssertionError: if it does not come.
        """
        deadline = time.monotonic() + _WAIT_S
        with self._arrived:
            while not (spans := self._of(trace_id)):
                assert self._arrived.wait(deadline - time.monotonic()), f"no trace {trace_id}"
        return spans

    def _of(self, trace_id: str) -> list[Received]:
        """Return the spans of a trace if its root is among them: a tree leaves whole."""
        spans = [span for span in self._spans if span.trace_id == trace_id]
        spans.sort(key=lambda span: span.kind != "SPAN_KIND_SERVER")
        return spans if spans and spans[0].kind == "SPAN_KIND_SERVER" else []

    def _take(self, body: bytes) -> None:
        message = ExportTraceServiceRequest.FromString(body)
        spans = [
            _received(span)
            for resource in message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._arrived:
            self.bodies.append(body)
            self._spans += spans
            self._arrived.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                take(gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _received(span: Span) -> Received:
    return Received(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes={item.key: _value(item.value) for item in span.attributes},
    )


def _value(value: AnyValue) -> Any:
    which = value.WhichOneof("value")
    if which == "array_value":
        return [_value(item) for item in value.array_value.values]
    return getattr(value, which) if which else None
