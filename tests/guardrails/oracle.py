"""What guardrails must say about a text, worked out the slow and obvious way: no runs, no windows, no engine.

Every check is asked once about the whole text. The policy is applied to what comes back, character by
character.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from guardrails import Action, Check, Decision, Guardrail, Match, Mode, Run
from guardrails.fingerprint import fingerprint
from guardrails.views.readings import readings

KEY = b"key of the tests"
LONE_SURROGATE = "\ud800"
"""Cannot be encoded, so checks see U+FFFD in its place; what is released keeps it."""


class Expected(NamedTuple):
    decisions: list[tuple[str, Decision, bool]]
    """Name, decision, blocked: one per guardrail."""
    findings: list[list[tuple[str, int, int, str]]]
    """Rule, start, end, fingerprint: one list per guardrail, sorted."""
    text: str
    """The redacted text; if blocked, all of it that could go out before the first blocking match."""
    untouched: int
    """How many characters of the original are left in it."""
    blocked: bool


def expected(guardrails: Sequence[Guardrail], text: str) -> Expected:
    found = [_found(guardrail, text) for guardrail in guardrails]
    block_at = min(
        (match.start for guardrail, matches in zip(guardrails, found, strict=True) for match in matches
         if _enforces(guardrail) and guardrail.action is Action.BLOCK),
        default=None,
    )  # fmt: skip
    if block_at is not None:
        found = [
            [match for match in matches if match.start <= block_at]
            if _enforces(guardrail)
            else _found(guardrail, text[:block_at])
            for guardrail, matches in zip(guardrails, found, strict=True)
        ]
    redactions = [
        match
        for guardrail in guardrails
        if _enforces(guardrail) and guardrail.action is Action.REDACT
        for match in _found(guardrail, text)
    ]
    return Expected(
        [_decision(guardrail, matches) for guardrail, matches in zip(guardrails, found, strict=True)],
        [
            sorted((m.rule, m.start, m.end, fingerprint(KEY, text[m.start : m.end])) for m in ms)
            for ms in found
        ],
        *_redacted(text, redactions, block_at),
        block_at is not None,
    )


def _enforces(guardrail: Guardrail) -> bool:
    return guardrail.mode is Mode.ENFORCE and guardrail.action is not Action.FLAG


def _found(guardrail: Guardrail, text: str) -> list[Match]:
    matches: list[Match] = []
    for check in guardrail.checks:
        assert isinstance(check, Check)
        matches.extend(_seen(check, text.replace(LONE_SURROGATE, "\ufffd")))
    return matches


def _seen(check: Check, text: str) -> list[Match]:
    """Return what a check finds in a text and, in the views it wants, beyond that."""
    found = list(check.find(Run(text)))
    moved = []
    for reading in readings(text):
        for match in check.find(Run(reading.text)) if reading.view in check.views else ():
            start, end = reading.origin(match.start, match.end)
            moved.append(msgspec.structs.replace(match, start=start, end=end))
    for match in sorted(moved, key=lambda match: match.start - match.end):
        if not any(m.rule == match.rule and m.start <= match.start and match.end <= m.end for m in found):
            found.append(match)
    return found


def _decision(guardrail: Guardrail, found: Sequence[Match]) -> tuple[str, Decision, bool]:
    decision = Decision(guardrail.action.value) if found else Decision.PASS
    return guardrail.name, decision, decision is Decision.BLOCK and _enforces(guardrail)


def _redacted(text: str, matches: Sequence[Match], block_at: int | None) -> tuple[str, int]:
    """Replace every stretch of characters that matches hold together; stop where something blocks.

    Returns:
        The text, and how many characters of the original are left in it.
    """
    held_together = [False] * (
        len(text) + 1
    )  # whether a match spans the place between a character and the next
    covered = [False] * len(text)
    for match in matches:
        covered[match.start : match.end] = [True] * (match.end - match.start)
        for place in range(match.start + 1, match.end):
            held_together[place] = True
    pieces: list[str] = []
    start = untouched = 0
    while start < len(text):
        end = start + 1
        while held_together[end]:
            end += 1
        if block_at is not None and end > block_at:
            break
        pieces.append(_placeholder(matches, start) if covered[start] else text[start:end])
        untouched += not covered[start]
        start = end
    return "".join(pieces), untouched


def _placeholder(matches: Sequence[Match], start: int) -> str:
    first = max((match for match in matches if match.start == start), key=lambda match: match.end)
    return f"[{first.rule.upper()}]" if first.replacement is None else first.replacement
