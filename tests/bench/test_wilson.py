"""Intervals of shares, against values of the literature (Newcombe 1998, table I)."""

import pytest

from tests.bench.wilson import wilson, written


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert wilson(hits, total) == pytest.approx((low, high), abs=0.0001)


def test_nothing_counted_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_share_is_written_with_its_interval() -> None:
    assert written(0, 20) == "0.000 [0.000, 0.161]"
