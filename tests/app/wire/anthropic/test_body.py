"""Bytes of an Anthropic answer: what makes it complete, and what makes it an error."""

import json
from typing import Any

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import ProviderEvent
from app.wire.anthropic.answer import Reading
from app.wire.anthropic.body import read_body
from app.wire.format import AnswerHead
from tests.emulators.anthropic_events import sse, stream_bytes
from tests.golden import anthropic_cases as cases
from tests.golden.openai_cases import fold

OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
STREAM = stream_bytes(cases.message("tools"))


def read(data: bytes, head: AnswerHead = cases.STREAMED) -> list[ProviderEvent]:
    return cases.read([data], head=head)


def test_a_stream_without_its_last_event_is_broken() -> None:
    for cut in (0, 40, len(STREAM) // 2, STREAM.index(b"event: message_stop")):
        with pytest.raises(UpstreamBroken):
            read(STREAM[:cut])


def test_a_stream_says_when_it_is_done_and_nothing_counts_behind() -> None:
    body = read_body(cases.STREAMED, Reading(), lambda: cases.NOW)
    events = list(body.feed(STREAM))
    assert body.done
    assert list(body.feed(sse(OVERLOADED))) == []
    assert [*events, *body.close()] == read(STREAM)


def test_pings_and_events_nobody_has_documented_say_nothing() -> None:
    noise = sse({"type": "ping"}) + sse({"type": "weather_report", "sun": True})
    assert read(STREAM.replace(b"event: content_block_start", noise + b"event: content_block_start")) == read(
        STREAM
    )


@pytest.mark.parametrize("before", [0, 1, 3])
def test_an_error_in_a_stream_has_the_status_of_its_type(before: int) -> None:
    events = [event + b"\n\n" for event in STREAM.split(b"\n\n")]
    with pytest.raises(UpstreamRefused) as caught:
        read(b"".join(events[:before]) + sse(OVERLOADED))
    assert (caught.value.status, caught.value.code, caught.value.retryable) == (503, "overloaded", True)
    assert caught.value.headers == (("request-id", "req_1"),)


def test_an_error_in_a_document_is_one() -> None:
    with pytest.raises(UpstreamRefused):
        read(json.dumps(OVERLOADED).encode(), cases.WHOLE)


@pytest.mark.parametrize("document", [[], {}, {"content": None}, "text", {"content": [1]}])
def test_a_document_that_is_no_message_is_broken(document: Any) -> None:
    with pytest.raises(UpstreamBroken):
        read(json.dumps(document).encode(), cases.WHOLE)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "content_block_start", "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_start", "index": 0, "content_block": 7},
        {"type": "content_block_delta", "index": 9, "delta": {"type": "text_delta", "text": "a"}},
        {"type": "message_start", "message": None},
        [],
    ],
)
def test_an_event_that_cannot_be_is_broken(event: Any) -> None:
    start = STREAM[: STREAM.index(b"event: ping")]
    with pytest.raises(UpstreamBroken):
        read(start + b"data: " + json.dumps(event).encode() + b"\n\n")


def test_what_is_no_json_is_broken() -> None:
    for head in (cases.WHOLE, cases.STREAMED):
        with pytest.raises(UpstreamBroken):
            read(b"data: {\n\n", head)


def test_blocks_that_were_not_ended_are_with_their_message() -> None:
    without = b"".join(
        event + b"\n\n" for event in STREAM.split(b"\n\n") if event and b"content_block_stop" not in event
    )
    assert fold(read(without)) == fold(read(STREAM))


def test_what_comes_beside_the_last_delta_rides_along() -> None:
    edited = sse({"type": "message_delta", "delta": {}, "usage": {}, "context_management": {"applied": 1}})
    data = STREAM.replace(b"event: message_stop", edited + b"event: message_stop")
    assert fold(read(data))["context_management"] == {"applied": 1}


def test_an_event_has_its_bound() -> None:
    head = AnswerHead(media_type="text/event-stream", max_bytes=100)
    with pytest.raises(UpstreamBroken):
        read(STREAM, head)
