"""The search of `test_canaries.py` finds what is planted, at each place that it looks into."""

import gzip
import urllib.request
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.e2e.canaries import (
    CREDENTIALS,
    PEM,
    VALUES,
    email,
    is_at,
    leaked_credentials,
    leaks,
    spellings,
    text,
)
from tests.e2e.canary_sinks import files, rows, told
from tests.e2e.raw_otlp import raw_collector
from tests.e2e.rows import Database

_ALL = {*VALUES, "private key", "email of here"}


@pytest.mark.parametrize("name", [*VALUES, *CREDENTIALS])
def test_a_value_is_found_in_every_spelling(name: str) -> None:
    for spelling in spellings((VALUES | CREDENTIALS)[name]):
        assert leaks(b"x" + spelling + b"y") == [name]


def test_a_private_key_is_found_by_each_of_its_lines_and_an_address_by_its_place() -> None:
    for line in PEM.splitlines()[1:-1]:
        assert leaks(line.encode()) == ["private key"]
    assert leaks(email("a-place").encode()) == ["email of a-place"]
    assert leaks(email("a-place").replace("@", "\\u0040").encode()) == ["email"]
    assert {*leaks(repr(text("here")).encode())} == _ALL


def test_what_is_harmless_is_found_and_not_taken_for_another() -> None:
    assert is_at("here", text("here").encode())
    assert not is_at("here", text("here-too").encode())
    assert leaks(b"here-here and all else") == []
    assert leaked_credentials(text("here").encode()) == []


def test_rows_and_views_of_every_table_are_looked_into(record: Database) -> None:
    engine = sa.create_engine(record.url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE odd (odd TEXT)"))
        connection.execute(sa.text("CREATE VIEW odd_view AS SELECT odd FROM odd"))
        connection.execute(sa.text("INSERT INTO odd VALUES (:odd)"), {"odd": text("here")})
    engine.dispose()
    found = rows(record)
    assert {*leaks(found["rows of odd"])} == {*leaks(found["rows of odd_view"])} == _ALL


@pytest.mark.parametrize("file", ["a.log", "journals/b.journal-wal", "c/d/e"])
def test_every_file_is_looked_into_however_deep_and_by_its_name(tmp_path: Path, file: str) -> None:
    place = tmp_path / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"\0\xff" + text("here").encode())
    (tmp_path / email("named")).touch()
    found = files(tmp_path)
    assert {*leaks(found[f"file {place.name}"])} == _ALL
    assert leaks(found["names of files"]) == ["email of named"]


def _streamed(text_: str) -> bytes:
    pieces = (text_[at : at + 5] for at in range(0, len(text_), 5))
    return b"".join(
        b'data: {"choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n' % one.encode() for one in pieces
    )


@pytest.mark.parametrize(
    ("sink", "response"),
    [
        ("head", httpx.Response(200, headers={"x-odd": email("here")})),
        ("body", httpx.Response(503, json={"error": {"message": email("here")}})),
        ("words", httpx.Response(200, content=_streamed(email("here")))),
    ],
    ids=["head", "body", "words"],
)
def test_what_a_caller_is_told_is_looked_into_and_joined(sink: str, response: httpx.Response) -> None:
    assert leaks(told("x", response)[f"{sink} of x"]) == ["email of here"]


def _attribute(value: str) -> KeyValue:
    return KeyValue(key="odd", value=AnyValue(string_value=value))


def _span_with(put: Callable[[ExportTraceServiceRequest, str], object]) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add().events.add()
    put(request, email("here"))
    return request


_SPANS: dict[str, Callable[[ExportTraceServiceRequest, str], object]] = {
    "resource": lambda of, text_: of.resource_spans[0].resource.attributes.append(_attribute(text_)),
    "scope": lambda of, text_: of.resource_spans[0].scope_spans[0].scope.attributes.append(_attribute(text_)),
    "attribute": lambda of, text_: _span(of).attributes.append(_attribute(text_)),
    "event": lambda of, text_: _span(of).events[0].attributes.append(_attribute(text_)),
    "link": lambda of, text_: _span(of).links.add().attributes.append(_attribute(text_)),
    "name": lambda of, text_: setattr(_span(of), "name", text_),
    "state": lambda of, text_: setattr(_span(of), "trace_state", text_),
    "status": lambda of, text_: setattr(_span(of).status, "message", text_),
}


def _span(request: ExportTraceServiceRequest) -> Span:
    span: Span = request.resource_spans[0].scope_spans[0].spans[0]
    return span


def _sent(path: str, body: bytes, **headers: str) -> bytes:
    """Return what a collector got of a request."""
    with raw_collector() as collector:
        request = urllib.request.Request(collector.endpoint + path, body, headers)
        with urllib.request.urlopen(request) as reply:
            assert reply.status == 200
        return collector.bytes_of(path)


@pytest.mark.parametrize("where", [*_SPANS])
def test_every_place_of_a_trace_is_looked_into(where: str) -> None:
    body = gzip.compress(_span_with(_SPANS[where]).SerializeToString())
    assert leaks(_sent("/v1/traces", body, **{"Content-Encoding": "gzip"})) == ["email of here"]


def test_labels_and_exemplars_of_metrics_are_looked_into() -> None:
    request = ExportMetricsServiceRequest()
    point = request.resource_metrics.add().scope_metrics.add().metrics.add().sum.data_points.add()
    point.attributes.append(_attribute(email("label")))
    point.exemplars.add().filtered_attributes.append(_attribute(email("exemplar")))
    found = leaks(_sent("/v1/metrics", request.SerializeToString(), **{"X-Odd": email("header")}))
    assert found == ["email of exemplar", "email of header", "email of label"]
