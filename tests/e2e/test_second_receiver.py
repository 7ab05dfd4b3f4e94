"""Traces of a running service as a second receiver shows them: one that is not OpenTelemetry's own code."""

import asyncio
from pathlib import Path

import pytest

from tests.e2e.test_metrics import ask
from tests.e2e.test_traces import SOME, TREES, Row, gateway
from tests.rotel import SpanShown, rotel
from tests.telemetry.receiver import Received

ASKED = ("whole", "streamed", "blocked in", "redacted", "fallback")


def assert_shown(span: SpanShown, wanted: Row) -> None:
    name, kind, status, attributes = wanted
    assert (span.name, span.kind, span.status) == (name, f"SPAN_KIND_{kind}", f"STATUS_CODE_{status}")
    known = {key: value if attributes.get(key) != SOME else SOME for key, value in span.attributes.items()}
    assert known == {key: value if value == SOME else written(value) for key, value in attributes.items()}


def written(value: object) -> str:
    """Return an attribute's value as rotel writes it."""
    if isinstance(value, bool):
        return f"Bool({str(value).lower()})"
    if isinstance(value, tuple):
        return f"Slice({', '.join(map(written, value))})"
    return f"{ {int: 'Int', float: 'Double'}.get(type(value), 'Str') }({value})"


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
async def test_an_independent_receiver_shows_calls_to_models_and_guardrails(
    protocol: str, tmp_path: Path
) -> None:
    with rotel(tmp_path) as second:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": second.endpoint(protocol),
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        }
        async with gateway(tmp_path, Received(), environ) as client:
            for name in ASKED:
                said, headers, wanted = TREES[name]
                reply = await ask(client, dict(said), headers)
                trace_id = reply.headers["x-portkey-trace-id"]
                shown = await asyncio.to_thread(second.trace, trace_id, len(wanted))
                (root,) = (span for span in shown if not span.parent_id)
                assert {span.parent_id for span in shown if span is not root} == {root.span_id}
                children = [span for span in shown if span is not root]
                for span, row in zip([root, *children], wanted, strict=True):
                    assert_shown(span, row)
