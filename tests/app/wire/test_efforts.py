"""Which effort a model is asked for that does not take the one wished for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire.efforts import SCALE, nearest


@pytest.mark.parametrize(
    ("wish", "known", "found"),
    [
        ("medium", ("low", "high"), "high"),
        ("medium", ("high", "low"), "high"),
        ("xhigh", ("low", "high", "max"), "high"),
        ("minimal", ("low", "high"), "low"),
        ("max", ("low", "high"), "high"),
        ("none", ("low", "high"), "low"),
        ("high", ("none", "default"), "default"),
    ],
)
def test_an_effort_goes_to_the_nearest_and_of_two_to_the_greater(
    wish: str, known: tuple[str, ...], found: str
) -> None:
    assert nearest(wish, known) == found


def test_the_ends_of_the_scale_are_for_those_who_ask_for_them() -> None:
    assert nearest("minimal", ("none", "low")) == "low"
    assert nearest("xhigh", ("low", "max")) == "low"
    assert nearest("minimal", ("none", "max")) == "max"
    assert nearest("max", ("low", "max")) == "max"
    assert nearest("low", ("none",)) == "none"


def test_an_effort_stays_where_nothing_is_known_of_it_or_of_the_model() -> None:
    assert nearest("whatever", ("low",)) == "whatever"
    assert nearest("low", None) == nearest("low", ()) == nearest("low", ("often",)) == "low"


@given(st.sampled_from(SCALE), st.sets(st.sampled_from(SCALE), min_size=1))
def test_the_nearest_effort_is_one_that_is_known(wish: str, known: set[str]) -> None:
    found = nearest(wish, known)
    assert found in known
    assert wish not in known or found == wish
