"""Places in a text that are taken: of two rules that mean the same characters, the stronger one has them."""

from bisect import bisect_left
from collections.abc import Iterable


class Places:
    """A set of stretches of a text.

    Args:
        spans: start and end, end exclusive; in any order, overlapping or not.
    """

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def meet(self, start: int, end: int) -> bool:
        """Return whether a character of this stretch is taken."""
        index = bisect_left(self._starts, end) - 1
        return index >= 0 and self._ends[index] > start
