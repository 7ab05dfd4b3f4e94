"""AWS's event stream: botocore's decoder is the oracle, and no flipped bit goes through."""

import struct
from binascii import crc32
from typing import Any

import pytest
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import UpstreamBroken
from app.wire.bedrock.eventstream import EventStreamDecoder, StreamMessage
from tests.event_streams import event, framed, message, text_header

NAMES = st.text(st.characters(codec="ascii", categories=["L", "P", "N"]), min_size=1, max_size=12)
VALUES = st.one_of(
    st.sampled_from([(0, b""), (1, b"")]),
    st.integers(-128, 127).map(lambda n: (2, struct.pack(">b", n))),
    st.integers(-(2**15), 2**15 - 1).map(lambda n: (3, struct.pack(">h", n))),
    st.integers(-(2**31), 2**31 - 1).map(lambda n: (4, struct.pack(">i", n))),
    st.integers(-(2**63), 2**63 - 1).map(lambda n: (5, struct.pack(">q", n))),
    st.binary(max_size=9).map(lambda raw: (6, struct.pack(">H", len(raw)) + raw)),
    st.text(max_size=9).map(lambda text: (7, struct.pack(">H", len(text.encode())) + text.encode())),
    st.integers(0, 2**42).map(lambda n: (8, struct.pack(">q", n))),
    st.binary(min_size=16, max_size=16).map(lambda raw: (9, raw)),
)
BLOCKS = st.dictionaries(NAMES, VALUES, max_size=5).map(
    lambda headers: b"".join(
        bytes([len(name)]) + name.encode() + bytes([kind]) + raw for name, (kind, raw) in headers.items()
    )
)
MESSAGES = st.builds(framed, BLOCKS, st.binary(max_size=40))
WORD = event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "word"}, "p": "abcd"})


def _decoded(*pieces: bytes, max_message_bytes: int = 10_000) -> list[StreamMessage]:
    decoder = EventStreamDecoder(max_message_bytes)
    found = [one for piece in pieces for one in decoder.feed(piece)]
    decoder.close()
    return found


def _by_botocore(data: bytes) -> list[tuple[dict[str, Any], bytes]]:
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return [(one.headers, one.payload) for one in buffer]


@given(st.lists(MESSAGES, max_size=4))
def test_it_reads_what_botocore_reads(messages: list[bytes]) -> None:
    data = b"".join(messages)
    assert [(one.headers, one.payload) for one in _decoded(data)] == _by_botocore(data)


@given(st.lists(MESSAGES, min_size=1, max_size=3), st.data())
def test_how_the_bytes_are_cut_makes_no_difference(messages: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert _decoded(*pieces) == _decoded(whole)


@given(MESSAGES, st.data())
def test_no_flipped_bit_goes_through(one: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, len(one) * 8 - 1))
    damaged = bytearray(one)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(UpstreamBroken):
        _decoded(bytes(damaged))


def test_botocore_takes_offence_at_the_same_bit() -> None:
    damaged = bytearray(WORD)
    damaged[-20] ^= 1
    with pytest.raises(ChecksumMismatch):
        _by_botocore(bytes(damaged))


def test_every_cut_of_a_message_is_seen_at_the_end() -> None:
    for end in range(1, len(WORD)):
        with pytest.raises(UpstreamBroken):
            _decoded(WORD[:end])


def test_messages_that_came_before_the_damage_are_read() -> None:
    decoder = EventStreamDecoder(10_000)
    messages = decoder.feed(WORD + WORD[:20] + b"\x00" * len(WORD))
    assert next(messages).payload == _decoded(WORD)[0].payload
    with pytest.raises(UpstreamBroken):
        next(messages)


def test_a_message_may_not_be_larger_than_allowed() -> None:
    assert len(_decoded(WORD, max_message_bytes=len(WORD))) == 1
    with pytest.raises(UpstreamBroken, match=f"more than {len(WORD) - 1} bytes"):
        _decoded(WORD[:12], max_message_bytes=len(WORD) - 1)


@pytest.mark.parametrize(
    "block",
    [
        b"\x05ab",  # a name that ends early
        b"\x01a",  # no type
        b"\x01a\x0a",  # a type that does not exist
        b"\x01a\x07\x00\x09ab",  # a text that ends early
        b"\x01a\x04\x00",  # a number that ends early
        b"\x01a\x09abc",  # a UUID that ends early
        b"\x01a\x07\x00\x01\xff",  # a text that is not UTF-8
    ],
)
def test_headers_that_are_none_are_an_error(block: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        _decoded(framed(block, b""))


def test_lengths_that_contradict_each_other_are_an_error() -> None:
    whole = framed(text_header("a", "b"), b"")
    prelude = struct.pack(">II", len(whole), len(whole))
    crc = crc32(prelude)
    with pytest.raises(UpstreamBroken):
        _decoded(prelude + struct.pack(">I", crc) + whole[12:])


def test_many_kinds_of_headers_are_not_all_remembered() -> None:
    decoder = EventStreamDecoder(10_000)
    for number in range(200):
        assert next(decoder.feed(message({":n": str(number)}, b""))).headers == {":n": str(number)}
    assert len(decoder._known) <= 64
