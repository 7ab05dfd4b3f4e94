from typing import Any

import pytest
from hypothesis import given, settings

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import (
    FUNCTION_CALL,
    ChoiceFinished,
    Extra,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.wire.openai.document import events_of_document
from tests.golden.openai_cases import DOCUMENTS, document, events, fold, write
from tests.openai_documents import DOCUMENT


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_folded_from_its_events_is_the_document(name: str) -> None:
    assert fold(events_of_document(document(name))) == document(name)


@settings(deadline=None, max_examples=300)
@given(DOCUMENT)
def test_any_document_folded_from_its_events_is_the_document(whole: dict[str, Any]) -> None:
    assert fold(events_of_document(whole)) == whole


@settings(deadline=None, max_examples=300)
@given(DOCUMENT)
def test_any_document_survives_being_streamed_and_read_again(whole: dict[str, Any]) -> None:
    again = fold(events([write(events_of_document(whole))]))
    assert _without_nulls(again) == _without_nulls(whole)


def _without_nulls(value: Any) -> Any:
    """Leave out what a stream does not say beyond its first chunk: nulls and empty texts."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item not in (None, "")}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def test_the_events_of_a_document_stand_in_the_order_of_the_grammar() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}, "x": 1}
    message = {
        "role": "assistant",
        "content": "hi",
        "refusal": None,
        "reasoning": "hm",
        "tool_calls": [call],
        "function_call": {"name": "g", "arguments": ""},
    }
    logprobs: dict[str, Any] = {"content": [], "refusal": None}
    whole = {
        "id": "a",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "logprobs": logprobs, "finish_reason": "stop", "y": 2}],
        "usage": {"total_tokens": 1},
        "citations": ["u"],
    }
    assert list(events_of_document(whole)) == [
        Started({"id": "a"}),
        Extra(None, {"citations": ["u"]}),
        Extra(0, {"refusal": None}),
        TextDelta(0, "reasoning", "hm"),
        TextDelta(0, "content", "hi", logprobs),
        ToolCallStarted(0, 0, {"id": "c", "type": "function", "function": {"name": "f"}, "x": 1}),
        ToolArguments(0, 0, "{}"),
        ToolCallStarted(0, FUNCTION_CALL, {"name": "g"}),
        ChoiceFinished(0, "stop", {"y": 2}),
        UsageReported({"total_tokens": 1}),
    ]


def test_text_can_not_hide_in_the_fields_of_the_protocol() -> None:
    whole = {"id": ["text"], "model": {"a": "text"}, "choices": [{"message": {"content": "x"}}]}
    started, extra, *_ = events_of_document(whole)
    assert (started, extra) == (Started({}), Extra(None, {"id": ["text"], "model": {"a": "text"}}))


def test_choices_without_an_index_or_with_the_same_are_numbered() -> None:
    choices = [{"message": {"content": text}, "finish_reason": "stop"} for text in "ab"]
    again = [{**choice, "index": 0} for choice in choices]
    for found in (choices, again):
        folded = fold(events_of_document({"choices": found}))
        assert [(one["index"], one["message"]["content"]) for one in folded["choices"]] == [
            (0, "a"),
            (1, "b"),
        ]


def test_calls_without_a_finish_reason_are_why_it_ended() -> None:
    call = {"function": {"name": "f", "arguments": "{}"}}
    whole = {"id": "a", "choices": [{"message": {"tool_calls": [call, call]}, "finish_reason": None}]}
    choice = fold(events_of_document(whole))["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    ids = [made["id"] for made in choice["message"]["tool_calls"]]
    assert len(set(ids)) == 2
    assert all(made.startswith("call_") for made in ids)


@pytest.mark.parametrize(
    "whole",
    [
        [],
        "text",
        None,
        {},
        {"choices": []},
        {"choices": {}},
        {"choices": ["x"]},
        {"choices": [{}]},
        {"choices": [{"message": "x"}]},
        {"choices": [{"delta": {"content": "x"}}]},
        {"choices": [{"message": {}, "finish_reason": 5}]},
    ],
)
def test_what_is_no_completion_is_refused(whole: object) -> None:
    with pytest.raises(UpstreamBroken):
        list(events_of_document(whole))


@pytest.mark.parametrize(
    ("whole", "status", "message"),
    [
        ({"error": {"message": "no", "code": 429}}, 429, "no"),
        ({"error": {"message": "no", "type": "rate_limit_exceeded"}}, 429, "no"),
        ({"error": "no", "code": "x"}, 502, "no"),
        ([{"error": {"message": "no", "code": 400, "status": "INVALID_ARGUMENT"}}], 400, "no"),
        ({"choices": [{"error": {"message": "no", "code": 503}, "message": {"content": "x"}}]}, 503, "no"),
    ],
)
def test_an_error_inside_a_200_is_an_error(whole: object, status: int, message: str) -> None:
    with pytest.raises(UpstreamRefused) as caught:
        list(events_of_document(whole))
    assert (caught.value.status, caught.value.message) == (status, message)
