"""Bodies of Bedrock's answers: whole and streamed alike, however they are cut, and what can go wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import ChoiceFinished, Started, TextDelta, UsageReported
from app.wire.bedrock.answer import AnswerReader
from app.wire.bedrock.body import BedrockDocument, BedrockStream
from tests.bedrock_model import parsed_document, parsed_stream
from tests.event_streams import event, exception, message, stream
from tests.golden import bedrock_cases as cases
from tests.golden.openai_cases import fold, write

START = event("messageStart", {"role": "assistant"})
TEXT = event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hi"}, "p": "abc"})
STOP = event("messageStop", {"stopReason": "end_turn"})
USAGE = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
METADATA = event("metadata", {"usage": USAGE, "metrics": {"latencyMs": 3}})


def _stream() -> BedrockStream:
    return BedrockStream(AnswerReader({"id": "a"}, None, strict=True), 100_000)


def _read(body: BedrockStream | BedrockDocument, *pieces: bytes) -> list[Any]:
    found = [one for piece in pieces for one in body.feed(piece)]
    return [*found, *body.close()]


@pytest.mark.parametrize("name", cases.ANSWERS)
def test_a_golden_answer_is_one_to_botocore(name: str) -> None:
    document = json.loads(cases.document_bytes(name))
    assert set(parsed_document(cases.document_bytes(name))) == set(document)
    lines = (cases.FOLDER / f"{name}.events.jsonl").read_text("utf-8").splitlines()
    parsed = parsed_stream(cases.stream_bytes(name))
    assert [set(one) for one in parsed] == [set(json.loads(line)) for line in lines]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("name", cases.ANSWERS)
def test_whole_and_streamed_answers_are_the_same(name: str, strict: bool) -> None:
    whole = cases.events(name, [cases.document_bytes(name)], streamed=False, strict=strict)
    streamed = cases.events(name, [cases.stream_bytes(name)], streamed=True, strict=strict)
    assert fold(whole) == fold(streamed) == cases.load(f"{name}.{'folded' if strict else 'loose'}.json")


@pytest.mark.parametrize("name", cases.ANSWERS)
def test_a_stream_is_written_as_it_was(name: str) -> None:
    found = cases.events(name, [cases.stream_bytes(name)], streamed=True)
    assert write(found).decode() == cases.released(name)


@pytest.mark.parametrize("name", cases.ANSWERS)
def test_a_stream_cut_anywhere_gives_the_same_events(name: str) -> None:
    data = cases.stream_bytes(name)
    whole = cases.events(name, [data], streamed=True)
    for cut in range(len(data)):
        assert cases.events(name, [data[:cut], data[cut:]], streamed=True) == whole
    assert cases.events(name, [data[i : i + 1] for i in range(len(data))], streamed=True) == whole


@given(st.lists(st.text(max_size=5), max_size=5), st.data())
def test_the_text_is_what_the_pieces_say(texts: list[str], data: st.DataObject) -> None:
    deltas = [{"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": text}}} for text in texts]
    raw = START + stream(deltas) + STOP + METADATA
    size = data.draw(st.integers(1, len(raw)))
    found = _read(_stream(), *(raw[i : i + size] for i in range(0, len(raw), size)))
    assert "".join(one.text for one in found if isinstance(one, TextDelta)) == "".join(texts)


def test_the_end_is_not_there_before_the_usage() -> None:
    body = _stream()
    before = list(body.feed(START + TEXT + STOP))
    assert [type(one) for one in before] == [Started, TextDelta]
    done = [body.done]
    assert list(body.feed(METADATA)) == []
    assert [*done, body.done] == [False, True]
    assert [type(one) for one in body.close()] == [ChoiceFinished, UsageReported]


def test_a_stream_without_usage_is_complete_all_the_same() -> None:
    assert [type(one) for one in _read(_stream(), START + TEXT + STOP)] == [
        Started,
        TextDelta,
        ChoiceFinished,
    ]


@pytest.mark.parametrize("end", [b"", TEXT, TEXT + STOP[:-3]])
def test_a_stream_that_stops_half_way_is_broken(end: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        _read(_stream(), START + end)


def test_what_comes_behind_the_end_is_not_read() -> None:
    found = _read(_stream(), START + TEXT + STOP + METADATA + TEXT)
    assert sum(isinstance(one, TextDelta) for one in found) == 1


@pytest.mark.parametrize(
    ("name", "status", "type_"),
    [
        ("throttlingException", 429, "rate_limit_error"),
        ("validationException", 400, "invalid_request_error"),
        ("internalServerException", 500, "server_error"),
        ("modelStreamErrorException", 502, "server_error"),
        ("serviceUnavailableException", 503, "server_error"),
    ],
)
def test_an_exception_in_the_stream_keeps_its_meaning(name: str, status: int, type_: str) -> None:
    with pytest.raises(UpstreamRefused) as caught:
        _read(_stream(), START + TEXT, exception(name, "Wait."))
    assert (caught.value.status, caught.value.upstream_type, caught.value.message) == (status, type_, "Wait.")


def test_an_error_of_the_encoding_itself_is_an_error() -> None:
    headers = {":message-type": "error", ":error-code": "InternalFailure", ":error-message": "Oh."}
    with pytest.raises(UpstreamRefused) as caught:
        _read(_stream(), message(headers, b""))
    assert (caught.value.status, caught.value.message) == (500, "Oh.")


@pytest.mark.parametrize(
    "wrong",
    [
        message({":message-type": "riddle"}, b"{}"),
        message({}, b"{}"),
        message({":message-type": "event", ":event-type": "messageStart"}, b"[]"),
        message({":message-type": "event", ":event-type": "messageStart"}, b"{"),
        event("contentBlockDelta", {"delta": {"text": "a"}}),
        event("contentBlockDelta", {"contentBlockIndex": 0}),
        event("contentBlockStart", {"contentBlockIndex": 0, "start": 1}),
        event("contentBlockStop", {}),
        event("messageStop", {}),
    ],
)
def test_what_is_no_event_is_broken(wrong: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        _read(_stream(), START + wrong + STOP)


def test_an_event_nobody_knows_says_nothing() -> None:
    found = _read(_stream(), START + event("ping", {"a": 1}) + TEXT + STOP + METADATA)
    assert found == _read(_stream(), START + TEXT + STOP + METADATA)


def test_an_event_may_not_be_larger_than_allowed() -> None:
    body = BedrockStream(AnswerReader({}, None, strict=True), 50)
    with pytest.raises(UpstreamBroken, match="more than 50 bytes"):
        _read(body, START)


def test_a_document_comes_in_pieces() -> None:
    data = cases.document_bytes("text")
    body = BedrockDocument(AnswerReader({"id": "a"}, None, strict=True))
    found = _read(body, data[:7], data[7:])
    assert TextDelta(0, "content", "Grüße aus 東京 🙂") in found
