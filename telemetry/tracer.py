"""Makes traces: real ids and a real sampling decision at the start, spans at the end.

The counterpart is `telemetry/export.py`, which builds the one tracer of a process from its environment.
There is no `TracerProvider` and no current-span context anywhere: a trace is an object that is handed on,
hence nothing can be attached in one task and detached in another. Processors get `on_end` alone, which is
all that the SDK's own use.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Literal

from opentelemetry.context import Context
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState, set_span_in_context

from telemetry.content import ContentCapture
from telemetry.keeping import Ending, Keeping
from telemetry.spans import KINDS, SpanAssembly
from telemetry.stopping import SHUTDOWN_TIMEOUT_S, Sender, stop_together
from telemetry.trace import Attribute, SpanNote
from telemetry.trace_context import caller_context, traceparent

Trust = Literal["trust", "ignore"]
"""What to make of a caller's trace context. `trust`: its trace goes on, and it has a say in sampling.
`ignore`: a new trace, for front doors whose callers shall neither choose what is sampled nor join each
other's traces."""

_NO_PARENT = Context()
_NOTHING = Keeping()
_NO_CONTENT = ContentCapture()


class SystemIds(IdGenerator):
    """Random ids of a generator of their own, seeded by the operating system.

    The SDK's own take the random numbers of the whole program, which repeat where anything in it seeds them.
    Asking the operating system each time costs a hundred times as much. The ids are unique, not secret.
    """

    def __init__(self) -> None:
        self._random_bits = random.Random().getrandbits  # noqa: S311 (unique, not secret)

    def generate_trace_id(self) -> int:
        """Return 128 random bits, not all zero."""
        return self._random_bits(128) or self.generate_trace_id()

    def generate_span_id(self) -> int:
        """Return 64 random bits, not all zero."""
        return self._random_bits(64) or self.generate_span_id()

    def is_trace_id_random(self) -> bool:
        """Return True: the W3C random flag may be set."""
        return True


class NotedTrace:
    """A `telemetry.trace.Trace`. Made by `Tracer.start`.

    One that is kept at its end is exported as sampled. What the caller and providers were told before, in
    `traceparent`, stays "not sampled": their own spans may be missing in its tree.
    """

    __slots__ = (
        "_children", "_ids", "_over", "_tracer", "context", "parent", "recording", "root", "sampled",
        "trace_id",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 (what the start of a trace decides)
        self,
        tracer: "Tracer",
        ids: IdGenerator,
        root: SpanNote,
        context: SpanContext,
        parent: SpanContext | None,
        *,
        sampled: bool,
        recording: bool,
    ) -> None:
        self._tracer = tracer
        self._ids = ids
        self._children: list[SpanNote] = []
        self._over = False
        self.root = root
        self.context = context
        self.parent = parent
        self.sampled = sampled
        self.recording = recording
        self.trace_id = f"{context.trace_id:032x}"

    @property
    def traceparent(self) -> str:
        """W3C Trace Context header naming the root span, for the response."""
        return traceparent(self.context)

    @property
    def children(self) -> Sequence[SpanNote]:
        """The spans below the root so far, in the order in which they began."""
        return self._children

    def span(self, name: str, kind: str, start_ns: int, attributes: dict[str, Attribute]) -> SpanNote:
        """Begin a child of the root. It has an id also where the trace is not sampled: rows refer to it.

        Raises:
            ValueError: `kind` is none of `server`, `client`, `internal`.
        """
        _check(kind)
        note = SpanNote(name, kind, f"{self._ids.generate_span_id():016x}", start_ns, attributes)
        self._children.append(note)
        return note

    def settle(self, ending: Ending | None, end_ns: int) -> None:
        """Keep a trace that was not sampled, if that is configured for how and when the exchange ended."""
        if self.recording and not self.sampled:
            self.sampled = self._tracer.keeping.wants(ending, end_ns - self.root.start_ns)

    def end(self, end_ns: int) -> None:
        """End the root and hand the tree over for export, if the trace is sampled. Later calls do nothing."""
        if self._over:
            return
        self._over = True
        self.root.end_ns = end_ns
        if self.sampled:
            self._tracer.export(self.root, self._children, _sampled(self.context), self.parent)


class Tracer:
    """Makes traces and hands the sampled ones over for export. One a process.

    Args:
        sampler: decides at the start of a trace, from its parent, id, name and first attributes.
        assembly: makes spans of notes.
        processors: get the spans of sampled traces. Without any, no trace is sampled: nobody would see it.
        keeping: which traces are exported though the sampler, or the caller, left them out.
        content: what of content is asked for; who shows it asks here.
        trust: see `Trust`.
        ids: where ids come from.
    """

    def __init__(  # noqa: PLR0913 (what a process decides once)
        self,
        *,
        sampler: Sampler,
        assembly: SpanAssembly,
        processors: tuple[SpanProcessor, ...] = (),
        keeping: Keeping = _NOTHING,
        content: ContentCapture = _NO_CONTENT,
        trust: Trust = "trust",
        ids: IdGenerator | None = None,
    ) -> None:
        self._sampler = sampler
        self._assembly = assembly
        self.processors = self._processors = processors
        self.keeping, self.content = keeping, content
        self._keeps = bool(processors and keeping.reasons)
        self._trusts = trust == "trust"
        self._ids = ids or SystemIds()
        self._random_ids = self._ids.is_trace_id_random()

    def start(
        self,
        name: str,
        kind: str,
        start_ns: int,
        carrier: Mapping[str, str],
        attributes: Mapping[str, Attribute],
    ) -> NotedTrace:
        """Begin a trace, or go on with the caller's.

        Args:
            name: of the root span.
            kind: `server`, `client` or `internal`.
            start_ns: Unix time in nanoseconds.
            carrier: the request's headers, names in lower case.
            attributes: of the root span; the sampler sees these and no later ones.

        Raises:
            ValueError: `kind` is none of the three.
        """
        _check(kind)
        parent = caller_context(carrier) if self._trusts else None
        if parent is None:
            trace_id, random = self._ids.generate_trace_id(), self._random_ids
        else:
            trace_id, random = parent.trace_id, parent.trace_flags.random_trace_id
        noted = dict(attributes)
        sampled, trace_state = self._sample(parent, trace_id, name, kind, noted)
        flags = (TraceFlags.SAMPLED if sampled else 0) | (TraceFlags.RANDOM_TRACE_ID if random else 0)
        context = SpanContext(
            trace_id,
            self._ids.generate_span_id(),
            is_remote=False,
            trace_flags=TraceFlags(flags),
            trace_state=trace_state,
        )
        root = SpanNote(name, kind, f"{context.span_id:016x}", start_ns, noted)
        recording = sampled or self._keeps
        return NotedTrace(self, self._ids, root, context, parent, sampled=sampled, recording=recording)

    def export(
        self, root: SpanNote, children: list[SpanNote], context: SpanContext, parent: SpanContext | None
    ) -> None:
        """Hand the spans of an ended, sampled trace to the processors. `Trace.end` calls it."""
        for span in self._assembly.assemble(root, children, context, parent):
            for processor in self._processors:
                processor.on_end(span)

    @property
    def senders(self) -> tuple[Sender, ...]:
        """What is to be stopped at the end: see `telemetry.stopping`."""
        return tuple(_SpanSender(processor) for processor in self.processors)

    def shutdown(self, timeout_s: float = SHUTDOWN_TIMEOUT_S) -> bool:
        """Send what is waiting and stop. Blocks for `timeout_s` at most: call it from a thread.

        Returns:
            Whether the processors were done in time.
        """
        return stop_together(self.senders, timeout_s)

    def _sample(
        self,
        parent: SpanContext | None,
        trace_id: int,
        name: str,
        kind: str,
        attributes: dict[str, Attribute],
    ) -> tuple[bool, TraceState | None]:
        """Return the decision and the trace state that goes with it; the sampler may add attributes."""
        if not self._processors:
            return False, None if parent is None else parent.trace_state
        context = _NO_PARENT if parent is None else set_span_in_context(NonRecordingSpan(parent), _NO_PARENT)
        result = self._sampler.should_sample(context, trace_id, name, KINDS[kind], attributes)
        sampled = result.decision is Decision.RECORD_AND_SAMPLE
        if sampled:
            attributes.update(result.attributes)
        return sampled, result.trace_state


class _SpanSender:
    """A processor, as something that sends. The SDK's own shutdown waits for up to 30 s."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._processor = processor

    def finish(self) -> None:
        self._processor.shutdown()

    def give_up(self) -> None:
        if isinstance(self._processor, BatchSpanProcessor):
            self._processor.span_exporter.shutdown()

    def unsent(self) -> str:
        waiting = getattr(self._processor, "waiting", None)
        return "spans" if waiting is None else f"{waiting} spans and what was under way"


def _sampled(context: SpanContext) -> SpanContext:
    """Return the context with the flag without which processors drop a span."""
    if context.trace_flags.sampled:
        return context
    flags = TraceFlags(context.trace_flags | TraceFlags.SAMPLED)
    return SpanContext(context.trace_id, context.span_id, False, flags, context.trace_state)


def _check(kind: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of span: take one of {', '.join(KINDS)}")
