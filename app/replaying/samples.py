"""Samples of what a candidate does otherwise: where to look, and never what stands there.

A finding is shown by its rule, its length and its placeholder. Its path ends at the first key that is not the
protocol's, for that key may itself be what was found.
"""

import msgspec

from app.records.concealment import concealed_path
from app.records.places import as_match
from app.replaying.effects import Effect, Mark, effect_of
from app.replaying.replay import Replayed, ReplayedSide
from guardrails import Finding, Side
from guardrails.redaction import placeholder

_MOST_FINDINGS = 3
"""That are shown of one guardrail on one side of one exchange."""


class Shown(msgspec.Struct, frozen=True):
    """A finding as it may be shown."""

    check: str
    rule: str
    part: str
    length: int
    """In code points."""
    placeholder: str
    """What a redaction writes instead."""


class Sample(msgspec.Struct, frozen=True):
    """A guardrail on one side of one exchange."""

    exchange_id: str
    trace_id: str
    effect: Effect
    change: str
    """`new`, `gone` or `unknown`."""
    side: Side
    guardrail: str
    error: str | None
    """Why it blocked, where a check failed."""
    findings: tuple[Shown, ...]
    more_findings: int


def sample(one: Replayed, side: ReplayedSide, mark: Mark, change: str) -> Sample:
    """Return the sample of a mark that is there only now, or only was there then."""
    verdicts = side.now if change == "new" else side.then
    verdict = next(v for v in verdicts if v.guardrail == mark.guardrail and effect_of(v) is mark.effect)
    return Sample(
        exchange_id=one.id,
        trace_id=one.trace_id,
        effect=mark.effect,
        change=change,
        side=mark.side,
        guardrail=mark.guardrail,
        error=verdict.error,
        findings=tuple(map(_shown, verdict.findings[:_MOST_FINDINGS])),
        more_findings=max(0, len(verdict.findings) - _MOST_FINDINGS) + verdict.findings_dropped,
    )


def _shown(finding: Finding) -> Shown:
    return Shown(
        check=finding.check,
        rule=finding.rule,
        part=concealed_path(finding.part),
        length=max(0, finding.end - finding.start),
        placeholder=placeholder(as_match(finding)),
    )
