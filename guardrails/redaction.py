"""Redaction: spans of the original text become placeholders, all at once.

Every redaction of a run is applied to the original in one go, never one upon the other's result, so that two
guardrails compose whatever their order and no offset ever refers to a changed text.
"""

from collections.abc import Iterable, Sequence

import msgspec

from guardrails.check import Match


class Span(msgspec.Struct, frozen=True):
    """Characters to be replaced."""

    start: int
    """In code points."""
    end: int
    """Exclusive; greater than `start`."""
    placeholder: str


def spans(matches: Iterable[Match]) -> list[Span]:
    """Return what the matches cover, as disjoint spans in order of the text.

    Matches that overlap become one span. Its placeholder is that of the match that starts first; of those the
    longest; of those the first given. Matches without characters cover nothing.
    """
    ordered = sorted((match for match in matches if match.end > match.start), key=lambda m: (m.start, -m.end))
    merged: list[Span] = []
    for match in ordered:
        if merged and match.start < merged[-1].end:
            last = merged[-1]
            if match.end > last.end:
                merged[-1] = Span(last.start, match.end, last.placeholder)
        else:
            merged.append(Span(match.start, match.end, placeholder(match)))
    return merged


def placeholder(match: Match) -> str:
    """Return what is written instead of a match: its own replacement, else its rule as `[EMAIL]`."""
    return f"[{match.rule.upper()}]" if match.replacement is None else match.replacement


def redact(text: str, covered: Sequence[Span]) -> str:
    """Return the text with disjoint, ordered spans replaced."""
    pieces: list[str] = []
    at = 0
    for span in covered:
        pieces.append(text[at : span.start])
        pieces.append(span.placeholder)
        at = span.end
    pieces.append(text[at:])
    return "".join(pieces)
