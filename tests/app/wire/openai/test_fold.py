import time
from collections.abc import Iterable
from typing import Any

import pytest

from app.domain.errors import UpstreamBroken
from app.domain.events import (
    FUNCTION_CALL,
    Blocked,
    ChoiceFinished,
    Event,
    Extra,
    Failed,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.wire.openai.fold import Fold
from guardrails.verdict import Action, Decision, Mode, Side, Verdict

BLOCK = Blocked(Verdict("g", Side.OUTPUT, Decision.BLOCK, Action.BLOCK, Mode.ENFORCE, True))


def fold(*events: Event) -> dict[str, Any]:
    folded = Fold()
    for event in events:
        folded.add(event)
    return folded.document()


def message(*events: Event) -> dict[str, Any]:
    found: dict[str, Any] = fold(*events)["choices"][0]["message"]
    return found


def extras(key: str, values: Iterable[Any]) -> list[Event]:
    return [Extra(0, {key: value}) for value in values]


def test_what_was_released_of_a_cut_answer_is_a_document() -> None:
    cut = fold(Started({"id": "a"}), TextDelta(0, "content", "Hel"), Failed(UpstreamBroken("x")))
    assert cut == {
        "id": "a",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hel"}, "finish_reason": None}],
    }


def test_a_blocked_answer_says_so_in_every_choice_that_had_not_ended() -> None:
    cut = fold(
        Started({}),
        TextDelta(0, "content", "a"),
        TextDelta(1, "content", "b"),
        ChoiceFinished(0, "stop", {}),
        BLOCK,
    )
    assert [choice["finish_reason"] for choice in cut["choices"]] == ["stop", "content_filter"]


def test_nothing_folds_to_a_document_without_choices() -> None:
    assert fold() == {"object": "chat.completion", "choices": []}


def test_choices_stand_in_order_whichever_came_first() -> None:
    choices = fold(TextDelta(2, "content", "c"), TextDelta(0, "content", "a"))["choices"]
    assert [choice["index"] for choice in choices] == [0, 2]


def test_a_call_whose_arguments_never_came_has_empty_ones() -> None:
    call = ToolCallStarted(0, 0, {"id": "c", "type": "function", "function": {"name": "f"}})
    assert message(call)["tool_calls"][0]["function"] == {"name": "f", "arguments": ""}
    legacy = ToolCallStarted(0, FUNCTION_CALL, {"name": "f"})
    assert message(legacy)["function_call"] == {"name": "f", "arguments": ""}


def test_log_probabilities_that_come_alone_make_no_text() -> None:
    events: list[Event] = [Extra(0, {"content": None}), TextDelta(0, "content", "", {"content": [1]})]
    choice = fold(*events, TextDelta(0, "content", "", {"content": [2]}))["choices"][0]
    assert (choice["message"]["content"], choice["logprobs"]) == (None, {"content": [1, 2]})


def test_the_last_usage_and_top_level_fields_count() -> None:
    document = fold(
        UsageReported({"a": 1}), Extra(None, {"x": 1}), Extra(None, {"x": 2}), UsageReported({"a": 2})
    )
    assert (document["usage"], document["x"]) == ({"a": 2}, 2)


@pytest.mark.parametrize(
    ("values", "joined"),
    [
        (["a", "b"], "ab"),
        ([None, "a", None], "a"),
        ([[1], [2]], [1, 2]),
        ([{"a": "x", "id": "i"}, {"a": "y", "id": "i", "n": 1}, {"n": 2}], {"a": "xy", "id": "i", "n": 2}),
        (
            [
                [{"index": 0, "t": "a", "type": "x"}],
                [{"index": 1, "t": "b"}, {"index": 0, "t": "c", "type": "x"}],
            ],
            [{"index": 0, "t": "ac", "type": "x"}, {"index": 1, "t": "b"}],
        ),
        ([1, 2], 2),
        (["a", 5], 5),
        ([None, None], None),
    ],
)
def test_the_pieces_of_a_field_are_joined_as_clients_join_them(values: list[Any], joined: Any) -> None:
    assert message(*extras("x", values))["x"] == joined


def test_parts_and_text_under_one_key_are_all_kept() -> None:
    events = [
        *extras("content", [[{"type": "thinking"}]]),
        TextDelta(0, "content", "a"),
        TextDelta(0, "content", "b"),
    ]
    assert message(*events)["content"] == [{"type": "thinking"}, {"type": "text", "text": "ab"}]


def test_folding_changes_no_event() -> None:
    call = ToolCallStarted(0, 0, {"id": "c", "function": {"name": "f"}})
    late = Extra(0, {"tool_calls": [{"index": 0, "function": {"x": 1}}], "d": {"a": [1]}})
    folded = Fold()
    for event in (call, ToolArguments(0, 0, "{}"), late, late):
        folded.add(event)
    assert folded.document() == folded.document()
    assert call.fields == {"id": "c", "function": {"name": "f"}}
    assert late.fields == {"tool_calls": [{"index": 0, "function": {"x": 1}}], "d": {"a": [1]}}


def test_a_long_stream_folds_in_linear_time() -> None:
    folded = Fold()
    started = time.process_time()
    for _ in range(100_000):
        folded.add(TextDelta(0, "content", "word "))
        folded.add(Extra(0, {"audio": {"data": "AAAA"}}))
    assert len(folded.document()["choices"][0]["message"]["audio"]["data"]) == 400_000
    assert time.process_time() - started < 5  # about 0.2 s where nobody else is at work
