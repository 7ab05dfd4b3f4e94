"""A hearing: a panel is asked about one side of an exchange, and what it says goes into the evidence.

Requests are heard this way by enforcing guardrails and, later, by observing ones; answers by observing ones
only. What enforcing guardrails say of an answer that is still growing is the matter of
`guardrails/output_screen.py`.
"""

import time
from collections.abc import Sequence

import msgspec

from guardrails.asking import Outcome
from guardrails.check import Run, Subject
from guardrails.evidence import Evidence
from guardrails.judging import judge
from guardrails.pace import Pace
from guardrails.panel import Panel
from guardrails.part import Part
from guardrails.pieces import INLINE_LENGTH
from guardrails.verdict import Side


async def hear(  # noqa: PLR0913 (what is asked, and of whom)
    panel: Panel,
    subject: Subject,
    evidence: Evidence,
    *,
    examines: bool = True,
    defers: bool = False,
    local: bool = False,
) -> list[dict[int, Outcome]]:
    """Ask all checks about all there is, and note what they find. The event loop runs in between.

    Local checks come first, those about the exchange before those about its texts. If they block, no remote
    check is asked; else all remote checks are asked together, and the first of them that blocks cancels the
    others.

    Args:
        panel: who is asked.
        subject: with whole texts.
        examines: whether checks about exchanges are asked.
        local: whether no remote check is asked at all.
        defers: whether remote checks that may be asked later are left to `hear_rest`.
        evidence: of this panel. What texts hold is not noted if the hearing is cancelled.

    Returns:
        The outcomes of texts, one mapping a part. Remote checks that were not asked, or were cancelled, have
        none.
    """
    evidence.begin()
    examined = await examine(panel, subject, evidence) if examines and panel.examination else {}
    parts, pace = subject.parts, Pace()
    outcomes = await _ask_local(panel, parts, evidence, pace)
    if not panel.remote and not any(outcomes):
        return outcomes
    is_blocked = panel.block_at(examined) is not None
    if panel.remote and not (local or is_blocked) and not await _is_blocked(panel, parts, outcomes, pace):
        now = panel.ahead if defers else None
        await judge(panel, parts, outcomes, now)
    await _note(evidence, parts, outcomes, pace)
    return outcomes


async def hear_rest(panel: Panel, parts: Sequence[Part], evidence: Evidence) -> list[dict[int, Outcome]]:
    """Ask the remote checks that `hear` has left out, and note what they find."""
    outcomes: list[dict[int, Outcome]] = [{} for _ in parts]
    await judge(panel, parts, outcomes, panel.beside)
    await _note(evidence, parts, outcomes, Pace())
    return outcomes


async def examine(panel: Panel, subject: Subject, evidence: Evidence) -> dict[int, Outcome]:
    """Ask the checks about exchanges, and note what they say."""
    evidence.begin()
    asked = panel.examination
    if subject.side is Side.INPUT:
        examined = await panel.examine(asked.of_request, subject)
    else:  # as they would have been asked while it came
        calls = msgspec.structs.replace(subject, parts=())
        examined = await panel.examine(asked.of_calls, calls) if subject.calls else {}
        examined |= await panel.examine(asked.of_answer, subject)
    evidence.note_exchange(examined)
    return {} if panel.is_silent(examined) else examined


async def _note(
    evidence: Evidence, parts: Sequence[Part], outcomes: Sequence[dict[int, Outcome]], pace: Pace
) -> None:
    for part, outcome in zip(parts, outcomes, strict=True):
        if outcome:
            evidence.note(part.path, Run(part.text), outcome, together=True)
            await pace.keep(len(part.text))


async def _ask_local(
    panel: Panel, parts: Sequence[Part], evidence: Evidence, pace: Pace
) -> list[dict[int, Outcome]]:
    outcomes = []
    for part in parts:
        audience = panel.audience(part)
        evidence.hear(audience)
        begun = time.perf_counter_ns()
        outcome = await panel.ask_local(Run(part.text, name=part.name), audience)
        if panel.is_silent(outcome):
            evidence.passed(_own_ns(part, outcome, time.perf_counter_ns() - begun))
            outcome = {}
        outcomes.append(outcome)
        await pace.keep(len(part.text))
    return outcomes


def _own_ns(part: Part, outcome: dict[int, Outcome], took_ns: int) -> int:
    """Return the time that went into a text: of a long one without that of others, who had their turns."""
    if len(part.text) <= INLINE_LENGTH:
        return took_ns
    return sum(one.duration_ns for one in outcome.values())


async def _is_blocked(
    panel: Panel, parts: Sequence[Part], outcomes: Sequence[dict[int, Outcome]], pace: Pace
) -> bool:
    for part, outcome in zip(parts, outcomes, strict=True):
        if panel.block_at(outcome) is not None:
            return True
        await pace.keep(len(part.text))
    return False
