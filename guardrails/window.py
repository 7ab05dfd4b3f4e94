"""The window: what holds a streamed text back until no match can still grow into what is held.

It cuts one growing text into runs, at borders (see `guardrails/check.py`). Whether a place is a border is
decided by the text to its left alone, so each break is looked at once, when it arrives, and a border missed
is no harm: the run only gets longer, and by the law of checks one long run and two short ones give the same
findings. That freedom is what keeps the cost linear: the window looks at few breaks and looks more rarely the
longer it has held; findings do not depend on it, only how early text goes out.

A border must be one in every view that goes on as the text does (`guardrails/views/readings.py`): the folded
text too ends with a break there and nothing is in progress in it, no more than in base64 that is wrapped.

There is no overflow. A text that stays open is held to its end, bounded by what a provider may answer. A
forced cut would let a match escape by being long.
"""

import re
from collections.abc import Sequence

from guardrails.asking import first_open, scannable
from guardrails.check import BRIEF_LENGTH, Check
from guardrails.prefilter import Prefilter
from guardrails.view import AS_IT_STANDS
from guardrails.views.readings import ends_with_break, in_place, is_begun

_LAST_BREAK = re.compile(
    r".*[\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]", re.DOTALL
)
"""Ends behind the last character with `is_break`: the same set, at C speed (a test compares them)."""

_EAGER_LENGTH = 1024
"""Up to this many held characters every fragment's breaks are looked at."""

_LOOKS = 16
"""Breaks looked at per fragment, latest first: more than the groups of any IBAN or phone number."""

_FEWER_LOOKS = 4
"""The same where much is held, since every look costs as much as all that is held."""

_BACK_OFF = 16
"""Beyond, the text must grow by this fraction after a rejected break before another is looked at."""


class Window:
    """Cuts one text. Not to be shared between texts.

    Args:
        checks: whose matches must not be cut. Order does not matter.
        whole: hold everything to the end (some check sees whole texts only).
        openings: says who of the first of these checks must be asked about a text of up to `BRIEF_LENGTH`,
            and whether one of `GOING_ON` matches it; all others are always asked.
    """

    __slots__ = (
        "_always",
        "_by_place",
        "_checks",
        "_held_length",
        "_look_from",
        "_openings",
        "_others",
        "_pieces",
        "_reads",
        "_whole",
        "failures",
        "start",
    )

    def __init__(
        self, checks: Sequence[Check], *, whole: bool = False, openings: Prefilter | None = None
    ) -> None:
        self._by_place = tuple(checks)
        self._checks = list(checks)
        self._openings = openings
        self._others = checks[openings.count if openings else 0 :]
        self._always = self._due(openings.always) if openings else self._checks
        self._reads = any(check.views != AS_IT_STANDS for check in checks)
        self._whole = whole
        self._pieces: list[str] = []
        self._held_length = 0
        self._look_from = 0
        self.start = 0
        """Where the held text begins in the whole, in code points: a border."""
        self.failures: list[tuple[Check, str]] = []
        """Checks whose `is_open` raised, with the exception's name. What they were asked about is open."""

    @property
    def held_length(self) -> int:
        """How many code points are held back."""
        return self._held_length

    def feed(self, text: str) -> str:
        """Take the next fragment; return the run that became final, "" if none did."""
        known = self._held_length
        self._pieces.append(text)
        self._held_length += len(text)
        if self._whole or self._held_length < self._look_from:
            return ""
        found = _LAST_BREAK.match(text)
        if found is None:
            return ""
        held = self._join()
        end = known + found.end()
        for _ in range(_LOOKS if len(held) <= _LOOKS * _EAGER_LENGTH else _FEWER_LOOKS):
            if self._is_border(held[:end]):
                return self._cut(held, end)
            found = _LAST_BREAK.match(held, known, end - 1)
            if found is None:
                break
            end = found.end()
        if self._held_length > _EAGER_LENGTH:
            self._look_from = self._held_length + self._held_length // _BACK_OFF
        return ""

    def finish(self) -> str:
        """Return all that is held: the text has ended."""
        held = self._join()
        return self._cut(held, len(held))

    def _join(self) -> str:
        if len(self._pieces) != 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    def _cut(self, held: str, end: int) -> str:
        rest = held[end:]
        self._pieces = [rest] if rest else []
        self._held_length = len(rest)
        self._look_from = 0
        self.start += end
        return held[:end]

    def _is_border(self, text: str) -> bool:
        text = scannable(text)
        asked, marked = self._checks, True
        if len(text) <= BRIEF_LENGTH and self._openings is not None:
            due, marked = self._openings.look(text)
            asked = self._always if due is self._openings.always else self._due(due)
        if self._is_open(text, asked):
            return False
        if not (self._reads and (marked or not text.isascii())):
            return True
        read = in_place(text)
        for reading in read:
            if not ends_with_break(reading):
                return False
            readers = [check for check in self._checks if reading.view in check.views]
            if reading.text and self._is_open(reading.text, readers):
                return False
        return not is_begun(read[-1].text if read else text)

    def _due(self, due: Sequence[int]) -> list[Check]:
        return [*(self._by_place[place] for place in due), *self._others]

    def _is_open(self, text: str, checks: list[Check]) -> bool:
        """Return whether one of these checks has a match in progress at the end of a scannable text."""
        found = first_open(checks, text, self.start)
        if found is None:
            return False
        index, error = found
        check = checks[index]
        if index:  # whoever held is likely to hold at the next break too: ask it first
            checks.insert(0, checks.pop(index))
        if error is not None:
            self.failures.append((check, error))
        return True
