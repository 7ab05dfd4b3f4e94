"""What is too long for an attribute stays JSON, fits, and keeps what counts most."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.content import CUT, SHORTEST, ContentCapture, fitting_json
from telemetry.variables import Variables
from tests.telemetry.logs import KeptLog

VARIABLE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
LENGTH = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"

texts = st.text(st.characters(), max_size=400) | st.sampled_from(["x" * 5000, "é" * 3000, '"\\\n' * 900])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
parts = st.fixed_dictionaries({"type": st.just("text"), "content": texts}) | st.fixed_dictionaries(
    {"type": st.just("tool_call"), "name": texts, "arguments": values}
)
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool"]), "parts": st.lists(parts, max_size=4)},
    optional={"finish_reason": st.sampled_from(["stop", "content_filter"])},
)


def message(text: str, role: str = "user") -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


@settings(deadline=None)
@given(
    items=st.lists(messages, min_size=1, max_size=8) | st.lists(parts, min_size=1, max_size=8),
    room=st.integers(SHORTEST, 6000),
    newest=st.booleans(),
    missing=st.integers(0, 10**6),
)
def test_whatever_was_said_is_json_that_fits_and_keeps_what_counts_most(
    items: list[dict[str, Any]], room: int, newest: bool, missing: int
) -> None:
    written = fitting_json(items, room, newest=newest, missing=missing)
    assert len(written.encode()) <= room
    read = json.loads(written)
    told = [one for one in read if one.get("role") == "omitted" or one.get("type") == "omitted"]
    kept = [one for one in read if one not in told]
    if "parts" in items[0]:
        most = items[-1 if newest else 0]
        assert kept[-1 if newest else 0]["role"] == most["role"]
        assert kept[-1 if newest else 0].get("finish_reason") == most.get("finish_reason")
    left_out = len(items) - len(kept) + missing
    assert (len(told), str(left_out) in json.dumps(told)) == ((1, True) if left_out else (0, False))
    if told:
        assert read[0 if newest else -1] == told[0]


def test_what_fits_is_as_it_was() -> None:
    said = [message("é", "system"), message("b")]
    whole = fitting_json(said, 2048, newest=True)
    assert json.loads(whole) == said
    assert json.loads(fitting_json(said, len(whole.encode()), newest=True)) == said


def test_the_oldest_messages_go_first_and_one_is_cut() -> None:
    said = [message("a" * 300), message("b" * 300), message("c" * 300)]
    omitted, cut, newest = json.loads(fitting_json(said, 600, newest=True))
    assert omitted == {"role": "omitted", "parts": [{"type": "omitted", "content": "1 left out"}]}
    assert newest == said[2]
    text = cut["parts"][0]["content"]
    assert text == "b" * (len(text) - 1) + CUT
    assert len(text) > 50


def test_one_long_message_fills_its_room_to_the_last_bytes() -> None:
    for sign in ("x", "é", "\n", "\U0001f600"):
        written = fitting_json([message(sign * 5000)], 2048, newest=True)
        assert 2048 - 90 < len(written.encode()) <= 2048
        (kept,) = json.loads(written)
        assert kept["parts"][0]["content"].startswith(sign * 300)


def test_of_a_message_the_first_parts_are_kept() -> None:
    said = {"role": "user", "parts": [{"type": "text", "content": str(i) * 150} for i in range(9)]}
    (kept,) = json.loads(fitting_json([said], 700, newest=True))
    assert kept["parts"][0] == said["parts"][0]
    assert kept["parts"][-1]["type"] == "omitted"


def test_of_an_answer_the_first_choice_is_kept() -> None:
    said = [message(sign * 300) | {"finish_reason": "stop"} for sign in "ab"]
    first, second = json.loads(fitting_json(said, 480, newest=False))
    assert first == said[0]
    assert second["parts"][0]["content"].endswith("b" + CUT)
    assert second["finish_reason"] == "stop"


def test_a_structure_that_cannot_be_cut_is_left_out() -> None:
    call = {"type": "tool_call", "name": "f", "arguments": {f"key-{i}": i for i in range(999)}}
    (kept,) = json.loads(fitting_json([{"role": "assistant", "parts": [call]}], 300, newest=True))
    assert kept == {"role": "assistant", "parts": [{"type": "omitted", "content": "1 left out"}]}


def test_a_lone_surrogate_can_be_encoded() -> None:
    assert json.loads(fitting_json([message("a\ud800b")], 300, newest=True)) == [message("a?b")]


@pytest.mark.parametrize(
    ("value", "on_span", "on_event"),
    [
        ("", False, False),
        ("NO_CONTENT", False, False),
        ("SPAN_ONLY", True, False),
        ("event_only", False, True),
        ("SPAN_AND_EVENT", True, True),
    ],
)
def test_content_is_shown_where_the_variable_says(value: str, on_span: bool, on_event: bool) -> None:
    log = KeptLog()
    capture = Variables({VARIABLE: value, LENGTH: "999"}, log).content()
    assert capture == ContentCapture(on_span=on_span, on_event=on_event, max_bytes=999)
    assert bool(capture) is (on_span or on_event)
    assert not log.lines


@pytest.mark.parametrize(
    "environ",
    [{VARIABLE: "true"}, {VARIABLE: "SPAN"}, {VARIABLE: "SPAN_ONLY", LENGTH: str(SHORTEST - 1)}],
    ids=["an older spelling", "another word", "no room"],
)
def test_what_cannot_be_done_shows_nothing_and_says_so(environ: dict[str, str]) -> None:
    log = KeptLog()
    assert not Variables(environ, log).content()
    ((_, event, fields),) = log.lines
    assert (event, fields["variable"]) == ("environment variable not usable", VARIABLE)
