"""What guardrails must say about a text, worked out the slow and obvious way: no runs, no windows, no engine.

Every local check is asked once about the whole text, every remote check about one passage after the other.
The policy is applied to what comes back, character by character.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from guardrails import Action, Check, Decision, Guardrail, Match, Mode, Run
from guardrails.fingerprint import fingerprint
from guardrails.views.readings import readings
from tests.guardrails.planted import Says

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
    said = said_before_a_block(guardrails, text)
    found = [_found(guardrail, text, said if _enforces(guardrail) else None) for guardrail in guardrails]
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
        for match in _found(guardrail, text, said)
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


def said_before_a_block(guardrails: Sequence[Guardrail], text: str) -> dict[int, list[Match]]:
    """Return what enforcing guardrails' remote checks say, by id: one passage after the other, up to a block.

    A passage is asked about if no local check blocks before its end, a whole text if nothing blocks at all.
    """
    text = text.replace(LONE_SURROGATE, "\ufffd")
    enforcing = [guardrail for guardrail in guardrails if _enforces(guardrail)]
    asked = {id(one): one for guardrail in enforcing for one in guardrail.checks if isinstance(one, Says)}
    blocking = [guardrail for guardrail in enforcing if guardrail.action is Action.BLOCK]
    said: dict[int, list[Match]] = {name: [] for name in asked}
    local = [match.start for guardrail in blocking for match in _found(guardrail, text, said)]
    until = min(local, default=None)

    def blocks(check: Says, start: int, end: int) -> bool:
        found = _judged(check, text, (start, end))
        said[id(check)].extend(found)
        return bool(found) and any(check in guardrail.checks for guardrail in blocking)

    for start, end in cuts(text):
        if until is not None and end > until:
            return said
        if any(blocks(check, start, end) for check in asked.values() if check.unit == "sentence"):
            return said
    if until is None:
        any(blocks(check, 0, len(text)) for check in asked.values() if check.unit == "text")
    return said


def cuts(text: str) -> list[tuple[int, int]]:
    """Return where the passages of a text stand, found character by character."""
    found: list[tuple[int, int]] = []
    start = 0
    for end in range(1, len(text) + 1):
        length = end - start
        least = min(max(start // 4, 160), 800) if start else 24
        if length == 1_400 or (length >= least and _ends(text[start:end], length)):
            found.append((start, end))
            start = end
    return found + [(start, len(text))] * (start < len(text))


def _ends(passage: str, length: int) -> bool:
    last = passage[-1]
    if last in "\n\u3002\uff01\uff1f\uff61":
        return True
    if not last.isspace():
        return False
    words = passage[:-1]
    for _ in range(3):
        words = words[:-1] if words[-1:] in {*"\"'\u2019\u201d\u00bb)]"} else words
    return length >= 1_200 or words[-1:] in {*".!?\u2026\u061f\u06d4\u0964"}


def _passages(check: Says, text: str) -> list[tuple[int, int]]:
    return cuts(text) if check.unit == "sentence" else [(0, len(text))]


def _judged(check: Says, text: str, cut: tuple[int, int]) -> list[Match]:
    start, end = cut
    found = check.says(text[start:end], text[max(0, start - 500) : start] if check.unit == "sentence" else "")
    return [
        Match(m.rule, start + m.start, start + m.end, score=m.score, replacement=m.replacement) for m in found
    ]


def _enforces(guardrail: Guardrail) -> bool:
    return guardrail.mode is Mode.ENFORCE and guardrail.action is not Action.FLAG


def _found(guardrail: Guardrail, text: str, said: Mapping[int, list[Match]] | None = None) -> list[Match]:
    """Return what the checks find; `said` is what remote ones have said, by id, instead of asking them."""
    text = text.replace(LONE_SURROGATE, "\ufffd")
    matches: list[Match] = []
    for check in guardrail.checks:
        if isinstance(check, Check):
            matches.extend(_seen(check, text))
        elif said is not None:
            matches.extend(said[id(check)])
        else:
            assert isinstance(check, Says)
            matches.extend(match for cut in _passages(check, text) for match in _judged(check, text, cut))
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
