r"""Announcements: words that say what the number behind them is, as `NHS` in `my NHS number is 943 476 5919`.

Some words more may stand between the two. So a text stays open a little way behind such words, which is
looked at in two steps: hardly any text has one of the words, and one pattern for all of it, words and gap
and number, has an automaton so large that RE2 builds it anew at every call (1.7 ms; in two steps 2 us).
"""

from collections.abc import Iterable
from itertools import accumulate

import re2

from guardrails.check import is_break
from guardrails.checks.patterns import PatternSet, compiled
from guardrails.checks.pii.entity import DASH, SPACE

_JOINT = rf"[{SPACE}\t\n_-]"
"""What may stand between two words: they are names of fields too, `passport_no`."""

_GLUED_WORD = r"(?:number|num|nr|no|id|code)?"
"""How the name of a field may go on: `passportNumber`."""

_MAX_GAP = 40
GAP = rf"[^0-9!?;]{{0,{_MAX_GAP}}}"
"""What may stand between the words and the number: a few words more, no other number and no end of a
sentence."""

_BEGUN = 1
"""The place of the words' beginnings among what is looked for first."""

_OTHERWISE = compiled(
    r"(?i)\b(?:order|invoice|ticket|tracking|booking|phone|telephone|tel|mobile|fax|call|version|price|cost|https?)\b"
    r"|[A-Za-z]{4}\.\s"
)

_REACH = 192
"""Characters before a break that are looked at: more than the longest words, gap and number together."""

_MAX_OVERLAP = 40
"""Words may overlap others, of which only the first are looked at: `national id number`."""

_GROUP_CHARS = 9
_MAX_GROUPS = 8
"""Of numbers that spaces may interrupt: no group is longer, and none has more groups."""

_PENDING = compiled(
    rf"[^0-9!?;]{{0,{_MAX_GAP + _MAX_OVERLAP}}}"
    rf"(?:[0-9][0-9A-Za-z]{{0,{_GROUP_CHARS - 1}}}[{SPACE}{DASH}./]"
    rf"(?:[0-9A-Za-z]{{1,{_GROUP_CHARS}}}[{SPACE}{DASH}./]){{0,{_MAX_GROUPS}}})?"
)
"""What a text ends with behind words whose number has not come, or not to its end."""


def words_pattern(words: Iterable[str]) -> str:
    """Return a pattern of these words, given in small letters: as words, or as the end of a field's name."""
    return f"(?i:{'|'.join(sorted({_word(word) for word in words}))})"


def says_otherwise(gap: str) -> bool:
    """Return whether words in the gap say that the number is something else, or in another sentence."""
    return _OTHERWISE.search(gap) is not None


class Announcements:
    """Where any of many words may still be followed by what they announce.

    Args:
        words: in small letters, at least one; a space in them may be left out.
    """

    def __init__(self, words: Iterable[str]) -> None:
        chosen = tuple(words)
        begun = sorted({beginning for word in chosen for beginning in _beginnings(word)}) or [r"\z."]
        self._words = compiled(words_pattern(chosen))
        self.openers = (words_pattern(chosen), rf"(?i:{'|'.join(begun)})\z")
        """In RE2: where none of them matches, a text of up to `_REACH` is not open."""
        self._looks = PatternSet(self.openers)

    def is_open(self, text: str) -> bool:
        """Return whether a text that ends with a break ends among such words, or a little way behind them."""
        tail = text[-_REACH:]
        looks = self._looks.hits(tail)
        if not looks or _BEGUN in looks:
            return bool(looks)
        return any(_PENDING.fullmatch(tail[found.end() :]) for found in self._words.finditer(tail))


def _word(word: str) -> str:
    behind = rf"{_GLUED_WORD}(?:\b|_)" if word[-1].isascii() else ""
    return _start(word) + _spaced(word) + behind


def _start(word: str) -> str:
    return r"(?:\b|_)" if word[0].isascii() else ""


def _spaced(word: str) -> str:
    return f"{_JOINT}?".join(re2.escape(piece) for piece in word.split(" "))


def _beginnings(word: str) -> Iterable[str]:
    """Yield patterns of what the word may look like where a break interrupts it."""
    for beginning in accumulate(word.split(" ")[:-1], "{} {}".format):
        yield rf"{_start(word)}{_spaced(beginning)}[{SPACE}\t\n]"
    for place, character in enumerate(word, 1):
        if is_break(character) and not character.isspace():
            yield _start(word) + _spaced(word[:place])
