"""JSON in texts, wherever it stands."""

import json
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guardrails.checks import json_values as module
from guardrails.checks.json_values import MAX_DEPTH, json_values, place_in, whole_json


def _found(text: str) -> list[Any]:
    return [value.value for value in json_values(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": {"b": [1, {"c": 2}]}}', [{"a": {"b": [1, {"c": 2}]}}]),
        ("42", [42]),
        (' "words" \n', ["words"]),
        ('Here you are:\n```json\n{"a": {"b": 1}}\n```\nDone.', [{"a": {"b": 1}}]),
        ('first {"a": 1}, then [2, {"b": 3}]!', [{"a": 1}, [2, {"b": 3}]]),
        (r'say {"a": "a } \" { brace"} now', [{"a": 'a } " { brace'}]),
        ('{ not json {"a": 1}', [{"a": 1}]),
        ('{"a": {"b": 1}, oops} tail', [{"b": 1}]),
        ('{"a": 1', []),
        ("{'a': 1}", []),
        ('{"a": 1,}', []),
        ("[1 2] {} [[]]", [{}, [[]]]),
        ("see [1] and {x}", [[1]]),
        ('{"a": NaN} {"b": -0.5e3}', [{"b": -500.0}]),
        ("[01] [1.] [+1] [.5] [truE]", []),
        ('["a\nb"]', []),
        (r'["\x"] ["\u00e9"]', [["é"]]),
        ("[" + "1" * 5_000 + "] [2]", [[2]]),
        ("", []),
        ("no JSON here", []),
    ],
)
def test_values_are_found_as_a_person_finds_them(text: str, expected: list[Any]) -> None:
    assert _found(text) == expected


def test_a_value_says_where_it_stands() -> None:
    text = 'naïve \U0001f600 {"ä": "ö"} end'
    (value,) = json_values(text)
    assert text[value.start : value.end] == '{"ä": "ö"}'


def test_a_whole_text_is_json_but_for_white_space_around_it() -> None:
    whole = whole_json(" \n[1] \r\n")
    assert whole is not None
    assert (whole.value, whole.start, whole.end) == ([1], 2, 5)
    assert whole_json("[1] x") is None
    assert whole_json("\u00a0[1]") is None
    assert whole_json(" ") is None


def test_a_repeated_key_is_noticed_at_any_depth() -> None:
    (value,) = json_values('{"a": [{"b": 1, "b": 2}]}')
    assert value.repeats_key
    assert value.value == {"a": [{"b": 2}]}
    assert not json_values('{"a": {"b": 1}, "b": 1}')[0].repeats_key


def test_what_is_too_deep_is_not_json() -> None:
    def nested(depth: int) -> str:
        return "[" * depth + "]" * depth

    assert whole_json(nested(MAX_DEPTH)) is not None
    assert whole_json(nested(MAX_DEPTH + 1)) is None
    assert whole_json("[" + "{}, " * 300 + "{}]") is not None
    assert len(json_values("x" + nested(MAX_DEPTH + 50))) == 1


def test_half_a_surrogate_pair_is_not_json() -> None:
    assert _found(r'["\ud83d\ude00"]') == [["\U0001f600"]]
    assert _found(r'["\ud83d"] ["\ude00\ud83d"]') == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ([], '{"a": [1, {"b":"x"}], "ä" : 2, "c": [], "a": [ 3 , { "b" : "y" } ]}'),
        (["ä"], "2"),
        (["c", 0], "[]"),
        (["a", 1], '{ "b" : "y" }'),
        (["a", 1, "b"], '"y"'),
        (["a", 1, "b", 0], '"y"'),
        (["a", 0], "3"),
        (["no"], '{"a": [1, {"b":"x"}], "ä" : 2, "c": [], "a": [ 3 , { "b" : "y" } ]}'),
    ],
)
def test_an_item_of_a_value_has_its_place(path: list[str | int], expected: str) -> None:
    text = 'é {"a": [1, {"b":"x"}], "ä" : 2, "c": [], "a": [ 3 , { "b" : "y" } ]} .'
    (value,) = json_values(text)
    start, end = place_in(text, value, path)
    assert text[start:end] == expected


_PIECES = st.sampled_from(
    ["{", "}", "[", "]", '"', ":", ",", "\\", '"a"', '"a":', "1", "-", "true", " ", "\n", "x", '{"a": [1]}']
)


@settings(max_examples=400, deadline=None)
@given(text=st.lists(_PIECES, max_size=24).map("".join))
@example(text='["[",1,",",2,"]"')
@example(text='{"a":[{"b":{"a":1}]}')
@example(text='[{"a":1},[2],')
def test_it_finds_what_a_decoder_started_at_every_bracket_finds(text: str) -> None:
    ends = {place: _decoders_end(text, place) for place, char in enumerate(text) if char in "[{"}
    spans = []
    behind = 0
    for place, end in ends.items():
        if place >= behind and end is not None:
            spans.append((place, end))
            behind = end
    if whole_json(text) is None:
        assert [(value.start, value.end) for value in json_values(text)] == spans
    extents = module._Extents(text)
    assert {place: extents.end(place) for place in ends} == ends


def _decoders_end(text: str, place: int) -> int | None:
    try:
        return json.JSONDecoder().raw_decode(text, place)[1]
    except ValueError:
        return None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(value=_JSON.filter(lambda value: isinstance(value, dict | list)), ascii_only=st.booleans())
def test_whatever_is_written_into_prose_is_read_back(value: object, ascii_only: bool) -> None:
    written = json.dumps(value, ensure_ascii=ascii_only, indent=1)
    assert _found(f"Sure: {written}. Anything else?") == [value]


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "{",
            "[",
            "}",
            '"',
            "\\",
            "a",
            "[1,",
            '["',
            '["[",1,',
            '{"a":',
            '{"a":[',
            '[\\"',
            "[ ",
            "[]",
            "{} ",
        ),
        *('","', '{"":', "[1e", '["\\"[', "[[1],", '{"a":1}}', "[-", "[1", "[[[]", "]["),
    ],
)
def test_no_text_makes_it_slow(unit: str) -> None:
    for text in (unit * (100_000 // len(unit)), "[" * 50_000 + unit + "]" * 50_000):
        began = time.process_time()
        json_values(text)
        assert time.process_time() - began < 2.0
