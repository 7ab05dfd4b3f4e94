"""How pieces of an answer belong together."""

from typing import Any

import pytest

from app.answer_pieces import spelled, with_late_fields
from app.domain.events import ToolCallStarted


def test_late_fields_join_their_call_and_leave_the_others() -> None:
    calls = {0: ToolCallStarted(0, 0, {"id": "a"}), 1: ToolCallStarted(0, 1, {"id": "b"})}
    extras: dict[str, Any] = {
        "tool_calls": [{"index": 1, "x": "1"}, {"index": 1, "x": "2"}, {"index": 7}],
        "y": 1,
    }
    assert [call.fields for call in with_late_fields(calls, extras)] == [{"id": "a"}, {"id": "b", "x": "12"}]
    assert extras == {"tool_calls": [{"index": 7}], "y": 1}


def test_nothing_is_left_where_all_of_it_was_late() -> None:
    extras: dict[str, Any] = {"tool_calls": [{"index": 0, "x": 1}]}
    (call,) = with_late_fields({0: ToolCallStarted(0, 0, {"id": "a"})}, extras)
    assert (call.fields, extras) == ({"id": "a", "x": 1}, {})


def test_without_anything_late_calls_stay_as_they_are() -> None:
    calls = {0: ToolCallStarted(0, 0, {"id": "a"})}
    assert list(with_late_fields(calls, {})) == [calls[0]]


@pytest.mark.parametrize(
    ("items", "texts"),
    [
        ([{"token": "al"}, {"token": "ice"}], ["alice", ""]),
        ([{"token": "a", "bytes": [97]}, {"token": "b", "bytes": [98]}], ["ab"]),
        ([{"token": "?", "bytes": [0xC3]}, {"token": "?", "bytes": [0xA9]}], ["??", "é"]),
        ([{"bytes": [300, "x", None]}, "junk"], [""]),
        (None, [""]),
    ],
)
def test_tokens_spell_a_text_and_so_do_their_bytes(items: Any, texts: list[str]) -> None:
    assert list(spelled({"content": items})) == texts
