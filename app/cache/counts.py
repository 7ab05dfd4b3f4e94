"""What the cache has done since it was built: the port by which metrics read it, in one call.

    figures = cache.figures()
    figures.lookups["HIT"], figures.events["evicted"], figures.holding.held_bytes

Counted are words, each said where it happens (`noted`). What a word means as a metric, with which name and
labels, is telemetry's affair.
"""

from collections import Counter

import msgspec

from app.cache.ports import Holding

EVENTS = (
    "kept",
    "not_kept",
    "unreadable",
    "evicted",
    "failed",
    "resting",
    "embedding_failed",
)
"""Answers kept; answers that could not be (too large, incomplete); values that are not ours or not of this
version; entries and vectors that went to make room; commands to Redis that failed or took too long; those not
sent because it keeps failing; embeddings that failed. Each is there, at 0, from the beginning."""


class Figures(msgspec.Struct, frozen=True):
    """Counts that only grow, and what is held now."""

    lookups: dict[str, int]
    """How look-ups ended, by the words of `x-portkey-cache-status`."""
    events: dict[str, int]
    """By the words of `EVENTS`."""
    holding: Holding | None
    """None: answers are not in this process."""


class Counts:
    """Counts words.

    Args:
        statuses: words that are ends of look-ups; all others are events.
    """

    def __init__(self, statuses: tuple[str, ...]) -> None:
        self._statuses = statuses
        self._counted: Counter[str] = Counter()

    def note(self, word: str) -> None:
        """Count one; a `Noted`."""
        self._counted[word] += 1

    def figures(self, holding: Holding | None) -> Figures:
        """Return all counts, with what is held."""
        lookups = {word: self._counted[word] for word in self._statuses}
        return Figures(lookups, {word: self._counted[word] for word in EVENTS}, holding)
