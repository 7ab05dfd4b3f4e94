"""One candidate, read part by part."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import UpstreamBroken
from app.domain.events import (
    ChoiceFinished,
    Extra,
    ProviderEvent,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
)
from app.wire.gemini.signatures import Signatures
from tests.gemini import response, streamed, whole

PNG = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}


def said(events: list[ProviderEvent]) -> list[ProviderEvent]:
    """Leave out the head and the end."""
    return [event for event in events if not isinstance(event, Started | ChoiceFinished)]


def end(events: list[ProviderEvent]) -> ChoiceFinished:
    found = [event for event in events if isinstance(event, ChoiceFinished)]
    assert len(found) == 1
    return found[0]


def test_thoughts_are_apart_from_content() -> None:
    events = streamed(
        response({"text": "hm", "thought": True}), response({"text": "a"}, {"text": ""}, finish="STOP")
    )
    assert said(events) == [TextDelta(0, "reasoning_content", "hm"), TextDelta(0, "content", "a")]


def test_calls_are_numbered_through_the_whole_stream() -> None:
    one = {"functionCall": {"name": "f", "args": {"a": 1}}}
    two = {"functionCall": {"name": "f", "id": "given"}}
    events = said(streamed(response(one), response(two, {"functionCall": {"name": "g"}}, finish="STOP")))
    started = [event for event in events if isinstance(event, ToolCallStarted)]
    assert [(event.index, event.fields["id"], event.fields["function"]) for event in started] == [
        (0, f"call_{1:024x}", {"name": "f"}),
        (1, "given", {"name": "f"}),
        (2, f"call_{2:024x}", {"name": "g"}),
    ]
    assert [event.text for event in events if isinstance(event, ToolArguments)] == ['{"a":1}', "{}", "{}"]


def test_a_stop_behind_calls_is_a_tool_call() -> None:
    made = {"functionCall": {"name": "f"}}
    assert end(streamed(response(made, finish="STOP"))).reason == "tool_calls"
    assert end(streamed(response(made, finish="MAX_TOKENS"))).reason == "length"
    assert end(streamed(response(made, finish="STOP"), strict=False)).reason == "STOP"


@pytest.mark.parametrize(
    ("native", "reason"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("CONTINUATION", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("MODEL_ARMOR", "content_filter"),
        ("IMAGE_SAFETY", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "stop"),
        ("MISSING_THOUGHT_SIGNATURE", "stop"),
        ("OTHER", "stop"),
    ],
)
def test_why_it_ended_is_said_in_both_languages(native: str, reason: str) -> None:
    found = end(streamed(response({"text": "a"}, finish=native)))
    assert (found.reason, found.fields["native_finish_reason"]) == (reason, native)
    loose = end(streamed(response({"text": "a"}, finish=native), strict=False))
    assert (loose.reason, loose.fields) == (native, {})


def test_a_reason_that_comes_early_waits_for_the_end() -> None:
    events = streamed(response({"text": "a"}, finish="STOP"), response({"functionCall": {"name": "f"}}))
    assert isinstance(events[-1], ChoiceFinished)
    assert events[-1].reason == "tool_calls"


def test_a_signature_goes_out_with_its_call_and_is_kept() -> None:
    kept = Signatures()
    events = streamed(
        response({"functionCall": {"name": "f"}, "thoughtSignature": "c2ln"}, finish="STOP"), signatures=kept
    )
    started = next(event for event in events if isinstance(event, ToolCallStarted))
    assert started.fields["extra_content"] == {"google": {"thought_signature": "c2ln"}}
    assert kept.find(started.fields["id"]) == "c2ln"


def test_the_last_signature_of_a_text_goes_out_once() -> None:
    events = streamed(
        response({"text": "a", "thoughtSignature": "Zmlyc3Q="}),
        response({"text": "", "thoughtSignature": "bGFzdA=="}, finish="STOP"),
    )
    extras = [event for event in events if isinstance(event, Extra)]
    assert extras == [Extra(0, {"extra_content": {"google": {"thought_signature": "bGFzdA=="}}})]


def test_images_are_numbered() -> None:
    events = said(streamed(response(PNG), response({**PNG, "thoughtSignature": "c2ln"}, finish="STOP")))
    images = [
        event.fields["images"][0] for event in events if isinstance(event, Extra) and "images" in event.fields
    ]
    url = {"url": "data:image/png;base64,aGk="}
    assert images == [
        {"type": "image_url", "image_url": url, "index": 0},
        {"type": "image_url", "image_url": url, "index": 1},
    ]
    assert events[-1] == Extra(
        0, {"content": None, "extra_content": {"google": {"thought_signature": "c2ln"}}}
    )


def test_parts_nobody_knows_keep_their_names() -> None:
    code = {"language": "PYTHON", "code": "1+1"}
    events = said(streamed(response({"text": "a"}, {"executableCode": code}, finish="STOP")))
    assert events[-1] == Extra(0, {"executableCode": [{**code, "index": 0}]})


def test_without_strictness_thoughts_and_texts_come_once_more() -> None:
    thought = response({"text": "hm", "thought": True}, {"text": "a"}, PNG, finish="STOP")
    events = streamed(thought, strict=False)
    found = [event.fields.get("content_blocks") for event in events if isinstance(event, Extra)]
    blocks = [block for items in found for block in items or ()]
    assert [block["type"] for block in blocks] == ["thinking", "text", "image"]
    assert [block["index"] for block in blocks] == [0, 1, 2]
    assert whole(thought, strict=False) == events


def test_an_answer_that_is_a_call_is_no_block() -> None:
    document = {"response_format": {"type": "json_object"}}
    call = {"functionCall": {"name": "json_output", "args": {"a": 1}}}
    abilities = Abilities(structured_output="tool")
    events = streamed(response(call, finish="STOP"), document=document, abilities=abilities, strict=False)
    assert said(events) == [TextDelta(0, "content", '{"a":1}')]


def test_what_an_answer_rests_on_is_an_annotation_and_stays_as_it_is() -> None:
    grounding = {
        "groundingChunks": [{"web": {"uri": "https://a.example", "title": "A"}}],
        "groundingSupports": [{"segment": {"endIndex": 3, "text": "Yes"}, "groundingChunkIndices": [0]}],
    }
    last = response({"text": "s."}, finish="STOP")
    last["candidates"][0]["groundingMetadata"] = grounding
    events = streamed(response({"text": "Ye"}), last)
    assert end(events).fields["groundingMetadata"] == grounding
    assert said(events)[-1] == Extra(
        0,
        {
            "annotations": [
                {
                    "type": "url_citation",
                    "url_citation": {
                        "start_index": 0,
                        "end_index": 3,
                        "title": "A",
                        "url": "https://a.example",
                    },
                    "index": 0,
                }
            ]
        },
    )


def test_log_probabilities_come_with_their_text() -> None:
    with_text = response({"text": "a"}, finish="STOP")
    with_text["candidates"][0]["logprobsResult"] = {
        "chosenCandidates": [{"token": "a", "logProbability": -1.0}]
    }
    token = {"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}
    assert said(streamed(with_text)) == [TextDelta(0, "content", "a", {"content": [token], "refusal": None})]
    with_text["candidates"][0]["content"] = {"parts": [{"functionCall": {"name": "f"}}]}
    alone = [event for event in streamed(with_text) if isinstance(event, TextDelta)]
    assert alone == [TextDelta(0, "content", "", {"content": [token], "refusal": None})]


@pytest.mark.parametrize(
    "candidate",
    [
        {"content": 7},
        {"content": {"parts": 7}},
        {"content": {"parts": ["x"]}},
        {"content": {"parts": [{"functionCall": {}}]}},
        {"content": {"parts": [{"functionCall": {"name": "f", "args": [1]}}]}},
    ],
)
def test_what_is_no_candidate_is_refused(candidate: Any) -> None:
    with pytest.raises(UpstreamBroken):
        streamed({"candidates": [candidate]})
