"""Rows: groups of digits that stand so close together that they may be one number."""

import re
from collections.abc import Iterator

from guardrails.checks.patterns import compiled
from guardrails.checks.pii.entity import DASH, SPACE, ends_a_word

SEPARATOR = rf"(?:[{SPACE}{DASH}./]|[{SPACE}]?\(|\)[{SPACE}{DASH}]?)"
"""What may stand between two groups of a telephone number (ITU-T E.123 and common use)."""

_ROW = compiled(rf"(?:\(?\+|\()?\d+(?:{SEPARATOR}\d+)*")
_GROUP = re.compile("[0-9]+")
"""Python's own engine: it is asked group by group, and RE2 takes ten times as long to say one."""
_IN_A_WORD = compiled(rf"(\d+)\)?[{SPACE}]")
"""A first group that is none where it ends a word; the row begins behind it."""


class Row:
    """A row of digit groups in a text. Groups are known by index, from 0; ranges of them include both ends.

    They are looked for only as far as somebody asks: a row may be a table of a thousand numbers.

    Args:
        text: the text.
        start: where the row starts, a plus sign or an opening bracket included.
        end: where its last group ends.
    """

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end
        self._groups: list[tuple[int, int]] = []
        self._found = _GROUP.finditer(text, start, end)

    @property
    def has_plus(self) -> bool:
        """Whether a plus sign stands in front."""
        return "+" in self.opening(0)

    def has(self, index: int) -> bool:
        """Return whether there is such a group."""
        while len(self._groups) <= index:
            found = next(self._found, None)
            if found is None:
                return False
            self._groups.append(found.span())
        return True

    def group(self, index: int) -> tuple[int, int]:
        """Return where this group starts and ends in the text; there is such a group."""
        self.has(index)
        return self._groups[index]

    def groups(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return where these groups start and end in the text, as far as there are so many."""
        if len(self._groups) <= last:
            self.has(last)
        return self._groups[first : last + 1]

    def sizes(self, first: int, last: int) -> tuple[int, ...]:
        """Return how many digits these groups have."""
        return tuple([right - left for left, right in self._groups[first : last + 1]])

    def digits(self, first: int, last: int) -> str:
        """Return the digits of these groups."""
        return "".join(self.text[left:right] for left, right in self._groups[first : last + 1])

    def opening(self, index: int) -> str:
        """Return what stands between the group and the one before it, or the start of the row."""
        self.has(index)
        left = self._groups[index - 1][1] if index else self.start
        return self.text[left : self._groups[index][0]]

    def separators(self, first: int, last: int) -> str:
        """Return what stands between these groups, and the bracket before the first."""
        inner = "".join(self.opening(index) for index in range(first + 1, last + 1))
        return ("(" if self.opening(first).endswith("(") else "") + inner

    def left(self, first: int) -> int:
        """Return where a number that starts with this group starts, bracket and plus sign included."""
        if first == 0:
            return self.start
        return self._groups[first][0] - self.opening(first).endswith("(")

    def right(self, last: int) -> int:
        """Return where the group ends."""
        return self._groups[last][1]

    def starts_word(self, first: int) -> bool:
        """Return whether no dash or point joins the group to the one before it."""
        opening = self.opening(first)
        return first == 0 or opening[-1] in "(/" or opening[-1].isspace()

    def ends_word(self, last: int) -> bool:
        """Return whether no dash or point joins the group to the one behind it."""
        opening = self.opening(last + 1) if self.has(last + 1) else " "
        return opening[0] == "/" or opening[0].isspace()

    def is_whole(self, first: int, last: int) -> bool:
        """Return whether these are all groups of the row."""
        return first == 0 and not self.has(last + 1)

    def count_digits(self) -> int:
        """Return how many digits all groups have together."""
        return sum(map(str.isdecimal, self.text[self.start : self.end]))


def rows(text: str, min_chars: int) -> Iterator[Row]:
    """Yield the rows of a text that are at least that long."""
    for found in _ROW.finditer(text):
        start, end = found.span()
        in_a_word = _IN_A_WORD.match(text[start:end])
        if in_a_word and ends_a_word(text, start + in_a_word.end(1)):
            start += in_a_word.end()
        if end - start >= min_chars:
            yield Row(text, start, end)
