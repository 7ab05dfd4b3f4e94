"""Bytes of an answer, however they are cut and in whatever form they come."""

import json

import pytest

from app.domain.errors import UpstreamBroken
from app.domain.events import ProviderEvent
from app.wire.format import AnswerHead
from app.wire.openai.fold import Fold
from tests.gemini import JSON, SSE, asked, read, response, sse

RESPONSES = [
    response({"text": "hmm …", "thought": True}),
    response({"text": "Zür"}, usageMetadata={"promptTokenCount": 1}),
    response({"text": "ich 😀"}, {"functionCall": {"name": "f", "args": {"ü": [1.5, None]}}}),
    response(finish="STOP", usageMetadata={"promptTokenCount": 1, "candidatesTokenCount": 9}),
]
BODY = sse(*RESPONSES)


def events(head: AnswerHead, *pieces: bytes, stream: bool = True) -> list[ProviderEvent]:
    return read(asked({}, stream=stream), head, pieces)


def folded(found: list[ProviderEvent]) -> object:
    fold = Fold()
    for event in found:
        fold.add(event)
    return fold.document()


def test_a_stream_cut_anywhere_is_the_same_events() -> None:
    meant = events(SSE, BODY)
    for cut in range(len(BODY) + 1):
        assert events(SSE, BODY[:cut], BODY[cut:]) == meant
    assert events(SSE, *(BODY[i : i + 1] for i in range(len(BODY)))) == meant


def test_a_stream_that_ends_early_never_looks_complete() -> None:
    last = BODY.rindex(b"data: ")
    for cut in range(0, last, 7):
        with pytest.raises(UpstreamBroken):
            events(SSE, BODY[:cut])


def test_a_list_of_responses_is_the_stream() -> None:
    array = json.dumps(RESPONSES, indent=1).encode()
    assert events(JSON, array[:50], array[50:]) == events(SSE, BODY)
    assert events(AnswerHead(media_type=""), array, stream=False) == events(SSE, BODY)


def test_a_whole_answer_folds_to_what_its_stream_folds_to() -> None:
    parts = [part for found in RESPONSES for part in found["candidates"][0]["content"]["parts"]]
    document = response(*parts, finish="STOP", usageMetadata=RESPONSES[-1]["usageMetadata"])
    assert folded(events(JSON, json.dumps(document).encode(), stream=False)) == folded(events(SSE, BODY))


def test_a_proxys_end_of_stream_is_one() -> None:
    answer = asked({}, stream=True).read(SSE)
    found = list(answer.feed(BODY + b"data: [DONE]\n\ndata: junk\n\n"))
    assert answer.done
    assert [*found, *answer.close()] == events(SSE, BODY)


@pytest.mark.parametrize("media_type", ["text/html", "text/plain", "application/grpc"])
def test_what_is_neither_is_refused(media_type: str) -> None:
    with pytest.raises(UpstreamBroken):
        asked({}).read(AnswerHead(media_type=media_type))


@pytest.mark.parametrize(("head", "junk"), [(JSON, b"{"), (JSON, b""), (SSE, b"data: {\n\n"), (SSE, b"")])
def test_junk_is_refused(head: AnswerHead, junk: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        events(head, junk)


def test_one_event_has_a_bound() -> None:
    with pytest.raises(UpstreamBroken):
        events(AnswerHead(media_type="text/event-stream", max_bytes=50), BODY)
