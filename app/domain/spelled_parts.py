"""What the text parts of one message spell together: whoever reads the message reads them as one text.

A value that stands half in one part and half in the next is seen by nobody who looks at each alone. So a
message of several parts is heard once more as a whole. What is found there is told by where it stands in the
parts: who redacts or hides it need not know that there was a whole. Of what crosses a border the first part
gets the placeholder, and the others lose their share.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby

import msgspec

from guardrails import Finding, Part, Screening, Verdict
from guardrails.redaction import Span, redact

_PIECE = re.compile(r"(.*messages\[[0-9]+\]\.content)\[[0-9]+\]\.text\Z")
_TO_THE_END = 2**31 - 1


class Spelling(msgspec.Struct, frozen=True):
    """A whole and its pieces."""

    part: Part
    pieces: tuple[Part, ...]

    def within(self, start: int, end: int) -> Iterator[tuple[Part, int, int]]:
        """Yield the pieces of a stretch of the whole, with the stretch of each."""
        begins = [0, *accumulate(len(piece.text) for piece in self.pieces)]
        first = min(bisect_right(begins, start) - 1, len(self.pieces) - 1)
        for piece, begin in zip(self.pieces[first:], begins[first:], strict=False):
            if begin >= end and begin > start:
                return
            yield piece, max(start - begin, 0), min(end - begin, len(piece.text))


def spellings(parts: Iterable[Part]) -> tuple[Spelling, ...]:
    """Return what parts of a request spell together, message by message."""
    found = []
    for path, group in groupby(parts, _message):
        pieces = tuple(group) if path else ()
        if len(pieces) > 1:
            text = "".join(piece.text for piece in pieces)
            found.append(Spelling(msgspec.structs.replace(pieces[0], path=path, text=text), pieces))
    return tuple(found)


def in_pieces(screening: Screening, spelled: Sequence[Spelling]) -> Screening:
    """Return a screening of parts and what they spell as one of the parts alone."""
    if not any(one.findings for one in screening.verdicts):
        return screening
    redacted, covered = dict(screening.redacted), dict(screening.covered)
    for one in spelled:
        spans = covered.pop(one.part.path, ())
        redacted.pop(one.part.path, None)
        for piece, more in _by_piece(one, spans).items():
            merged = _merged([*covered.get(piece.path, ()), *more])
            covered[piece.path] = merged
            redacted[piece.path] = redact(piece.text, merged)
    verdicts = verdicts_in_pieces(screening.verdicts, spelled, placed=bool(screening.earlier))
    blocked = next((verdict for verdict in verdicts if verdict.blocked), None)
    return msgspec.structs.replace(
        screening, redacted=redacted, covered=covered, verdicts=verdicts, blocked=blocked
    )


def verdicts_in_pieces(
    verdicts: Sequence[Verdict], spelled: Sequence[Spelling], *, placed: bool = False
) -> tuple[Verdict, ...]:
    """Return verdicts with their findings in the pieces, each once.

    Args:
        verdicts: about parts and what they spell.
        spelled: that.
        placed: whether other findings stand where they did before something was redacted; of the whole that
            is not known, so that all of a piece is meant.
    """
    wholes = {one.part.path: one for one in spelled}
    return tuple(
        msgspec.structs.replace(
            verdict, findings=tuple(dict.fromkeys(_findings(verdict.findings, wholes, placed=placed)))
        )
        if any(finding.part in wholes for finding in verdict.findings)
        else verdict
        for verdict in verdicts
    )


def _message(part: Part) -> str:
    found = _PIECE.match(part.path)
    return "" if found is None else found[1]


def _findings(findings: Iterable[Finding], wholes: dict[str, Spelling], *, placed: bool) -> Iterator[Finding]:
    for finding in findings:
        whole = wholes.get(finding.part)
        if whole is None:
            yield finding
            continue
        for piece, start, end in whole.within(finding.start, finding.end):
            begin, stop = (0, _TO_THE_END) if placed else (start, end)
            yield msgspec.structs.replace(finding, part=piece.path, start=begin, end=stop)


def _by_piece(one: Spelling, spans: Iterable[Span]) -> dict[Part, list[Span]]:
    found: dict[Part, list[Span]] = {}
    for span in spans:
        said = span.placeholder
        for piece, start, end in one.within(span.start, span.end):
            found.setdefault(piece, []).append(
                msgspec.structs.replace(span, start=start, end=end, placeholder=said)
            )
            said = ""
    return found


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return disjoint spans in order; of those that overlap the first names both."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = msgspec.structs.replace(
                last, end=max(last.end, span.end), placeholder=last.placeholder or span.placeholder
            )
        else:
            merged.append(span)
    return tuple(merged)
