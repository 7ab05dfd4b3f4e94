"""Evidence: what a panel has found so far on one side of one exchange, and the verdicts it amounts to."""

import time
from collections.abc import Container, Sequence

from guardrails.check import Remark, Run
from guardrails.fingerprint import fingerprint
from guardrails.guardrail import Guardrail, is_enforcing
from guardrails.panel import Panel
from guardrails.ruling import Found, Outcomes
from guardrails.scope import EVERYTHING, Audience
from guardrails.verdict import Action, Decision, Finding, OnError, Side, Verdict

FINDINGS_KEPT = 1000
"""Findings kept per guardrail and side. More tell nothing new; a verdict says how many were dropped."""


class Evidence:
    """Grows while the texts of one exchange are screened by one panel."""

    __slots__ = ("_cases", "_panel", "_passed_ns", "_side", "_started_ns")

    def __init__(self, panel: Panel, side: Side, fingerprint_key: bytes) -> None:
        self._panel = panel
        self._side = side
        self._cases = [_Case(guardrail, fingerprint_key) for guardrail in panel.guardrails]
        self._started_ns = 0
        self._passed_ns = 0

    def begin(self) -> None:
        """Note the time, unless the screening has already begun."""
        if not self._started_ns:
            self._started_ns = time.time_ns()

    def hear(self, audience: Audience) -> None:
        """Note who heard a text; whoever hears everything has heard whatever there was."""
        if not audience.is_everybody:
            for place in audience.guardrails:
                self._cases[place].heard = True

    def passed(self, duration_ns: int) -> None:
        """Note that a text was screened and no check had cause to look closer."""
        self._passed_ns += duration_ns

    def note(
        self, path: str, run: Run, outcomes: Outcomes, *, until: int | None = None, together: bool = False
    ) -> None:
        """Keep what was found in a run.

        Args:
            path: of the part.
            run: as it was asked about.
            outcomes: of the panel.
            until: the last place, from the start of the run, where a finding may begin to count; None: all
            count.
            together: remote checks were asked about all the texts of this evidence at once, so that only the
            longest of their times counts.
        """
        for i, case in enumerate(self._cases):
            found = self._panel.found(i, outcomes)
            if until is not None:
                found = [item for item in found if item.match.start <= until]
            case.keep(path, run, found)
            case.error = case.error or self._panel.error(i, outcomes)
            remote_ns = self._panel.remote_ns(i, outcomes)
            case.local_ns += self._panel.local_ns(i, outcomes)
            case.remote_ns = max(case.remote_ns, remote_ns) if together else case.remote_ns + remote_ns

    def note_exchange(self, outcomes: Outcomes) -> None:
        """Keep what was said about the exchange; what has been said before is not kept twice."""
        for i, case in enumerate(self._cases):
            case.keep_remarks(self._panel.remarks(i, outcomes))
            case.error = case.error or self._panel.error(i, outcomes)
            case.local_ns += self._panel.local_ns(i, outcomes)
            case.remote_ns += self._panel.remote_ns(i, outcomes)

    def verdicts(self, *, incomplete: Container[int] = ()) -> tuple[Verdict, ...]:
        """Return the verdicts as of now, one per guardrail, in order.

        Args:
            incomplete: places of the guardrails that have not seen all; one that blocked has seen enough.
        """
        return tuple(
            case.verdict(
                self._side,
                complete=i not in incomplete or case.blocks,
                started_ns=self._started_ns,
                passed_ns=self._passed_ns,
            )
            for i, case in enumerate(self._cases)
        )


def in_order(order: Sequence[int], *panels: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Merge the verdicts of the panels of one side; `order` says of each guardrail which panel it is in."""
    verdicts = [iter(panel) for panel in panels]
    return tuple(next(verdicts[panel]) for panel in order)


class _Case:
    """What one guardrail has found."""

    __slots__ = (
        "_dropped",
        "_findings",
        "_guardrail",
        "_key",
        "_said",
        "error",
        "heard",
        "local_ns",
        "remote_ns",
    )

    def __init__(self, guardrail: Guardrail, fingerprint_key: bytes) -> None:
        self._guardrail = guardrail
        self._key = fingerprint_key
        self._findings: list[Finding] = []
        self._dropped = 0
        self._said: set[tuple[str, str, str]] = set()
        self.error: str | None = None
        self.heard = guardrail.scope == EVERYTHING
        self.local_ns = 0
        self.remote_ns = 0

    def keep(self, path: str, run: Run, found: Sequence[Found]) -> None:
        room = FINDINGS_KEPT - len(self._findings)
        self._dropped += max(0, len(found) - room)
        for item in found[:room]:
            match = item.match
            self._findings.append(
                Finding(
                    check=item.check,
                    rule=match.rule,
                    part=path,
                    start=run.start + match.start,
                    end=run.start + match.end,
                    score=match.score,
                    fingerprint=fingerprint(self._key, run.text[match.start : match.end]),
                )
            )

    def keep_remarks(self, remarks: Sequence[tuple[str, Remark]]) -> None:
        for check, remark in remarks:
            said = (check, remark.rule, remark.path)
            if said in self._said:
                continue
            if len(self._findings) >= FINDINGS_KEPT:
                self._dropped += 1
                continue
            self._said.add(said)
            nothing = fingerprint(self._key, "")
            self._findings.append(Finding(*said, start=0, end=0, score=remark.score, fingerprint=nothing))

    @property
    def blocks(self) -> bool:
        """Whether the exchange ends here: an enforced block, or an error that blocks."""
        if not is_enforcing(self._guardrail):
            return False
        if self._findings and self._guardrail.action is Action.BLOCK:
            return True
        return self.error is not None and self._guardrail.on_error is OnError.BLOCK

    @property
    def decision(self) -> Decision:
        """An enforced block outranks an error, an error outranks whatever else was found beside it."""
        acted = Decision(self._guardrail.action.value) if self._findings else Decision.PASS
        if self.error is None or (acted is Decision.BLOCK and is_enforcing(self._guardrail)):
            return acted
        return Decision.ERROR

    def verdict(self, side: Side, *, complete: bool, started_ns: int, passed_ns: int) -> Verdict:
        is_silent = not self._findings and self.error is None  # as most are
        decision = Decision.PASS if is_silent else self.decision
        return Verdict(
            guardrail=self._guardrail.name,
            side=side,
            decision=decision,
            action=self._guardrail.action,
            mode=self._guardrail.mode,
            blocked=not is_silent and self.blocks,
            findings=tuple(self._findings),
            error=self.error if decision is Decision.ERROR else None,
            started_ns=started_ns,
            duration_ns=self.local_ns + self.remote_ns + passed_ns,
            findings_dropped=self._dropped,
            complete=complete,
            heard=self.heard,
        )
