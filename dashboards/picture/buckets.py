"""Spans of time of equal and handy width, into which what happened is counted."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

_WIDTHS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
_AT_MOST = 60
_NAMES = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Buckets(msgspec.Struct, frozen=True):
    """Equal spans, the first of which begins at a whole multiple of their width (UTC)."""

    first_s: int
    """Unix time at which the first begins."""
    width_s: int
    count: int

    def place(self, moment: datetime) -> int:
        """Return which of them a moment is in; behind the last one it is in the last."""
        return min(self.count - 1, int((moment.timestamp() - self.first_s) // self.width_s))

    @property
    def starts(self) -> Sequence[datetime]:
        """When each begins."""
        return [datetime.fromtimestamp(self.first_s + n * self.width_s, UTC) for n in range(self.count)]

    @property
    def width(self) -> str:
        """Return the width in words: `15 s`."""
        size, name = next((size, name) for size, name in _NAMES if self.width_s % size == 0)
        return f"{self.width_s // size} {name}"


def buckets_over(first: datetime, last: datetime) -> Buckets:
    """Return at most sixty or so that hold both moments; of months, as many days as they have."""
    span_s = last.timestamp() - first.timestamp()
    width_s = next((width for width in _WIDTHS_S if span_s / width < _AT_MOST), _WIDTHS_S[-1])
    first_s = math.floor(first.timestamp() / width_s) * width_s
    return Buckets(first_s, width_s, int((last.timestamp() - first_s) // width_s) + 1)
