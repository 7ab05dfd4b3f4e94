from collections.abc import Iterable

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import ProviderEvent
from app.wire.openai.body import Body, StreamBody, WholeBody, decode_json
from tests.golden.openai_cases import fold

CHUNK = b'{"id":"a","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}'
DOCUMENT = b'{"id":"a","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}]}'


def read(body: Body, *pieces: bytes) -> list[ProviderEvent]:
    events = [event for piece in pieces for event in body.feed(piece)]
    return [*events, *body.close()]


def pairs() -> Iterable[tuple[Body, bytes]]:
    yield WholeBody(), DOCUMENT
    yield StreamBody(1000), b"data: %b\n\ndata: [DONE]\n\n" % CHUNK


@pytest.mark.parametrize("cut", range(1, 80, 7))
def test_documents_and_streams_give_the_same_events(cut: int) -> None:
    whole, streamed = (read(body, data[:cut], data[cut:]) for body, data in pairs())
    assert whole == streamed
    assert fold(whole)["choices"][0]["message"]["content"] == "hi"


def test_only_a_stream_says_that_it_is_done() -> None:
    for body, data in pairs():
        list(body.feed(data))
        assert body.done == isinstance(body, StreamBody)


def test_what_comes_after_done_is_not_read() -> None:
    stream = b"data: %b\n\ndata: [DONE]\n\ndata: junk\n\n" % CHUNK
    assert len(read(StreamBody(1000), stream)) == 3


@pytest.mark.parametrize("end", [b"data: [DONE]", b"data:[DONE]\n", b"data: [DONE] \r\n\r\n", b""])
def test_done_may_be_written_carelessly_or_not_at_all(end: bytes) -> None:
    assert len(read(StreamBody(1000), b"data: %b\n\n" % CHUNK + end)) == 3


def test_an_empty_event_and_comments_say_nothing() -> None:
    assert len(read(StreamBody(1000), b": keep-alive\n\ndata:\n\ndata: %b\n\n" % CHUNK)) == 3


@pytest.mark.parametrize("size", range(1, len(CHUNK)))
def test_half_a_chunk_is_broken(size: int) -> None:
    with pytest.raises(UpstreamBroken):
        read(StreamBody(1000), b"data: %b\n\ndata: %b" % (CHUNK.replace(b'"stop"', b"null"), CHUNK[:size]))


@pytest.mark.parametrize("size", range(len(DOCUMENT)))
def test_half_a_document_is_broken(size: int) -> None:
    with pytest.raises(UpstreamBroken):
        read(WholeBody(), DOCUMENT[:size])


@pytest.mark.parametrize(
    "data", [b'{"error":{"message":"no","code":503}}', b'{"message":"no","code":503}', b'{"error":"no"}']
)
def test_an_event_named_error_is_one_whatever_it_looks_like(data: bytes) -> None:
    with pytest.raises(UpstreamRefused, match="no"):
        read(StreamBody(1000), b"event: error\ndata: %b\n\n" % data)


@pytest.mark.parametrize("data", [b"", b"{", b"NaN", b'{"a":NaN}', b'"\xff"', b"[" * 100_000, b'{"a":1}x'])
def test_what_is_no_json_is_broken(data: bytes) -> None:
    with pytest.raises(UpstreamBroken, match="not JSON"):
        decode_json(data)


def test_halves_of_surrogate_pairs_become_replacement_characters() -> None:
    assert decode_json(rb'{"a":"x\ud83d","b":"\uDE00y","c":"\ud83d\ude00"}') == {
        "a": "x\N{REPLACEMENT CHARACTER}",
        "b": "\N{REPLACEMENT CHARACTER}y",
        "c": "\N{GRINNING FACE}",
    }


def test_big_integers_stay_exact() -> None:
    assert decode_json(b'{"a":123456789012345678901234567890}') == {"a": 123456789012345678901234567890}


def test_a_document_that_nests_without_end_is_broken() -> None:
    body = b'{"choices": [], "x": ' + b"[" * 600 + b"]" * 600 + b"}"
    with pytest.raises(UpstreamBroken, match="nests"):
        decode_json(body)
