"""What tracing costs an exchange: a root and four children with twelve attributes each.

    python -m tests.bench.trace_cost

CPU time, not wall time, so that a busy machine disturbs it little; the best of several rounds. "path" is what
the thread that serves requests spends, "all" is the whole process with the exporter's thread, after
everything has gone out. The status is 1 if the path takes longer than `SAMPLED_US` where the trace is
exported, or than `UNSAMPLED_US` where it is not, or all together longer than `EXPORTED_US` where it goes out.
What content costs, where it is asked for, has no bound.
"""

import contextlib
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import NamedTuple

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import DEFAULT_OFF, DEFAULT_ON, Sampler
from opentelemetry.trace import SpanKind, set_span_in_context

from app.contents import Contents
from app.recording import record_redactor
from telemetry import ContentCapture, Ending, Keeping, build_tracer
from telemetry.spans import SpanAssembly
from telemetry.trace import Attribute
from telemetry.tracer import Tracer
from tests.exchanges import exchange, request

EXCHANGES = 1_000
SAMPLED_US, UNSAMPLED_US = 150.0, 50.0
EXPORTED_US = 400.0
"""Of all threads, for a trace of five spans that goes out over HTTP, compressed."""
ROUNDS = 5
RESOURCE = Resource({"service.name": "handrail"})


class Cost(NamedTuple):
    """Microseconds of CPU an exchange."""

    path_us: float
    all_us: float


class Null(SpanExporter):
    """Takes spans and throws them away."""

    def export(self, spans: object) -> SpanExportResult:
        return SpanExportResult.SUCCESS


class Ignoring(SpanProcessor):
    """Makes a tracer believe that somebody listens."""

    def on_end(self, span: ReadableSpan) -> None:
        """Do nothing."""


def first_attributes() -> dict[str, Attribute]:
    """Return what is known as a span begins."""
    return {
        "http.request.method": "POST",
        "http.route": "/v1/chat/completions",
        "handrail.exchange.id": "0198a1b2-0000-7000-8000-000000000000",
        "handrail.caller": "team-a",
    }


def later_attributes() -> dict[str, Attribute]:
    """Return what is known as it ends."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.request.stream": True,
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 512,
        "gen_ai.usage.output_tokens": 128,
        "gen_ai.response.time_to_first_chunk": 0.25,
    }


def by_notes(tracer: Tracer, ending: Ending | None = None) -> Callable[[], None]:
    """Return an exchange traced our way: like the service, it decorates what may be seen."""
    carrier: Mapping[str, str] = {}

    def exchange() -> None:
        trace = tracer.start(
            "POST /v1/chat/completions", "server", time.time_ns(), carrier, first_attributes()
        )
        for _ in range(4):
            note = trace.span("chat gpt-4o-mini", "client", time.time_ns(), first_attributes())
            if trace.recording:
                note.attributes.update(later_attributes())
            note.end_ns = time.time_ns()
        trace.settle(ending, time.time_ns())
        if trace.sampled:
            trace.root.attributes.update(later_attributes())
        trace.end(time.time_ns())

    return exchange


def by_the_sdk(provider: TracerProvider) -> Callable[[], None]:
    """Return the same exchange with `start_span`, explicit parents and one `set_attributes` a span."""
    tracer = provider.get_tracer("bench")

    def exchange() -> None:
        root = tracer.start_span(
            "POST /v1/chat/completions", Context(), SpanKind.SERVER, attributes=first_attributes()
        )
        context = set_span_in_context(root, Context())
        for _ in range(4):
            span = tracer.start_span(
                "chat gpt-4o-mini", context, SpanKind.CLIENT, attributes=first_attributes()
            )
            span.set_attributes(later_attributes())
            span.end()
        root.set_attributes(later_attributes())
        root.end()

    return exchange


def ours(sampler: Sampler, processor: SpanProcessor, keeping: Keeping | None = None) -> Tracer:
    """Return a tracer of ours."""
    assembly = SpanAssembly(resource=RESOURCE, version="1")
    return Tracer(sampler=sampler, assembly=assembly, processors=(processor,), keeping=keeping or Keeping())


def theirs(sampler: Sampler, processor: SpanProcessor) -> TracerProvider:
    """Return a provider of the SDK."""
    provider = TracerProvider(sampler=sampler, resource=RESOURCE, shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return provider


def measure(exchange: Callable[[], None], flush: Callable[[], object]) -> Cost:
    """Return the least cost of several rounds."""
    costs = []
    for _ in range(ROUNDS):
        everything, path = time.process_time_ns(), time.thread_time_ns()
        for _ in range(EXCHANGES):
            exchange()
        path = time.thread_time_ns() - path
        flush()
        everything = time.process_time_ns() - everything
        costs.append((path, everything))
    return Cost(
        min(path for path, _ in costs) / EXCHANGES / 1e3, min(all_ for _, all_ in costs) / EXCHANGES / 1e3
    )


def batches(exporter: SpanExporter) -> BatchSpanProcessor:
    """Return a processor with the settings of `build_tracer`."""
    return BatchSpanProcessor(exporter, 8192, 2000, 256)


class Sink(BaseHTTPRequestHandler):
    """Takes whatever comes."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Read it and say that all is well."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (inherited)
        """Say nothing."""


def serve(pipe: Connection) -> None:
    """Run a sink and tell its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    pipe.send(server.server_address[1])
    server.serve_forever()


@contextlib.contextmanager
def sink() -> Iterator[str]:
    """Run a collector in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    mine, its = spawn.Pipe()
    process = spawn.Process(target=serve, args=(its,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{mine.recv()}"
    finally:
        process.terminate()
        process.join()


def trace_cost() -> dict[str, tuple[Cost, Cost]]:
    """Return by case what we cost and what the SDK's own path costs."""
    found = {
        "not sampled": (
            measure(by_notes(ours(DEFAULT_OFF, Ignoring())), int),
            measure(by_the_sdk(theirs(DEFAULT_OFF, Ignoring())), int),
        )
    }
    processor, other = batches(Null()), batches(Null())
    found["sampled, null exporter"] = (
        measure(by_notes(ours(DEFAULT_ON, processor)), processor.force_flush),
        measure(by_the_sdk(theirs(DEFAULT_ON, other)), other.force_flush),
    )
    with sink() as endpoint:
        tracer = build_tracer({"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}, "1")
        stock = batches(OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=2, compression=Compression.Gzip))
        found["sampled, OTLP/HTTP gzip"] = (
            measure(by_notes(tracer), lambda: [p.force_flush() for p in tracer._processors]),
            measure(by_the_sdk(theirs(DEFAULT_ON, stock)), stock.force_flush),
        )
        tracer.shutdown()
        stock.shutdown()  # type: ignore[no-untyped-call] # the SDK has no type there
    return found


def keeping_cost() -> dict[str, Cost]:
    """Return by case what it costs to be able to keep what no sampler chose, and to keep it."""
    keeping = Keeping(frozenset({"blocked", "failed", "slow"}), 5_000_000_000)
    found = {"not sampled": measure(by_notes(ours(DEFAULT_OFF, Ignoring())), int)}
    found["not sampled, may be kept"] = measure(by_notes(ours(DEFAULT_OFF, Ignoring(), keeping)), int)
    kept, sampled = batches(Null()), batches(Null())
    found["not sampled, kept"] = measure(
        by_notes(ours(DEFAULT_OFF, kept, keeping), "failed"), kept.force_flush
    )
    found["sampled"] = measure(by_notes(ours(DEFAULT_ON, sampled)), sampled.force_flush)
    return found


def with_content(length: int) -> Callable[[], None]:
    """Return an exchange traced our way with what was said: as long a question, and a short answer."""
    tracer = ours(DEFAULT_ON, Ignoring())
    contents = Contents(ContentCapture(on_span=True, max_bytes=2048), "redacted", record_redactor().redact)
    words = "the quick brown fox jumps over the lazy dog "
    record = exchange(request=request((words * (length // len(words) + 1))[:length]))

    def traced() -> None:
        trace = tracer.start("POST /v1/chat/completions", "server", time.time_ns(), {}, first_attributes())
        note = trace.span("chat gpt-4o-mini", "client", time.time_ns(), first_attributes())
        note.asked = record.request
        contents.show(trace, record)
        trace.end(time.time_ns())

    return traced


def content_cost() -> dict[str, Cost]:
    """Return by length of the question what it costs to show content; the service does it in a thread."""
    lengths = (100, 2_000, 20_000)
    return {f"content of {length:,} chars": measure(with_content(length), int) for length in lengths}


def main() -> int:
    """Print two tables; return 1 if a bound is not held."""
    print(f"{'us of CPU an exchange':26}{'ours':>8}{'':>8}{'SDK':>8}{'':>8}{'ratio':>8}")
    print(f"{'':26}{'path':>8}{'all':>8}{'path':>8}{'all':>8}{'all':>8}")
    found = trace_cost()
    for case, (mine, its) in found.items():
        row = (mine.path_us, mine.all_us, its.path_us, its.all_us, its.all_us / mine.all_us)
        print(f"{case:26}" + "".join(f"{value:8.1f}" for value in row))
    exported = found["sampled, OTLP/HTTP gzip"][0]
    print(
        f"\nin all: {exported.all_us:.0f} us of CPU for an exchange whose trace goes out over HTTP: "
        f"{exported.path_us:.0f} on its path, {exported.all_us - exported.path_us:.0f} in the exporter's "
        f"thread ({exported.all_us / exported.path_us:.1f} times the path)"
    )
    print(f"\n{'ours':26}{'path':>8}{'all':>8}{'ratio':>8}")
    costs = keeping_cost()
    for case, cost in costs.items():
        ratio = cost.path_us / costs["not sampled"].path_us
        print(f"{case:26}{cost.path_us:8.1f}{cost.all_us:8.1f}{ratio:8.2f}")
    for case, cost in content_cost().items():
        print(f"{case:26}{cost.path_us:8.1f}{cost.all_us:8.1f}")
    over = (
        costs["sampled"].path_us > SAMPLED_US
        or costs["not sampled"].path_us > UNSAMPLED_US
        or exported.all_us > EXPORTED_US
    )
    bounds = f"{SAMPLED_US:.0f} us sampled, {UNSAMPLED_US:.0f} us not, {EXPORTED_US:.0f} us in all"
    print(f"\nbounds: {bounds}: {'NOT HELD' if over else 'held'}")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
