from datetime import UTC, datetime

import pytest

from app.records.asked_times import asked_time
from app.records.filters import BadQuestion

NOW = datetime(2026, 11, 22, 20, 51, 52, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-22", "2026-11-22T00:00:00.000000Z"),
        ("2026-11-22T20:51", "2026-11-22T20:51:00.000000Z"),
        ("2026-11-22 20:51:52.5+02:00", "2026-11-22T18:51:52.500000Z"),
        ("2026-11-22T20:51:52.123456Z", "2026-11-22T20:51:52.123456Z"),
        ("now", "2026-11-22T20:51:52.123456Z"),
        ("today", "2026-11-22T00:00:00.000000Z"),
        ("yesterday", "2026-11-21T00:00:00.000000Z"),
        ("52s", "2026-11-22T20:51:00.123456Z"),
        ("90m", "2026-11-22T19:21:52.123456Z"),
        (" 2h ", "2026-11-22T18:51:52.123456Z"),
        ("7d", "2026-11-15T20:51:52.123456Z"),
        ("1w", "2026-11-15T20:51:52.123456Z"),
    ],
)
def test_moments_are_understood_as_people_say_them(said: str, meant: str) -> None:
    assert asked_time(said, NOW) == meant


@pytest.mark.parametrize(
    "said", ["", "soon", "-1d", "1y", "2026-13-01", "999999999w", "0001-01-01T00:00+10:00"]
)
def test_what_is_no_moment_is_said_with_what_would_be(said: str) -> None:
    with pytest.raises(BadQuestion, match=r"is no moment: write 2026-11-22, .* 7d"):
        asked_time(said, NOW)
