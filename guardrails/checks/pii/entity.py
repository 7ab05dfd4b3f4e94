"""The shape of an entity: one kind of personal data, how it is found and where it may be cut."""

from collections.abc import Iterator
from typing import Protocol

SPACE = r" \x{a0}\x{202f}"
"""Inside of a character class: what stands between groups of digits, as in `4111 1111 1111 1111`: space,
no-break space and narrow no-break space (ISO 31-0 groups digits by the latter)."""

DASH = r"\x{2010}-\x{2013}\x{2212}\-"
"""Inside of a character class: hyphens, dashes and the minus sign, as they stand between groups of digits."""

OPEN_DIGITS = rf"(?:\A|[^0-9A-Za-z_])[0-9]+\)?[{SPACE}]"
"""What a match of digit groups looks like where a space interrupts it; `open_tail` of whatever has such
groups. Digits at the end of a word (`step1 step2`) are no group and nothing goes on behind them, so whoever
looks at the groups before a match must not count them (`ends_a_word`)."""


class Entity(Protocol):
    """Finds one kind of personal data."""

    @property
    def name(self) -> str:
        """The rule of its matches, and what configuration calls it."""

    @property
    def score(self) -> float:
        """How sure its matches are, 0 to 1."""

    @property
    def triggers(self) -> tuple[str, ...]:
        """As `Check.triggers`; never empty."""

    @property
    def open_tail(self) -> str:
        """What a text ends with behind whose last break a match may go on, in RE2; empty for never.

        It matches at most `MAX_OPEN_TAIL` characters, the last of which is a break.
        """

    @property
    def words(self) -> tuple[str, ...]:
        """Words behind which a match may begin or go on, a little way off too (`announcement.py`)."""

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where it stands, ordered by start."""


MAX_OPEN_TAIL = 64
"""In characters, see `Entity.open_tail`."""


JOINTS = frozenset(".:/@-\u2010\u2011\u2012\u2013\u2212")
"""What joins digits to a longer number, or to a date, a version, a path."""


def glued(text: str, end: int, joints: frozenset[str] = JOINTS) -> bool:
    """Return whether a number that ends here goes on: `4111.5`, `212-555-0100-7`, `10.0.0.1x`."""
    behind = text[end : end + 1]
    return _is_word(behind) or (behind in joints and is_digit(text[end + 1 : end + 2]))


def glued_before(text: str, start: int, joints: frozenset[str] = JOINTS) -> bool:
    """Return whether a number that starts here began before: `a4111`, `0.4111`, `2024-4111`."""
    before = text[max(start - 1, 0) : start]
    return _is_word(before) or (before in joints and is_digit(text[max(start - 2, 0) : start - 1]))


def ends_a_word(text: str, end: int) -> bool:
    """Return whether the digits that end here are the end of a word: `step1`."""
    start = end
    while start > 0 and is_digit(text[start - 1]):
        start -= 1
    return start < end and _is_word(text[start - 1 : start])


def is_digit(character: str) -> bool:
    """Return whether this is one of 0 to 9; the empty string is none."""
    return character.isascii() and character.isdecimal()


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
