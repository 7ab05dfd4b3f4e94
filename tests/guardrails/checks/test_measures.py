"""How many bytes, words, sentences and lines a text has."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.checks.measures import MEASURES


def _starts(measure: str, text: str) -> list[int]:
    places: list[int] = []
    while (place := MEASURES[measure](text, len(places))) is not None:
        places.append(place)
    return places


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("two words", 2),
        ("  don't\tstop \n now ", 3),
        ("a - b", 3),
        ("你好\u3002世界", 4),
        ("GPT模型 v2", 4),
        ("한국어 문장", 2),
        ("カタカナ", 4),
        ("", 0),
        (" \n\u00a0", 0),
    ],
)
def test_words_stand_between_spaces_and_ideographs_are_words(text: str, words: int) -> None:
    assert len(_starts("words", text)) == words


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("One. Two! Three", [0, 5, 10]),
        ("Hi... there? ok.", [0, 6, 13]),
        ('He said "no." Then left.', [0, 14]),
        ("v1.2 of example.com is 3.5", [0]),
        ("你好\u3002世界\uff01", [0, 3]),
        ("  one", [2]),
        ("one.  \n", [0]),
        ("no end", [0]),
        ("...", [0]),
        ("", []),
    ],
)
def test_sentences_end_with_a_mark_before_white_space(text: str, starts: list[int]) -> None:
    assert _starts("sentences", text) == starts


@pytest.mark.parametrize(
    ("text", "starts"), [("a\nb", [0, 2]), ("a\n", [0]), ("\n\n", [0, 1]), ("a\r\nb", [0, 3]), ("", [])]
)
def test_a_line_feed_at_the_end_begins_no_line(text: str, starts: list[int]) -> None:
    assert _starts("lines", text) == starts


def test_bytes_are_of_utf_8_and_a_place_is_a_character() -> None:
    assert _starts("bytes", "ab") == [0, 1]
    assert _starts("bytes", "aé\U0001f600") == [0, 1, 1, 2, 2, 2, 2]


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet="ab. !?\n中。é\U0001f600\u00a0\"')", max_size=20))
def test_counts_go_from_the_left_and_agree_with_python(text: str) -> None:
    for measure in MEASURES:
        assert _starts(measure, text) == sorted(_starts(measure, text))
    assert len(_starts("bytes", text)) == len(text.encode())
    assert len(_starts("lines", text)) == len(text.split("\n")) - (text.endswith("\n") or not text)
    if text.isascii():
        assert len(_starts("words", text)) == len(text.split())


@pytest.mark.parametrize("unit", ["a", ".", ". ", '."', ".x", "中", "\n", " ", "a ", "é", '."x', "。"])
def test_no_text_makes_it_slow(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    began = time.process_time()
    for crossing in MEASURES.values():
        crossing(text, 1_000_000)
    assert time.process_time() - began < 1.0
