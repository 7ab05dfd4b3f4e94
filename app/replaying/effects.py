"""What a guardrail does to an exchange, and by which of its checks: what a replay compares.

Only what is enforced counts as blocked or redacted. What a guardrail would have done, were it not only
watching, has names of its own.
"""

import enum
from collections.abc import Iterable

import msgspec

from guardrails import Action, Guardrail, Mode, Side, Verdict


class Effect(enum.StrEnum):
    """What came of a verdict, or would have."""

    BLOCKED = "blocked"
    """The exchange ended: by an enforced block, or an error under `on_error: block`."""
    REDACTED = "redacted"
    FLAGGED = "flagged"
    WOULD_BLOCK = "would_block"
    """Said under `mode: monitor`, as the next one."""
    WOULD_REDACT = "would_redact"


class Mark(msgspec.Struct, frozen=True):
    """That a guardrail had an effect on one side of an exchange."""

    effect: Effect
    side: Side
    guardrail: str
    check: str = ""
    """Kind of a check of its that found something; empty: the guardrail as a whole."""
    rule: str = ""
    """What that found; empty: anything."""

    @property
    def is_whole(self) -> bool:
        """Whether it is of the guardrail, and not of one check of it."""
        return not self.check


_ENFORCED: dict[str, Effect] = {
    Action.BLOCK: Effect.BLOCKED,
    Action.REDACT: Effect.REDACTED,
    Action.FLAG: Effect.FLAGGED,
}
"""By action, or by decision, which has the same words."""
_MONITORED: dict[str, Effect] = {
    Action.BLOCK: Effect.WOULD_BLOCK,
    Action.REDACT: Effect.WOULD_REDACT,
    Action.FLAG: Effect.FLAGGED,
}


def effect_of(verdict: Verdict) -> Effect | None:
    """Return what came of a verdict; None: nothing."""
    if verdict.blocked:
        return Effect.BLOCKED
    is_monitored = verdict.mode is Mode.MONITOR
    effect = (_MONITORED if is_monitored else _ENFORCED).get(verdict.decision)
    return None if effect is Effect.BLOCKED else effect


def possible_effect(guardrail: Guardrail) -> Effect:
    """Return what comes of a guardrail that finds something."""
    return (_MONITORED if guardrail.mode is Mode.MONITOR else _ENFORCED)[guardrail.action]


def marks(verdicts: Iterable[Verdict]) -> frozenset[Mark]:
    """Return what these verdicts did, by guardrail, by check and by rule."""
    found: set[Mark] = set()
    for verdict in verdicts:
        effect = effect_of(verdict)
        if effect is None:
            continue
        of = Mark(effect, verdict.side, verdict.guardrail)
        found.add(of)
        for finding in verdict.findings:
            found.add(msgspec.structs.replace(of, check=finding.check))
            found.add(msgspec.structs.replace(of, check=finding.check, rule=finding.rule))
    return frozenset(found)
