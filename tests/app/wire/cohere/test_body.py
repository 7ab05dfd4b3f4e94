import json
from typing import Any

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused, UpstreamTimeout
from app.domain.events import Extra
from app.wire.cohere.answer import Expected
from app.wire.cohere.body import StreamBody, WholeBody

EXPECTED = Expected(model="m", created=5, strict=True)
START = {"type": "message-start", "id": "i", "delta": {"message": {"role": "assistant"}}}
TEXT = {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "half"}}}}


def whole(document: Any) -> list[Any]:
    body = WholeBody(EXPECTED)
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    assert list(body.feed(content)) == []
    return list(body.close())


def streamed(*events: Any, max_event_bytes: int = 10_000) -> list[Any]:
    body = StreamBody(EXPECTED, max_event_bytes)
    data = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events)
    return [*body.feed(data), *body.close()]


def end(reason: str | None, **delta: Any) -> dict[str, Any]:
    return {"type": "message-end", "delta": {"finish_reason": reason, **delta}}


@pytest.mark.parametrize("document", [b"", b"<html>", b"[]", b'"x"', b"{}", b'{"message": []}'])
def test_what_is_no_answer_is_broken(document: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        whole(document)


def test_an_error_in_a_200_is_one() -> None:
    with pytest.raises(UpstreamRefused, match="the model broke"):
        whole({"id": "i", "message": "the model broke"})
    with pytest.raises(UpstreamRefused, match="the model broke"):
        streamed(START, {"type": "error", "message": "the model broke"})
    with pytest.raises(UpstreamRefused, match="the model broke"):
        streamed(START, {"message": "the model broke"})


def test_what_nobody_documented_of_a_document_rides_along() -> None:
    answer = {"id": "i", "message": {"content": "x"}, "finish_reason": "COMPLETE", "new": 1, "none": None}
    assert Extra(None, {"new": 1}) in whole(answer)


def test_content_may_be_a_text() -> None:
    answer = {"id": "i", "message": {"content": "x"}, "finish_reason": "COMPLETE"}
    assert [event.text for event in whole(answer) if hasattr(event, "text")] == ["x"]


def test_a_stream_ends_with_its_message() -> None:
    body = StreamBody(EXPECTED, 10_000)
    done = []
    for event in (START, end("COMPLETE")):
        list(body.feed(b"data: %b\n\n" % json.dumps(event).encode()))
        done.append(body.done)
    assert done == [False, True]
    assert list(body.feed(b"data: [DONE]\n\ndata: nonsense\n\n")) == []
    assert list(body.close()) == []


@pytest.mark.parametrize("events", [(), (START,), (START, TEXT), (START, TEXT, {"type": "content-end"})])
def test_a_stream_that_stops_before_that_is_broken(events: tuple[Any, ...]) -> None:
    with pytest.raises(UpstreamBroken, match="before its answer was complete"):
        streamed(*events)


@pytest.mark.parametrize(
    ("last", "class_"),
    [
        (end("ERROR", error="e"), UpstreamRefused),
        (end("TIMEOUT"), UpstreamTimeout),
        (end(None), UpstreamBroken),
        ({"type": "message-end"}, UpstreamBroken),
    ],
)
def test_a_stream_that_ends_in_failure_fails(last: Any, class_: type[Exception]) -> None:
    with pytest.raises(class_):
        streamed(START, TEXT, last)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "debug", "prompt": "the whole prompt"},
        {
            "type": "content-start",
            "index": 0,
            "delta": {"message": {"content": {"type": "text", "text": ""}}},
        },
        {"type": "content-delta", "index": 0, "delta": None},
        {"type": "content-delta", "index": "0", "delta": {"message": {"content": [5]}}},
        {"type": "citation-end", "index": 0},
        {"type": "from-the-future", "index": 0},
        {"type": 5},
    ],
)
def test_events_that_say_nothing_change_nothing(event: Any) -> None:
    assert streamed(START, event, TEXT, end("COMPLETE")) == streamed(START, TEXT, end("COMPLETE"))


def test_a_type_may_stand_in_the_events_name_only() -> None:
    body = StreamBody(EXPECTED, 10_000)
    data = b'event: content-delta\ndata: {"index":0,"delta":{"message":{"content":{"text":"x"}}}}\n\n'
    assert [type(event).__name__ for event in body.feed(data)] == ["Started", "TextDelta"]


def test_an_event_that_is_no_object_is_broken() -> None:
    with pytest.raises(UpstreamBroken):
        streamed([])


def test_an_event_without_end_is_broken() -> None:
    with pytest.raises(UpstreamBroken, match="more than 100 bytes"):
        streamed({"type": "debug", "prompt": "x" * 200}, max_event_bytes=100)
