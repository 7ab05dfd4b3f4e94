"""How old an answer may be that is given."""

import pytest

from app.cache.question import DEFAULT_MAX_AGE_S, LONGEST_MAX_AGE_S, Rules


@pytest.mark.parametrize(
    ("asked_s", "bound_s"),
    [(None, DEFAULT_MAX_AGE_S), (5.0, 5.0), (10 * LONGEST_MAX_AGE_S, LONGEST_MAX_AGE_S)],
)
def test_an_age_has_a_default_and_a_bound(asked_s: float | None, bound_s: float) -> None:
    assert Rules(max_age_s=asked_s).age_s == bound_s
