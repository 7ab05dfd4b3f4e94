"""A service that is killed under load, ten times: `python -m tests.bench.kill_nine` does it more often."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.bench.kill_nine import run

_ROUNDS = 5


@pytest.mark.postgresql
def test_a_killed_service_loses_nothing_in_strict_and_little_in_bounded_durability() -> None:
    places = [("strict", "sqlite", 2), ("bounded", "postgresql", 1)]
    with ThreadPoolExecutor() as pool:
        strict, bounded = pool.map(lambda place: run(place, _ROUNDS), places)
    assert (strict.wrong, bounded.wrong) == ([], [])
    assert strict.lost == 0
    for found in (strict, bounded):
        assert found.kills >= _ROUNDS
        assert found.answers > 5 * _ROUNDS, "or it was no test"
    assert strict.interrupted > 0, "or nothing was under way when it was killed"
