"""Small checks for tests of the engine: each finds something planted and keeps the law in its own way."""

import asyncio
import re
from collections.abc import Sequence
from typing import Literal

from guardrails import Action, AnyCheck, Guardrail, Match, Mode, OnError, Part, Passage, Run, Side
from guardrails.panel import Panel
from guardrails.scope import Audience
from guardrails.view import AS_IT_STANDS

SECRET = "\ue000"
"""A character that stands in secrets only: where one is released, a secret is."""


class Word:
    """Finds what a pattern matches inside of a word: nothing of it is ever open behind a break."""

    kind = "word"
    redactable = True
    views = AS_IT_STANDS

    def __init__(
        self, rule: str, pattern: str, *, replacement: str | None = None, triggered: bool = True
    ) -> None:
        self.triggers: tuple[str, ...] = (pattern,) if triggered else ()
        self._rule = rule
        self._pattern = re.compile(pattern)
        self._replacement = replacement
        self.asked: list[str] = []

    def find(self, run: Run) -> Sequence[Match]:
        self.asked.append(run.text)
        return [
            Match(self._rule, found.start(), found.end(), replacement=self._replacement)
            for found in self._pattern.finditer(run.text)
        ]

    def is_open(self, text: str, start: int) -> bool:
        return False


class Groups:
    """Finds groups of one kind of character with single spaces between: open behind a space after one."""

    kind = "groups"
    redactable = True
    views = AS_IT_STANDS

    def __init__(self, rule: str, character: str) -> None:
        self.triggers = (character,)
        self._rule = rule
        self._found = re.compile(f"{character}(?: ?{character})*")
        self._open = re.compile(f"{character} $")

    def find(self, run: Run) -> Sequence[Match]:
        return [Match(self._rule, found.start(), found.end()) for found in self._found.finditer(run.text)]

    def is_open(self, text: str, start: int) -> bool:
        return self._open.search(text[-2:]) is not None


class Line:
    """Finds `BEGIN` and the rest of its line: open until the line ends."""

    kind = "line"
    triggers = ("BEGIN",)
    redactable = True
    views = AS_IT_STANDS

    def find(self, run: Run) -> Sequence[Match]:
        return [Match("line", found.start(), found.end()) for found in re.finditer(r"BEGIN[^\n]*", run.text)]

    def is_open(self, text: str, start: int) -> bool:
        return "BEGIN" in text[text.rfind("\n") + 1 :]


class Quote:
    """Finds `<...>`: open until it is closed, over sentences and lines."""

    kind = "quote"
    triggers = ("<",)
    redactable = True
    views = AS_IT_STANDS

    def find(self, run: Run) -> Sequence[Match]:
        return [Match("quote", found.start(), found.end()) for found in re.finditer("<[^<>]*>", run.text)]

    def is_open(self, text: str, start: int) -> bool:
        return text.rfind("<") > text.rfind(">")


class Phrase:
    """Finds `ab cd ef`, one white space between the words: open behind the first and the second of them."""

    kind = "phrase"
    triggers = ("ab",)
    redactable = True
    views = AS_IT_STANDS

    def find(self, run: Run) -> Sequence[Match]:
        return [
            Match("phrase", found.start(), found.end())
            for found in re.finditer(r"(?<![A-Za-z0-9é])ab\scd\sef(?![A-Za-z0-9é])", run.text)
        ]

    def is_open(self, text: str, start: int) -> bool:
        return re.search(r"(?<![A-Za-z0-9é])ab\s(?:cd\s)?$", text[-7:]) is not None


class Short:
    """Finds that a text ends with fewer than so many characters: open until there are enough."""

    kind = "short"
    triggers: tuple[str, ...] = ()
    redactable = False
    views = AS_IT_STANDS

    def __init__(self, minimum: int) -> None:
        self._minimum = minimum

    def find(self, run: Run) -> Sequence[Match]:
        end = len(run.text)
        return [Match("short", end, end)] if run.last and run.start + end < self._minimum else []

    def is_open(self, text: str, start: int) -> bool:
        return start + len(text) < self._minimum


class Whole:
    """Looks at whole texts only: always open. Finds `xx` wherever an `x` follows an `x`."""

    kind = "whole"
    triggers = ("x",)
    redactable = True
    views = AS_IT_STANDS

    def find(self, run: Run) -> Sequence[Match]:
        return [Match("pair", found.start(), found.start() + 2) for found in re.finditer("x(?=x)", run.text)]

    def is_open(self, text: str, start: int) -> bool:
        return True


class Broken(Word):
    """Raises whenever it is asked."""

    def __init__(self, error: Exception, *, opens: bool = False) -> None:
        super().__init__("broken", "b", triggered=False)
        self._error = error
        self._opens = opens

    def find(self, run: Run) -> Sequence[Match]:
        raise self._error

    def is_open(self, text: str, start: int) -> bool:
        if self._opens:
            raise self._error
        return False


class Judge:
    """A remote check: answers after a while, if at all.

    Args:
        matches: what it answers.
        delay_s: after how long.
        error: what it raises instead of answering.
    """

    kind = "judge"
    redactable = True
    unit: Literal["sentence", "text"] = "text"

    def __init__(
        self, matches: Sequence[Match] = (), *, delay_s: float = 0, error: BaseException | None = None
    ) -> None:
        self._matches = matches
        self._delay_s = delay_s
        self._error = error
        self.judged: list[str] = []
        self.cancelled = 0

    async def judge(self, passage: Passage) -> Sequence[Match]:
        self.judged.append(passage.text)
        try:
            await asyncio.sleep(self._delay_s)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self._error is not None:
            raise self._error
        return self._matches


class Says:
    """A remote check that answers at once, always the same about the same passage.

    Args:
        rule: what it says.
        pattern: it finds the places that match.
        whole: it finds the whole passage instead, where there is such a place.
        before: it finds the whole passage if the text before it matches.
        unit: of its passages.
    """

    kind = "says"
    redactable = True

    def __init__(
        self,
        rule: str,
        pattern: str,
        *,
        whole: bool = False,
        before: bool = False,
        unit: Literal["sentence", "text"] = "sentence",
    ) -> None:
        self.unit: Literal["sentence", "text"] = unit
        self._rule = rule
        self._pattern = re.compile(pattern)
        self._whole = whole
        self._before = before
        self.judged: list[str] = []

    def says(self, text: str, before: str) -> list[Match]:
        if self._before or self._whole:
            found = self._pattern.search(before if self._before else text)
            return [Match(self._rule, 0, len(text))] if found else []
        return [Match(self._rule, one.start(), one.end()) for one in self._pattern.finditer(text)]

    async def judge(self, passage: Passage) -> Sequence[Match]:
        assert passage.part.text == passage.text
        self.judged.append(passage.text)
        return self.says(passage.text, passage.before)


def policy(
    *checks: AnyCheck,
    name: str = "policy",
    action: Action = Action.REDACT,
    mode: Mode = Mode.ENFORCE,
    on_error: OnError = OnError.BLOCK,
    timeout_s: float = 1.0,
) -> Guardrail:
    """Return a guardrail for both sides."""
    return Guardrail(name, frozenset(Side), checks, action, mode, on_error, timeout_s)


def everybody(panel: Panel) -> Audience:
    """Return the audience of a panel whose guardrails hear everything."""
    return panel.audience(Part("messages[0].content", ""))
