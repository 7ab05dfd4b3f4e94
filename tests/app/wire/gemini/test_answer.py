"""Responses put together to one answer."""

import json
from typing import Any

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import ChoiceFinished, Extra, Started, TextDelta, UsageReported
from tests.gemini import MODEL, NOW_S, asked, response, streamed, whole

FEEDBACK = {"blockReason": "PROHIBITED_CONTENT", "safetyRatings": []}


def test_an_answer_says_what_it_is_once() -> None:
    events = streamed(response({"text": "a"}), response({"text": "b"}, finish="STOP"))
    assert [event for event in events if isinstance(event, Started)] == [
        Started({"id": "r", "created": int(NOW_S), "model": MODEL})
    ]


def test_what_it_does_not_say_is_made() -> None:
    events = whole({"candidates": [{"finishReason": "STOP"}]}, model="asked-for")
    assert events[0] == Started({"id": f"chatcmpl-{1:024x}", "created": int(NOW_S), "model": "asked-for"})


def test_a_candidate_without_content_is_still_a_choice() -> None:
    events = whole({"candidates": [{"finishReason": "MAX_TOKENS"}]})
    assert events[1:] == [
        Extra(0, {"content": None}),
        ChoiceFinished(0, "length", {"native_finish_reason": "MAX_TOKENS"}),
    ]


def test_the_last_count_counts() -> None:
    first = response({"text": "a"}, usageMetadata={"promptTokenCount": 5, "thoughtsTokenCount": 2})
    last = response(
        {"text": "b"}, finish="STOP", usageMetadata={"promptTokenCount": 5, "candidatesTokenCount": 3}
    )
    assert streamed(first, last)[-1] == UsageReported(
        {
            "prompt_tokens": 5,
            "completion_tokens": 5,
            "total_tokens": 10,
            "completion_tokens_details": {"reasoning_tokens": 2},
        }
    )


def test_a_blocked_prompt_is_a_refusal() -> None:
    events = streamed(
        {"promptFeedback": FEEDBACK, "usageMetadata": {"promptTokenCount": 3}, "responseId": "r"}
    )
    assert events[1:4] == [
        Extra(0, {"content": None}),
        TextDelta(0, "refusal", "Google blocked the prompt: PROHIBITED_CONTENT."),
        ChoiceFinished(
            0,
            "content_filter",
            {"promptFeedback": FEEDBACK, "native_finish_reason": "PROHIBITED_CONTENT"},
        ),
    ]
    assert isinstance(events[4], UsageReported)


def test_a_blocked_prompt_may_say_why() -> None:
    events = whole({"promptFeedback": {**FEEDBACK, "blockReasonMessage": "Because."}}, strict=False)
    assert TextDelta(0, "refusal", "Because.") in events
    assert events[-1] == ChoiceFinished(
        0, "PROHIBITED_CONTENT", {"promptFeedback": {**FEEDBACK, "blockReasonMessage": "Because."}}
    )


def test_several_candidates_are_several_choices() -> None:
    def candidate(text: str, **fields: Any) -> dict[str, Any]:
        return {"content": {"parts": [{"text": text}]}, "finishReason": "STOP", **fields}

    def texts(*candidates: dict[str, Any]) -> list[tuple[int, str]]:
        events = whole({"candidates": list(candidates)})
        return [(event.choice, event.text) for event in events if isinstance(event, TextDelta)]

    assert texts(candidate("a"), candidate("b")) == [(0, "a"), (1, "b")]
    assert texts(candidate("b", index=1), candidate("a")) == [(1, "b"), (0, "a")]
    assert texts(candidate("b", index=1)) == [(1, "b")]


def test_what_nobody_knows_rides_along_at_the_top() -> None:
    status = {"modelStage": "PREVIEW"}
    events = streamed(
        response(
            {"text": "a"},
            finish="STOP",
            modelStatus=status,
            usageMetadata={"trafficType": "ON_DEMAND_PRIORITY"},
        )
    )
    assert Extra(None, {"modelStatus": status, "service_tier": "priority"}) in events


@pytest.mark.parametrize("strict", [True, False])
def test_a_stream_that_stops_half_way_is_broken(strict: bool) -> None:
    with pytest.raises(UpstreamBroken):
        streamed(response({"text": "a"}), strict=strict)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"candidates": []},
        {"promptFeedback": {}},
        {"candidates": 7},
        {"candidates": [7]},
        {"candidates": [{"index": -1}]},
        {"candidates": [{"index": 10**9}]},
        [[]],
        7,
        [],
    ],
)
def test_what_is_no_answer_is_broken(document: Any) -> None:
    with pytest.raises(UpstreamBroken):
        whole(document)


def test_an_error_may_come_in_a_200_or_in_the_middle() -> None:
    error = {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}
    for document in (error, [error], [response({"text": "a"}), error]):
        with pytest.raises(UpstreamRefused) as caught:
            whole(document)
        assert (caught.value.status, caught.value.message) == (503, "overloaded")
    for event in (error, [error]):
        with pytest.raises(UpstreamRefused):
            streamed(response({"text": "a"}), event)  # type: ignore[arg-type]  # that is the point


def test_a_question_holds_no_more_than_it_must() -> None:
    assert json.loads(asked({}).content) == {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
