"""Precision and recall, and how sure they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.guard_cases.score import Score, scores, wilson


def test_cases_are_counted_by_label() -> None:
    counted = scores(
        [
            (frozenset({"pii", "pii.card"}), frozenset({"pii", "pii.phone"})),
            (frozenset(), frozenset({"pii"})),
            (frozenset({"pii"}), frozenset({"pii"})),
            (frozenset(), frozenset()),
        ]
    )
    assert list(counted) == ["pii", "pii.card", "pii.phone"]
    assert counted["pii"] == Score(right=2, false=1, missed=0)
    assert counted["pii.card"] == Score(missed=1)
    assert counted["pii"].precision == (2, 3)
    assert counted["pii"].recall == (2, 2)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (10, 10, 0.7225, 1.0),
        (0, 10, 0.0, 0.2775),
        (48, 68, 0.5891, 0.8009),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_the_interval_is_that_of_the_tables(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-4)


@given(st.integers(1, 10_000), st.data())
def test_the_proportion_lies_in_its_interval(of: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, of))
    low, high = wilson(hits, of)
    assert 0 <= low <= hits / of + 1e-12
    assert hits / of - 1e-12 <= high <= 1
