"""Scores: how often a check found what it should, and how often what it found was right.

Both are counted by case: a check that finds three of four cards in a text has found that there are cards.
"""

import math
from collections.abc import Iterable

import msgspec

_Z = 1.959964
"""95 % of a normal distribution lie within so many standard deviations."""


class Score(msgspec.Struct, frozen=True):
    """Of one label: a check, or one rule of it."""

    right: int = 0
    """Cases in which it was expected and found."""
    false: int = 0
    """Found and not expected."""
    missed: int = 0
    """Expected and not found."""

    @property
    def precision(self) -> tuple[int, int]:
        """Of so many that were found, so many were right: the right ones first."""
        return self.right, self.right + self.false

    @property
    def recall(self) -> tuple[int, int]:
        """Of so many that were expected, so many were found: the found ones first."""
        return self.right, self.right + self.missed


def scores(cases: Iterable[tuple[frozenset[str], frozenset[str]]]) -> dict[str, Score]:
    """Count cases by label.

    Args:
        cases: what was expected in each, and what was found.

    Returns:
        The scores of all labels that occur, in alphabetical order.
    """
    counted: dict[str, list[int]] = {}
    for expected, found in cases:
        for label in expected | found:
            row = counted.setdefault(label, [0, 0, 0])
            row[0 if label in expected and label in found else 1 if label in found else 2] += 1
    return {label: Score(*counted[label]) for label in sorted(counted)}


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a proportion (E. B. Wilson, JASA 22, 1927); 0 to 1 of none."""
    if not of:
        return 0.0, 1.0
    share = hits / of
    spread = _Z * math.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    middle = share + _Z**2 / (2 * of)
    scale = 1 + _Z**2 / of
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
