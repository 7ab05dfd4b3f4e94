import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import UpstreamBroken
from app.wire.sse import ServerSentEvent, SseDecoder


def decode(*pieces: bytes, max_event_bytes: int = 1000) -> list[tuple[str, bytes]]:
    decoder = SseDecoder(max_event_bytes)
    found = [event for piece in pieces for event in decoder.feed(piece)]
    return [(event.name, event.data) for event in [*found, *decoder.close()]]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_end_with_lf_cr_or_crlf(end: bytes) -> None:
    assert decode(end.join([b"data: a", b"", b"data: b", b"", b""])) == [("message", b"a"), ("message", b"b")]


def test_lines_of_data_are_joined_with_a_line_feed() -> None:
    assert decode(b"data: a\ndata:\ndata:  b\ndata\n\n") == [("message", b"a\n\n b\n")]


def test_an_event_without_data_is_none() -> None:
    assert decode(b"event: ping\n\n\n\ndata: a\n\n") == [("message", b"a")]


def test_an_event_whose_data_is_empty_is_one() -> None:
    assert decode(b"data:\n\n") == [("message", b"")]


def test_comments_and_unknown_fields_are_skipped() -> None:
    assert decode(b": OPENROUTER PROCESSING\n\nid: 7\nretry: 5\nfoo: bar\ndata: a\n\n") == [("message", b"a")]


def test_a_name_holds_for_one_event() -> None:
    assert decode(b"event: error\ndata: a\n\ndata: b\n\n") == [("error", b"a"), ("message", b"b")]


def test_a_byte_order_mark_is_skipped_at_the_start_only() -> None:
    assert decode(b"\xef\xbb", b"\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n") == [("message", b"a")]


def test_only_one_space_behind_the_colon_is_no_data() -> None:
    assert decode(b"data:a\n\ndata:  b\n\n") == [("message", b"a"), ("message", b" b")]


@pytest.mark.parametrize("tail", [b"data: [DONE]", b"data: [DONE]\n", b"data: [DONE]\r"])
def test_an_event_left_open_is_given_at_the_end(tail: bytes) -> None:
    assert decode(b"data: a\n\n", tail) == [("message", b"a"), ("message", b"[DONE]")]


def test_events_are_given_as_soon_as_their_blank_line_has_come() -> None:
    decoder = SseDecoder(1000)
    assert list(decoder.feed(b"data: a\r\n")) == []
    assert list(decoder.feed(b"\r")) == [ServerSentEvent(b"a")]
    assert list(decoder.feed(b"\ndata: b\n\n")) == [ServerSentEvent(b"b")]


@pytest.mark.parametrize(
    "stream",
    [b"data: " + b"x" * 100, b"data: " + b"x" * 100 + b"\n\n", b"data: x\n" * 30, b": " + b"x" * 100 + b"\n"],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_events_before_one_that_is_too_large_still_come(stream: bytes, size: int) -> None:
    decoder = SseDecoder(50)
    whole = b"data: a\n\n" + stream
    found: list[ServerSentEvent] = []

    def feed() -> None:
        for start in range(0, len(whole), size):
            found.extend(decoder.feed(whole[start : start + size]))

    with pytest.raises(UpstreamBroken, match="more than 50 bytes"):
        feed()
    # `extend` keeps what an iterator gave before it raised
    assert found == [ServerSentEvent(b"a")]


PIECES = st.sampled_from(
    [
        b"data",
        b":",
        b" ",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"event: e",
        b"data: x",
        b"\xef\xbb\xbf",
        "é👋".encode(),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=30).map(b"".join), st.data())
def test_how_a_stream_is_cut_makes_no_difference(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole = decode(stream)
    assert decode(*pieces) == whole
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == whole
