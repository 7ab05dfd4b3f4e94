"""Redaction: spans of the original text become placeholders, all at once.

Every redaction of a run is applied to the original in one go, never one upon the other's result, so that two
guardrails compose whatever their order and no offset ever refers to a changed text.

What one guardrail would restore and another would not is not restored, nor is anything it overlaps.
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
    rule: str | None = None
    """What it is, where it may be restored; None: it is gone for good."""


def spans(matches: Iterable[Match], restorable: Iterable[Match] = ()) -> list[Span]:
    """Return what the matches cover, as disjoint spans in order of the text.

    Matches that overlap become one span. Its placeholder is that of the match that starts first; of those the
    longest; of those the first given. If any of them is gone for good, all of the span is, and only those
    that are may name it. What one match quotes another may have to take out: where others overlap it, its
    replacement is not used. Matches without characters cover nothing.

    Args:
        matches: that are gone for good.
        restorable: that may be restored; one with a replacement of its own may not.
    """
    found = [(match, True) for match in matches]
    found += [(match, match.replacement is not None) for match in restorable]
    ordered = sorted(
        ((match, is_final) for match, is_final in found if match.end > match.start),
        key=lambda one: (one[0].start, -one[0].end),
    )
    merged: list[_Merged] = []
    for match, is_final in ordered:
        if merged and match.start < merged[-1].end:
            merged[-1].add(match, is_final=is_final)
        else:
            merged.append(_Merged(match, is_final=is_final))
    return [one.span() for one in merged]


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


class _Merged:
    """Matches that overlap, one after another."""

    __slots__ = ("_is_alone", "_is_final", "_named_by", "_start", "end")

    def __init__(self, match: Match, *, is_final: bool) -> None:
        self._start = match.start
        self.end = match.end
        self._named_by = match
        self._is_final = is_final
        self._is_alone = True

    def add(self, match: Match, *, is_final: bool) -> None:
        self.end = max(self.end, match.end)
        self._is_alone = self._is_alone and match == self._named_by
        if is_final and not self._is_final:
            self._named_by, self._is_final = match, True
        elif self._named_by.quotes and not match.quotes and is_final:
            self._named_by = match

    def span(self) -> Span:
        named_by = self._named_by
        if named_by.quotes and not self._is_alone:
            named_by = msgspec.structs.replace(named_by, replacement=None)
        return Span(self._start, self.end, placeholder(named_by), None if self._is_final else named_by.rule)
