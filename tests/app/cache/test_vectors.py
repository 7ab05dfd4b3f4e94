"""Vectors: cosines, and the nearest of many."""

import math
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.cache.vectors import MAX_DIMENSIONS, Vector, nearest

COORDINATES = st.lists(st.floats(-100, 100), min_size=3, max_size=3).filter(
    lambda one: math.hypot(*one) > 0.01
)


def _drawn(chance: random.Random, dimensions: int, shift: list[float]) -> list[float]:
    """Return a vector like those of real embedders, whose coordinates have means of their own."""
    return [shift[place] + chance.gauss(0, 1) for place in range(dimensions)]


def _turned(chance: random.Random, values: list[float], cosine: float) -> list[float]:
    """Return a vector at about this cosine."""
    length = math.hypot(*values)
    noise = [chance.gauss(0, 1) for _ in values]
    scale = length / math.hypot(*noise) * math.tan(math.acos(cosine))
    return [value + scale * other for value, other in zip(values, noise, strict=True)]


@given(COORDINATES, COORDINATES)
def test_a_cosine_is_the_cosine(left: list[float], right: list[float]) -> None:
    exact = sum(a * b for a, b in zip(left, right, strict=True)) / math.hypot(*left) / math.hypot(*right)
    assert Vector(left).cosine(Vector(right)) == pytest.approx(exact, abs=1e-5)
    assert -1.0 <= Vector(left).cosine(Vector(right)) <= 1.0


@given(COORDINATES, st.floats(0.01, 1_000))
def test_length_does_not_matter(values: list[float], factor: float) -> None:
    assert Vector(values).cosine(Vector([factor * value for value in values])) == pytest.approx(1.0, abs=1e-5)


@given(COORDINATES, st.lists(COORDINATES, max_size=16))
def test_among_few_the_nearest_is_found_whatever_the_vectors(
    values: list[float], others: list[list[float]]
) -> None:
    vector = Vector(values)
    among = [(str(number), Vector(other)) for number, other in enumerate(others)]
    found = nearest(vector, among)
    best = max((vector.cosine(other) for _, other in among), default=None)
    assert (found.cosine if found is not None else None) == best


def test_among_many_the_one_that_means_the_same_is_found() -> None:
    chance = random.Random(5)
    shift = [2 * chance.gauss(0, 1) for _ in range(256)]
    known = [_drawn(chance, 256, shift) for _ in range(1_000)]
    among = [(str(number), Vector(values)) for number, values in enumerate(known)]
    found = 0
    for number in range(0, 1_000, 10):
        near = nearest(Vector(_turned(chance, known[number], 0.96)), among)
        found += near is not None and near.name == str(number)
    assert found >= 99


def test_what_is_returned_has_the_cosine_that_is_returned() -> None:
    near = nearest(Vector([3.0, 4.0]), [("a", Vector([4.0, 3.0]))])
    assert near is not None
    assert near.name == "a"
    assert near.cosine == pytest.approx(0.96)


def test_vectors_of_two_spaces_are_not_alike() -> None:
    assert Vector([1.0, 0.0]).cosine(Vector([1.0, 0.0, 0.0])) == -1.0


def test_among_none_none_is_nearest() -> None:
    assert nearest(Vector([1.0]), []) is None


@pytest.mark.parametrize(
    "values",
    [[], [0.0, 0.0], [math.nan, 1.0], [math.inf, 1.0], [1e308] * 4, [1.0] * (MAX_DIMENSIONS + 1)],
)
def test_what_has_no_direction_is_no_vector(values: list[float]) -> None:
    with pytest.raises(ValueError, match=r"direction|coordinates"):
        Vector(values)


@given(st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=40).filter(any))
def test_what_is_packed_is_unpacked(values: list[float]) -> None:
    assume(math.hypot(*values) > 1e-9)
    vector = Vector(values)
    again = Vector.unpacked(vector.packed())
    assert again is not None
    assert (again.values, again.signs) == (vector.values, vector.signs)
    for broken in (vector.packed()[:-1], vector.packed() + b"x", b"", b"\0\0", b"\xff\xff"):
        assert Vector.unpacked(broken) is None
