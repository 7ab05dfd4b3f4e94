"""What a service says of a text as a whole, as a match in it."""

import re
from typing import Literal

from guardrails.check import Match

Unit = Literal["sentence", "text"]
"""See `RemoteCheck.unit`."""

_MAX_RULE = 64
_NO_WORD = re.compile(r"[^a-z0-9_./-]+")


def about(text: str, label: str, score: float = 1.0) -> Match:
    """Return a match that covers the text but for white space around it.

    Args:
        text: what was judged.
        label: what the service calls what it found; see `rule`.
        score: how sure it is; what lies outside of 0 to 1 is taken as 1 or 0.
    """
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    return Match(rule(label), min(start, end), end, score=bounded(score))


def rule(label: str) -> str:
    """Return a service's label as the one word that rows, spans and placeholders hold.

    A label is foreign text: only small letters, digits and `_./-` are left of it, 64 at most.
    """
    return _NO_WORD.sub("_", label.lower())[:_MAX_RULE].strip("_") or "unnamed"


def bounded(score: float) -> float:
    """Return a score between 0 and 1; what is no number is 1, for a service that says so has found it."""
    return min(1.0, max(0.0, score)) if score == score else 1.0  # noqa: PLR0124 (NaN)
