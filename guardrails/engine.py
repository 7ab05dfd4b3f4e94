"""The engine: a selection of guardrails, ready to screen any number of exchanges.

It looks at requests whole (`screen`) and hands out one `OutputScreen` per answer (`output`). Both ask panels,
so a text is judged alike on either side, and whole or in pieces.

*Enforcing* guardrails (mode `enforce`, action `block` or `redact`) may stop or change a text. All others only
observe: they never hold a text back, change it or end an exchange, not even by failing, whatever their
`on_error` says.
"""

import time
from collections.abc import Sequence

import msgspec

from guardrails.asking import Outcome
from guardrails.check import Run
from guardrails.evidence import Evidence
from guardrails.guardrail import Guardrail
from guardrails.output_screen import OutputScreen
from guardrails.panel import Panel, is_enforcing
from guardrails.part import Part
from guardrails.redaction import redact, spans
from guardrails.verdict import Side, Verdict


class Screening(msgspec.Struct, frozen=True):
    """What the input guardrails say about a request."""

    verdicts: tuple[Verdict, ...]
    """One per input guardrail, in order."""
    redacted: dict[str, str]
    """Path to new text, of the parts that enforced redactions change; all else in a request stays."""
    blocked: Verdict | None
    """The first verdict that ends the exchange."""


class Engine:
    """Guardrails, compiled. Immutable; build one per selection of guardrails and share it.

    Args:
        guardrails: in order of precedence.
        fingerprint_key: secret key of the fingerprints of findings; under equal keys equal values can be
        matched up.

    Raises:
        ValueError: a guardrail would redact by a check that covers no characters.
        re2.error: a trigger of a check is no RE2 pattern.
    """

    def __init__(self, guardrails: Sequence[Guardrail], fingerprint_key: bytes) -> None:
        self._key = fingerprint_key
        self._input = Panel([guardrail for guardrail in guardrails if Side.INPUT in guardrail.on])
        output = [guardrail for guardrail in guardrails if Side.OUTPUT in guardrail.on]
        self._enforcing = Panel([guardrail for guardrail in output if is_enforcing(guardrail)])
        self._observing = Panel([guardrail for guardrail in output if not is_enforcing(guardrail)])
        self._order = tuple(is_enforcing(guardrail) for guardrail in output)

    async def screen(self, parts: Sequence[Part]) -> Screening:
        """Screen a request: every part by every input guardrail, and report all findings.

        Local checks come first. If they block, no remote check is asked; else all remote checks are asked
        together, and the first of them that blocks cancels the others. A guardrail whose remote check was not
        asked, or was cancelled, has no
        error: its verdict is what its other checks amount to (`pass` if they found nothing), marked as not
        `complete`.

        Observing guardrails are asked here as well, local checks after those of the enforcing ones; their
        remote checks are awaited with the rest, so they can delay a request by up to their timeout. They are
        apart in `Panel` already, to be taken out of the way from here.
        """
        evidence = Evidence(self._input, Side.INPUT, self._key)
        evidence.begin()
        begun = time.perf_counter_ns()
        outcomes = [await self._input.ask_local(Run(part.text)) for part in parts]
        if not self._input.remote and not any(outcomes):
            evidence.passed(time.perf_counter_ns() - begun)
            return Screening(evidence.verdicts(), {}, None)
        if self._input.remote and all(self._input.block_at(outcome) is None for outcome in outcomes):
            await self._input.ask_remote(parts, outcomes)
        return self._conclude(evidence, parts, outcomes)

    def output(self, *, whole: bool = False) -> OutputScreen:
        """Return what screens one answer.

        Args:
            whole: the caller gets nothing before all of it, so each text is held to its end and scanned once.
                What is found and released in the end is the same.
        """
        return OutputScreen(self._enforcing, self._observing, self._order, self._key, whole=whole)

    def _conclude(
        self, evidence: Evidence, parts: Sequence[Part], outcomes: Sequence[dict[int, Outcome]]
    ) -> Screening:
        redacted: dict[str, str] = {}
        incomplete: set[int] = set()
        for part, outcome in zip(parts, outcomes, strict=True):
            evidence.note(part.path, Run(part.text), outcome)
            covered = spans(self._input.redactions(outcome))
            if covered:
                redacted[part.path] = redact(part.text, covered)
            incomplete |= self._input.unheard(outcome)
        verdicts = evidence.verdicts(incomplete=incomplete)
        return Screening(verdicts, redacted, next((verdict for verdict in verdicts if verdict.blocked), None))
