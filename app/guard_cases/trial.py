"""A trial: every case is put to the guardrails as an exchange would be, and what they find is noted.

It is the engine of the service that is asked, enforcing and observing guardrails alike, so what a trial says
of a configuration holds for exchanges under it.
"""

from collections.abc import Callable, Sequence

import msgspec

from app.domain.parts import request_parts
from app.guard_cases.cases import Case
from app.replaying.answers import hear_texts
from app.replaying.requests import hear_request
from guardrails import Decision, Engine, Part, Side, Verdict

_PLACE = {Side.INPUT: "messages[0].content", Side.OUTPUT: "choices[0].message.content"}
_SPEAKER = {Side.INPUT: "user", Side.OUTPUT: "assistant"}
_PIECES = (1, 3, 2, 7)
"""Lengths of the pieces in which a split answer comes."""


class Result(msgspec.Struct, frozen=True):
    """What came of one case."""

    found: frozenset[str]
    """Checks and `check.rule`s that found something."""
    failed: tuple[str, ...]
    """Guardrails that gave no verdict, with why: `privacy (timeout)`."""
    decisions: tuple[tuple[str, Decision], ...]
    """Of each guardrail on that side."""


async def tried(
    engine: Engine, case: Case, mutate: Callable[[str], str] | None = None, *, split: bool = False
) -> Result:
    """Put one case to the guardrails.

    Args:
        engine: of all the guardrails to be tried.
        case: a text, or a request.
        mutate: what disguises its texts; None: they are tried as they are.
        split: an answer comes in pieces, as from a stream.
    """
    parts = _parts(case)
    if mutate is not None:
        parts = [msgspec.structs.replace(part, text=mutate(part.text)) for part in parts]
    if case.side is Side.INPUT:
        return _result(await hear_request(engine, parts))
    texts = [_pieces(part) if split else [part] for part in parts]
    return _result(await hear_texts(engine, texts, whole=not split))


def _parts(case: Case) -> Sequence[Part]:
    if case.messages is not None:
        return request_parts({"messages": list(case.messages)})
    role = _SPEAKER[case.side] if case.role is None else case.role
    return [Part(_PLACE[case.side], case.text or "", case.kind, role)]


def _pieces(part: Part) -> Sequence[Part]:
    pieces: list[Part] = []
    at = 0
    while at < len(part.text):
        length = _PIECES[len(pieces) % len(_PIECES)]
        pieces.append(msgspec.structs.replace(part, text=part.text[at : at + length]))
        at += length
    return pieces or [part]


def _result(verdicts: Sequence[Verdict]) -> Result:
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    return Result(
        frozenset(
            label for finding in findings for label in (finding.check, f"{finding.check}.{finding.rule}")
        ),
        tuple(f"{verdict.guardrail} ({verdict.error})" for verdict in verdicts if verdict.error),
        tuple((verdict.guardrail, verdict.decision) for verdict in verdicts),
    )
