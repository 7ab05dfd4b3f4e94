"""Placing: findings in a text that was redacted before, told by where they stand in the text as it came.

Guardrails that join late (those of a routing config's node) are asked about what earlier ones left of a
request. Whoever keeps the request keeps it as it came, and hides what was found by its place there.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from guardrails.redaction import Span
from guardrails.verdict import Finding, Verdict

Covered = Mapping[str, Sequence[Span]]
"""What was redacted, by path: disjoint spans in order of the text as it came."""
NOTHING_COVERED: Covered = MappingProxyType({})


def placed(verdicts: Sequence[Verdict], covered: Covered) -> tuple[Verdict, ...]:
    """Return verdicts about redacted texts with their findings placed in the texts as they came.

    A finding that touches a placeholder covers all that it stands for.
    """
    if not covered:
        return tuple(verdicts)
    origins = {path: _Origin(spans) for path, spans in covered.items()}
    return tuple(
        msgspec.structs.replace(
            verdict, findings=tuple(_placed(finding, origins) for finding in verdict.findings)
        )
        for verdict in verdicts
    )


def _placed(finding: Finding, origins: Mapping[str, "_Origin"]) -> Finding:
    origin = origins.get(finding.part)
    if origin is None:
        return finding
    start = origin.start(finding.start)
    end = origin.end(finding.end) if finding.end > finding.start else start
    return msgspec.structs.replace(finding, start=start, end=end)


class _Origin:
    """The way back from the places of a redacted text."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._begins: list[int] = []
        """Where each placeholder begins in the redacted text."""
        longer = 0
        for span in spans:
            self._begins.append(span.start + longer)
            longer += len(span.placeholder) - (span.end - span.start)

    def start(self, place: int) -> int:
        """Return where what begins at a place begins in the text as it came."""
        return self._around(place)[0]

    def end(self, place: int) -> int:
        """Return where what ends at a place ends there."""
        return self._around(place - 1)[1]

    def _around(self, place: int) -> tuple[int, int]:
        """Return which characters of the text as it came the one at a place is, or stands for."""
        before = bisect_right(self._begins, place) - 1
        if before < 0:
            return place, place + 1
        span = self._spans[before]
        behind = place - self._begins[before] - len(span.placeholder)
        if behind < 0:
            return span.start, span.end
        return span.end + behind, span.end + behind + 1
