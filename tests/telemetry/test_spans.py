import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext

from telemetry.spans import NAME_LENGTH, SpanAssembly
from telemetry.trace import Attribute, SpanNote

CONTEXT = SpanContext(1, 2, is_remote=False)


def note(start_ns: int, end_ns: int | None, **attributes: Attribute) -> SpanNote:
    made = SpanNote("a", "internal", "000000000000000f", start_ns, attributes)
    made.end_ns = end_ns
    return made


def assemble(root: SpanNote, *children: SpanNote, attribute_length: int = 2048) -> list[ReadableSpan]:
    assembly = SpanAssembly(resource=Resource({}), version="1", attribute_length=attribute_length)
    return assembly.assemble(root, children, CONTEXT, None)


def times(*notes: SpanNote) -> list[tuple[int | None, int | None]]:
    return [(span.start_time, span.end_time) for span in assemble(*notes)]


moments = st.integers(0, 20)


@given(moments, moments, st.lists(st.tuples(moments, moments | st.none()), max_size=4))
@settings(deadline=None)
def test_no_child_lies_outside_the_root_and_none_ends_before_it_starts(
    start: int, end: int, children: list[tuple[int, int | None]]
) -> None:
    *inner, (first, last) = times(note(start, end), *(note(*child) for child in children))

    assert first is not None
    assert last is not None
    assert first == start
    assert last == max(start, end)
    for (begun, ended), (given_start, given_end) in zip(inner, children, strict=True):
        assert begun is not None
        assert ended is not None
        assert first <= begun <= ended <= last
        if given_end is not None and start <= given_start <= given_end <= end:
            assert (begun, ended) == (given_start, given_end)


def test_a_child_left_open_ends_with_the_root() -> None:
    assert times(note(1, 9), note(2, None)) == [(2, 9), (1, 9)]


def test_the_status_is_an_error_only_where_there_was_one() -> None:
    failed = note(2, 3)
    failed.error_type = "timeout"
    child, root = assemble(note(1, 9), failed)

    assert child.status.status_code.name == "ERROR"
    assert dict(child.attributes or {}) == {"error.type": "timeout"}
    assert root.status.status_code.name == "UNSET"
    assert not root.attributes


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("x" * 11, "x" * 10),
        ("é" * 11, "é" * 10),
        (("x" * 11, "y"), ("x" * 10, "y")),
        ("\ud800 lone", "? lone"),
        (("\udfff",), ("?",)),
        (2**63, "0x80000000"),
        (2**63 - 1, 2**63 - 1),
        (True, True),
        (0.5, 0.5),
    ],
)
def test_a_value_is_cut_and_mended(value: Attribute, kept: Attribute) -> None:
    (span,) = assemble(note(1, 2, key=value), attribute_length=10)

    assert dict(span.attributes or {}) == {"key": kept}


def test_a_name_is_cut_and_mended() -> None:
    root = note(1, 2)
    root.name = "chat \ud800" + "x" * 1_000
    (span,) = assemble(root)

    assert span.name == "chat ?" + "x" * (NAME_LENGTH - 6)


values = st.one_of(
    st.text(), st.booleans(), st.integers(), st.floats(), st.lists(st.text(), max_size=3).map(tuple)
)
hostile = st.text(st.characters(categories=("Cs", "Cc", "L", "So")), max_size=20)


@given(hostile, st.dictionaries(st.text(min_size=1), values | hostile, max_size=4), hostile)
@settings(deadline=None)
def test_whatever_a_caller_puts_into_a_span_can_be_encoded(
    name: str, attributes: dict[str, Attribute], error: str
) -> None:
    root = note(1, 2)
    root.name, root.attributes, root.error_type = name, attributes, error
    root.events.append(("verdict", 1, dict(attributes)))

    sent = encode_spans(assemble(root)).SerializeToString()

    assert sent
