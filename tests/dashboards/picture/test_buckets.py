from datetime import UTC, datetime, timedelta

import pytest

from dashboards.picture.buckets import buckets_over

NOON = datetime(2026, 11, 22, 12, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "width", "count"),
    [
        (timedelta(0), "1 s", 1),
        (timedelta(minutes=12), "15 s", 49),
        (timedelta(hours=20), "30 min", 41),
        (timedelta(days=7), "3 h", 57),
        (timedelta(days=365), "1 d", 366),
    ],
    ids=str,
)
def test_a_span_has_some_sixty_buckets_of_handy_width(span: timedelta, width: str, count: int) -> None:
    buckets = buckets_over(NOON, NOON + span)
    assert (buckets.width, buckets.count) == (width, count)


def test_both_ends_are_in_the_first_and_the_last_bucket() -> None:
    end = NOON + timedelta(minutes=12)
    buckets = buckets_over(NOON, end)
    assert (buckets.place(NOON), buckets.place(end)) == (0, buckets.count - 1)
    assert buckets.place(end + timedelta(hours=1)) == buckets.count - 1


def test_buckets_begin_at_multiples_of_their_width() -> None:
    buckets = buckets_over(NOON, NOON + timedelta(minutes=12))
    assert buckets.starts[:2] == [NOON.replace(second=0), NOON.replace(second=15)]
    assert buckets.place(NOON.replace(second=15)) == 1
    assert buckets.place(NOON.replace(second=14, microsecond=999_999)) == 0
