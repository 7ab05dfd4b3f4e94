"""Rows: groups of digits that stand so close together that they may be one number."""

from collections.abc import Iterator

from guardrails.checks.patterns import compiled
from guardrails.checks.pii.entity import DASH, SPACE

SEPARATOR = rf"(?:[{SPACE}{DASH}./]|[{SPACE}]?\(|\)[{SPACE}{DASH}]?)"
"""What may stand between two groups of a telephone number (ITU-T E.123 and common use)."""

_ROW = compiled(rf"(?:\(?\+|\()?\d+(?:{SEPARATOR}\d+)*")
_GROUP = compiled(r"\d+")


class Row:
    """A row of digit groups in a text; `first` and `last` are indices of groups, both inclusive.

    Args:
        text: the text.
        start: where the row starts, a plus sign or an opening bracket included.
        end: where its last group ends.
    """

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end
        self._groups = [
            (start + found.start(), start + found.end()) for found in _GROUP.finditer(text[start:end])
        ]
        self.sizes = tuple(right - left for left, right in self._groups)

    def __len__(self) -> int:
        return len(self._groups)

    @property
    def has_plus(self) -> bool:
        """Whether a plus sign stands in front."""
        return "+" in self.opening(0)

    def digits(self, first: int, last: int) -> str:
        """Return the digits of these groups."""
        return "".join(self.text[left:right] for left, right in self._groups[first : last + 1])

    def opening(self, index: int) -> str:
        """Return what stands between the group and the one before it, or the start of the row."""
        left = self._groups[index - 1][1] if index else self.start
        return self.text[left : self._groups[index][0]]

    def separators(self, first: int, last: int) -> str:
        """Return what stands between these groups, brackets around the first included."""
        inner = "".join(self.opening(index) for index in range(first + 1, last + 1))
        return ("(" if self.opening(first).endswith("(") else "") + inner

    def left(self, first: int) -> int:
        """Return where a number that starts with this group starts, brackets and plus sign included."""
        opening = self.opening(first)
        if first == 0:
            return self.start
        return self._groups[first][0] - (1 if opening.endswith("(") else 0)

    def right(self, last: int) -> int:
        """Return where the group ends."""
        return self._groups[last][1]

    def starts_word(self, first: int) -> bool:
        """Return whether no dash or point joins the group to the one before it."""
        opening = self.opening(first)
        return first == 0 or opening[-1] == "(" or opening[-1].isspace()

    def ends_word(self, last: int) -> bool:
        """Return whether no dash or point joins the group to the one behind it."""
        return last == len(self) - 1 or self.opening(last + 1)[0].isspace()


def rows(text: str, min_chars: int) -> Iterator[Row]:
    """Yield the rows of a text that are at least that long."""
    for found in _ROW.finditer(text):
        start, end = found.span()
        if end - start >= min_chars:
            yield Row(text, start, end)
