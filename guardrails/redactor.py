"""The redactor: takes what checks find out of whole texts, with no policy around it, for the record."""

from collections.abc import Sequence

from guardrails.asking import scannable
from guardrails.check import Check, Match, Run
from guardrails.reader import Reader, ask_about
from guardrails.redaction import redact, spans

WITHHELD = "[WITHHELD]"
"""Stands for a text that could not be redacted because a check failed on it."""


class Redactor:
    """Redacts by these checks. Immutable, safe to share.

    Args:
        checks: all redactable.

    Raises:
        ValueError: one of them is not.
        re2.error: a trigger is no RE2 pattern.
    """

    def __init__(self, checks: Sequence[Check]) -> None:
        for check in checks:
            if not check.redactable:
                raise ValueError(f"what {check.kind!r} finds cannot be redacted")
        self._checks = tuple(checks)
        self._reader = Reader(self._checks)

    def redact(self, text: str) -> str:
        """Return the text without what the checks find in it; `[WITHHELD]` if one of them fails.

        It takes the time it takes, on the caller's thread: about 2 ns a character where there is nothing to
        redact.
        """
        clean = scannable(text)
        questions = self._reader.questions(clean)
        if not questions:
            return text
        run = Run(clean)
        matches: list[Match] = []
        for place, asked in questions.items():
            outcome = ask_about(self._checks[place], run, asked)
            if outcome.error is not None:
                return WITHHELD
            matches.extend(outcome.matches)
        covered = spans(matches)
        return redact(text, covered) if covered else text
