import logging
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from opentelemetry.context import Context
from opentelemetry.trace import SpanContext, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from telemetry.trace_context import caller_context, traceparent

VALID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
HEX = "0123456789abcdef"

traceparents = st.builds(
    "{}-{}-{}-{}{}".format,
    st.sampled_from(["00", "01", "cc", "ff", "0", "FF"]),
    st.text(HEX, min_size=32, max_size=32) | st.sampled_from(["0" * 32, "A" * 32, "1" * 31]),
    st.text(HEX, min_size=16, max_size=16) | st.sampled_from(["0" * 16, "1" * 17]),
    st.text(HEX, min_size=2, max_size=2),
    st.sampled_from(["", "-", "-more", " ", "\t", "x", "-" + "m" * 500]),
)
keys = st.text(string.ascii_lowercase + string.digits + "_-*/@", max_size=8)
values = st.text(string.printable[:95], max_size=8)
tracestates = st.lists(st.builds("{}={}".format, keys, values) | st.just(" "), max_size=40).map(",".join)


def by_the_sdk(carrier: dict[str, str]) -> SpanContext | None:
    context = get_current_span(TraceContextTextMapPropagator().extract(carrier, Context())).get_span_context()
    return context if context.is_valid else None


@given(traceparents | st.text(max_size=60).filter(lambda text: "\n" not in text), tracestates | st.none())
@example(VALID, "a=1,a=2")
@example(VALID, "a=1" + " " * 9000)
@example(VALID, ",".join(f"k{i}=v" for i in range(33)))
@settings(deadline=None, max_examples=300)
def test_a_context_is_read_as_the_sdk_reads_it(header: str, state: str | None) -> None:
    carrier = {"traceparent": header} | ({} if state is None else {"tracestate": state})

    ours, theirs = caller_context(carrier), by_the_sdk(carrier)

    assert ours == theirs or (
        ours is not None
        and theirs is not None
        and ours[:4] == theirs[:4]
        and dict(ours.trace_state) == dict(theirs.trace_state)
    )


def test_a_valid_context_is_read_whole() -> None:
    context = caller_context({"traceparent": VALID, "tracestate": "vendor=abc, other=1"})

    assert context is not None
    assert context.trace_id == 0x0AF7651916CD43DD8448EB211C80319C
    assert context.span_id == 0xB7AD6B7169203331
    assert context.is_remote
    assert context.trace_flags.sampled
    assert dict(context.trace_state) == {"vendor": "abc", "other": "1"}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        VALID.upper(),
        VALID + "\n",
        VALID + "-more",
        VALID.replace("00-", "ff-", 1),
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
        VALID.replace("-", "\u2010"),
        "cc" + VALID[2:] + "-" + "m" * 600,
    ],
)
def test_a_malformed_context_is_ignored_without_a_line_in_the_log(
    header: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert caller_context({"traceparent": header, "tracestate": "BAD STATE"}) is None

    assert not caplog.records


@pytest.mark.parametrize("state", ["ok=1,NOT OK", "a=1,a=2", ",".join(f"k{i}=v" for i in range(33))])
def test_a_malformed_trace_state_leaves_the_ids_and_says_nothing(
    state: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        context = caller_context({"traceparent": VALID, "tracestate": state})

    assert context is not None
    assert not context.trace_state
    assert not caplog.records


def test_what_is_written_is_what_was_read() -> None:
    context = caller_context({"traceparent": VALID})

    assert context is not None
    assert traceparent(context) == VALID
