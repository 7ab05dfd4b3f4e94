"""What is a text among octets, and what is media."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.views.octets import is_media, nearly_text_of, runs, said_in, text_of

TEXT = "call anna.keller@example.com about it"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("before", ["", "\1\1"])
def test_a_text_is_one_and_nearly_one_with_something_around_it(encoding: str, before: str) -> None:
    assert text_of(TEXT.encode(encoding)) == TEXT
    octets = (before + TEXT).encode(encoding) + b"\0\0"
    assert text_of(octets) is None
    assert nearly_text_of(octets) == TEXT


def test_a_text_in_ascii_is_not_hidden_in_what_could_be_wide_characters() -> None:
    octets = b"\xff\0" * 40 + TEXT.encode() + b"."
    assert len(octets) % 2 == 0
    assert (text_of(octets), nearly_text_of(octets)) == (None, TEXT + ".")


def test_half_a_character_ends_a_text() -> None:
    assert text_of((TEXT + "é").encode()[:-1]) == TEXT


def test_a_stray_byte_in_many_is_read_over() -> None:
    assert nearly_text_of(TEXT[:9].encode() + b"\xff" + TEXT[9:].encode()) == TEXT[:9] + "\ufffd" + TEXT[9:]
    assert nearly_text_of(b"\xff\0".join(TEXT[i : i + 8].encode() for i in range(0, len(TEXT), 8))) is None


@pytest.mark.parametrize(
    "octets", [b"", b"short", b"\0" * 41, b"\0" * 20 + b"short", random.Random(1).randbytes(60)]
)
def test_other_bytes_are_no_text(octets: bytes) -> None:
    assert text_of(octets) is None
    assert nearly_text_of(octets) is None


def test_runs_say_where_they_stand() -> None:
    octets = b"\xff\xff" + TEXT.encode() + b"\0" + b"too short" + b"\0"
    assert list(runs(octets)) == [(TEXT, 2, 2 + len(TEXT))]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=12), st.integers(14, 40))
def test_a_long_row_of_bytes_has_the_runs_of_one_look_at_all_of_it(
    stretches: list[tuple[bool, int]], block: int
) -> None:
    octets = b"".join((b"a" if is_text else b"\xff") * length for is_text, length in stretches)
    seen = [found.span() for found in re.finditer(rb"[\t\n\r\x20-\x7e]{14,}", octets)]
    assert [(start, end) for _, start, end in runs(octets, block)] == seen
    assert all(octets[start:end].decode() == text for text, start, end in runs(octets, block))


def test_bytes_that_are_mostly_text_say_something() -> None:
    noise = b"\xff\x00" * 40
    assert TEXT in (said_in(noise + TEXT.encode() * 9) or "")
    assert said_in(noise[::-1] + b"?" + noise) is None
    assert said_in(b"%PDF-" + noise + TEXT.encode() * 9) is None
    assert said_in(b"%PDF-" + TEXT.encode()) == "%PDF-" + TEXT


NOISE = random.Random(2).randbytes(500)


@pytest.mark.parametrize(
    "head",
    [
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"RIFF1234WEBP",
        b"%PDF-1.4",
        b"ID3",
        b"\0\0\0\x18ftypmp42",
    ],
)
def test_media_are_told_by_how_they_begin_and_by_what_follows(head: bytes) -> None:
    assert is_media(head + NOISE)
    assert not is_media(NOISE)
    assert not is_media(head + TEXT.encode() * 9)
