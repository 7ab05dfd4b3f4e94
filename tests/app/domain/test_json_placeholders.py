"""Placeholders that took the place of bare numbers are quoted, and nothing else is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.json_placeholders import Quoter, quoted

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just('[CARD] "\\'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "original", "new"),
    [
        ('{"card": [CARD]}', '{"card": 4111111111111111}', '{"card": "[CARD]"}'),
        ('[1, [US_SSN], "[CARD]"]', '[1, 2, "x"]', '[1, "[US_SSN]", "[CARD]"]'),
        ('{"a": "\\"[CARD]"}', '{"a": "\\"4111"}', '{"a": "\\"[CARD]"}'),
        ("see [CARD]", "see 4111", "see [CARD]"),
        ('{"a": [CARD]', '{"a": 4111', '{"a": [CARD]'),
        ('{"a": 41[CARD]}', '{"a": 4141}', '{"a": 41[CARD]}'),
    ],
)
def test_a_placeholder_for_a_bare_number_is_a_string(text: str, original: str, new: str) -> None:
    assert quoted(text, original) == new


@given(json_values, st.integers(1, 5), st.booleans())
def test_valid_json_stays_as_it_is_however_it_is_cut(value: object, size: int, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    quoter = Quoter()
    assert "".join(quoter.feed(text[i : i + size]) for i in range(0, len(text), size)) == text


def test_a_piece_may_end_inside_of_an_escape() -> None:
    quoter = Quoter()
    assert [quoter.feed(piece) for piece in ('{"a": "\\', '"[CARD]", "b": ', "[CARD]", "}")] == [
        '{"a": "\\', '"[CARD]", "b": ', '"[CARD]"', "}",
    ]  # fmt: skip
