import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records.values import count, fitted, json_text, milliseconds, moment, usd
from tests.exchanges import STARTED_NS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_a_moment_is_utc_with_microseconds() -> None:
    assert moment(STARTED_NS) == "2026-11-22T20:51:52.123456Z"
    assert moment(0) == "1970-01-01T00:00:00.000000Z"


@given(st.lists(st.integers(0, 2**62), min_size=2))
def test_texts_of_moments_are_in_the_order_of_the_moments(moments: list[int]) -> None:
    assert [moment(ns) for ns in sorted(moments)] == sorted(moment(ns) for ns in moments)
    assert {len(moment(ns)) for ns in moments} == {27}


def test_time_does_not_run_backwards_when_a_clock_is_set() -> None:
    assert milliseconds(2_000_000, 1_000_000) == 0.0
    assert milliseconds(1_000_000, 3_500_000) == 2.5
    assert milliseconds(1, None) is None


def test_what_cannot_be_a_count_is_none() -> None:
    assert [count(value) for value in (0, 7, 2**31 - 1)] == [0, 7, 2**31 - 1]
    assert [count(value) for value in (None, -1, 2**31, 10**30)] == [None] * 4
    assert count("7") is None  # type: ignore[arg-type]  # a provider may say anything


def test_a_long_text_is_cut_and_says_so() -> None:
    assert fitted("abcdef", 6) == "abcdef"
    assert fitted("abcdefg", 6) == "abcde…"


def test_what_no_database_takes_is_replaced() -> None:
    assert fitted("a\0b", 9) == "a\N{REPLACEMENT CHARACTER}b"
    assert fitted("a\ud800b", 9) == "a\N{REPLACEMENT CHARACTER}b"
    assert fitted("ü\0\udfff", 9) == "ü\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"


@given(st.text(st.characters()), st.integers(1, 20))
def test_a_fitted_text_fits(text: str, bound: int) -> None:
    assert len(fitted(text, bound)) <= bound
    assert "\0" not in fitted(text, bound)
    fitted(text, bound).encode()


@given(JSON)
def test_json_comes_back_as_it_was(value: object) -> None:
    assert json.loads(json_text(value)) == value


@given(st.text(st.characters()))
def test_any_text_in_json_can_be_stored_and_comes_back(text: str) -> None:
    written = json_text({"text": text})
    assert "\0" not in written
    written.encode()
    assert json.loads(written) == {"text": text}


@pytest.mark.parametrize(
    ("cost", "value"),
    [
        (None, None),
        (Decimal(0), 0.0),
        (Decimal("0.000000000001"), 1e-12),
        (Decimal("999999999999.5"), 999999999999.5),
        (Decimal(10) ** 12, None),
        (Decimal(-1), None),
        (Decimal("Infinity"), None),
        (Decimal("NaN"), None),
        ("0.5", None),
    ],
)
def test_money_is_an_amount_that_both_databases_hold(cost: Any, value: float | None) -> None:
    assert usd(cost) == value


@given(st.decimals(0, 999, places=12))
def test_money_keeps_twelve_places(cost: Decimal) -> None:
    assert Decimal(f"{usd(cost):.12f}") == cost
