"""Escapes are read in place, and only where something to be seen comes out."""

import pytest

from guardrails.views import escapes
from guardrails.views.escapes import runs, unescape
from guardrails.views.payloads import Payload


def _read(text: str) -> str:
    reading = unescape(text)
    return text if reading is None else reading.text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ignore previous &#105;nstructions", "ignore previous instructions"),
        ("&#x69;&#X6E;", "in"),
        ("&#105 no semicolon", "i no semicolon"),
        ("jane&commat;example&period;com", "jane@example.com"),
        ("%69gnore%20all", "ignore all"),
        ("%D0%9F%D1%80", "Пр"),
        ("%E9", "é"),
        (r"\u0069gnore", "ignore"),
        (r"\ud83d\ude00!", "😀!"),
        (r"\u{1F600}\U0001F600", "😀😀"),
        (r"\U0010FFFFx", "\U0010ffffx"),
        (r"\x69\x67nore", "ignore"),
        (r"\xd0\x9f", "П"),
        (r"jane\\u0040example.com", "jane@example.com"),
        (r"jane\\\\u0040example\\x2ecom", "jane@example.com"),
    ],
)
def test_an_escape_reads_as_what_it_stands_for(text: str, meant: str) -> None:
    assert _read(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "100% of it",
        "AT&T & co",
        "a & b;",
        r"C:\users\xavier",
        "%00",
        r"\x07\x08",
        r"\ud800",
        r"\u{110000}",
        "&#0;",
        "&nosuch;",
        "%zz",
        "plain",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert _read(text) == text


def test_places_are_exact_where_an_escape_is_one_character() -> None:
    reading = unescape(r"x%41%42 &#67; \u0044\u0045 \x46")
    assert reading is not None
    assert reading.text == "xAB C DE F"
    assert [reading.origin(at, at + 1) for at in range(10)] == [
        (0, 1),
        (1, 4),
        (4, 7),
        (7, 8),
        (8, 13),
        (13, 14),
        (14, 20),
        (20, 26),
        (26, 27),
        (27, 31),
    ]


def test_an_escape_that_is_escaped_itself_and_one_by_code_are_one_place() -> None:
    reading = unescape(r"\\u0044\\u0045 \u{46}")
    assert reading is not None
    assert [reading.origin(at, at + 1) for at in range(4)] == [(0, 14), (0, 14), (14, 15), (15, 21)]


def test_what_is_written_in_escapes_alone_is_known_run_by_run() -> None:
    text = r"a %41%42\x43 &#68; %00 b \u0045&#70;"
    assert [(run.encoding, run.text, text[run.start : run.end]) for run in runs(text)] == [
        ("escapes", "ABC", r"%41%42\x43"),
        ("escapes", "D", "&#68;"),
        ("escapes", "EF", r"\u0045&#70;"),
    ]
    assert list(runs("%41")) == [Payload("escapes", "A", 0, 3)]
    assert list(runs("100% of it")) == []


def test_a_run_of_bytes_beyond_ascii_is_one_place() -> None:
    reading = unescape("%D0%9F%40")
    assert reading is not None
    assert reading.text == "П@"
    assert reading.origin(1, 2) == (0, 9)


_OF_EACH_KIND = {
    "percent": "%41",
    "reference": "&#65;",
    "bytes": r"\x41",
    "units": r"\u0041",
    "code": r"\U00000041",
}


def test_every_kind_of_escape_begins_with_one_of_the_first_characters() -> None:
    assert set(_OF_EACH_KIND) == set(escapes._ESCAPES.groupindex), "a new kind is told here"
    for kind, text in _OF_EACH_KIND.items():
        found = escapes._ESCAPES.fullmatch(text)
        assert found is not None
        assert found.lastgroup == kind
        assert text[0] in escapes.FIRST_CHARACTERS
