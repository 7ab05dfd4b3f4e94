"""The law of `guardrails/check.py`, and what follows from it: what a check must keep on every text."""

from collections.abc import Sequence

import msgspec
import re2

from guardrails.check import BRIEF_LENGTH, Check, Match, OpensRarely, Run, is_break

STARTS = (0, 7)
"""Where a run begins in its part; nothing but the `length` check may care."""


def assert_conforms(check: Check, text: str) -> None:
    """Hold a check to the law on this text, cut at every border that it has.

    Raises:
        AssertionError: it breaks the law; the message says which part of it.
    """
    assert isinstance(check, Check), "it has all that the port of a check asks for"
    _assert_openers_are_sound(check, text)
    for start in STARTS:
        run = Run(text, start)
        found = list(check.find(run))
        _assert_places(found, text)
        _assert_repeats(check, run, found)
        _assert_triggers_are_sound(check, text, found)
        _assert_adds_up(check, run, found)


def borders(check: Check, text: str, start: int = 0) -> list[int]:
    """Return the borders of this text by this check alone."""
    return [
        end for end in range(1, len(text)) if is_break(text[end - 1]) and not check.is_open(text[:end], start)
    ]


def pieces(check: Check, text: str) -> list[Match]:
    """Return what the check finds where each run ends at its first border."""
    found: list[Match] = []
    begin = 0
    for end in range(1, len(text)):
        if is_break(text[end - 1]) and not check.is_open(text[begin:end], begin):
            found += _found(check, Run(text[begin:end], begin, last=False), begin)
            begin = end
    return found + _found(check, Run(text[begin:], begin), begin)


def _found(check: Check, run: Run, offset: int) -> list[Match]:
    return [
        msgspec.structs.replace(match, start=match.start + offset, end=match.end + offset)
        for match in check.find(run)
    ]


def _assert_places(found: Sequence[Match], text: str) -> None:
    for match in found:
        assert 0 <= match.start <= match.end <= len(text), "a match lies within its run"
        assert 0 <= match.score <= 1
        assert match.rule
    starts = [match.start for match in found]
    assert starts == sorted(starts), "matches are ordered by start"


def _assert_repeats(check: Check, run: Run, found: list[Match]) -> None:
    again = list(check.find(Run(run.text, run.start, last=run.last)))
    assert again == found, "find depends on the run alone"


def _assert_triggers_are_sound(check: Check, text: str, found: list[Match]) -> None:
    if found and check.triggers:
        assert any(re2.search(trigger, text) for trigger in check.triggers), "a finding has a trigger"


def _assert_openers_are_sound(check: Check, text: str) -> None:
    if not isinstance(check, OpensRarely) or check.openers is None:
        return
    for end in (end for end in range(1, len(text) + 1) if is_break(text[end - 1])):
        for held in {text[max(0, end - length) : end] for length in (BRIEF_LENGTH, BRIEF_LENGTH // 4, 4)}:
            if any(check.is_open(held, start) for start in STARTS):
                assert any(re2.search(opener, held) for opener in check.openers), (
                    "where a match is in progress stands an opener"
                )


def _assert_adds_up(check: Check, run: Run, found: list[Match]) -> None:
    for border in borders(check, run.text, run.start):
        left = Run(run.text[:border], run.start, last=False)
        right = Run(run.text[border:], run.start + border, last=run.last)
        parts = [*_found(check, left, 0), *_found(check, right, border)]
        assert parts == found, f"a border at {border} changes what is found"
    if run.start == 0:
        assert pieces(check, run.text) == found, "a stream of characters changes what is found"
    assert borders(check, run.text, run.start) == borders(check, run.text, run.start), "is_open has no memory"
