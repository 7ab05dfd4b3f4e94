r"""The shape of a heuristic: a phrase that is said to models to take them over, and how telling it is.

A phrase has a beginning and a rest. The beginning is words; the rest may leave gaps, but ends `REACH`
characters behind the beginning and with the sentence (`.`, `!`, `?`) at the latest. So a match may be in
progress only where a text ends inside of a beginning, or in a sentence that one stands in, and a stream is
held for a sentence, not more.

Phrases that stand in quotes are talked about, not said: a match does not begin behind a quotation mark.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from guardrails.checks.patterns import SPACE, PatternSet

REACH = 200
"""Characters between the end of a phrase's beginning and the end of the phrase, at most."""

MAX_BEGINNING = 100
"""Characters of a phrase's beginning, white space included, at most."""

GAP_CHARS = 3
"""White-space characters that may stand between two words of a phrase."""

S = rf"[{SPACE}]{{1,{GAP_CHARS}}}"
"""Between two words."""

UNQUOTED = "(?:\\A|[^0-9A-Za-z_\"'`\u2018\u201c\u00ab])"
"""What stands before a phrase."""


class Heuristic(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of phrase."""

    family: str
    begins: tuple[str, ...]
    """Words in RE2, one space between them, none of which can match a break."""
    rest: str
    """In RE2; a space stands for `S`."""
    score: float
    """How rarely others than attackers say it, 0 to 1: a guess."""

    @property
    def pattern(self) -> str:
        """Return what finds it; the phrase is group 1."""
        return f"(?i){UNQUOTED}((?:{'|'.join(map(spaced, self.begins))}){spaced(self.rest)})"

    def begun(self, beginning: str) -> str:
        """Return what finds a beginning that a phrase may go on behind."""
        ends_a_word = self.rest.startswith(" ") and not self.rest.startswith(" ?")
        return spaced(beginning) + (f"[{SPACE}]" if ends_a_word else "")


def spaced(source: str) -> str:
    """Return a pattern with the white space between words that its spaces stand for."""
    return source.replace(" ", S)


def gap(length: int) -> str:
    """Return a pattern of up to so many characters of one sentence."""
    return f"[^.!?]{{0,{length}}}?"


class Beginnings:
    """Tells where one of these phrases may be in progress."""

    def __init__(self, heuristics: Iterable[Heuristic]) -> None:
        whole = sorted({one.begun(beginning) for one in heuristics for beginning in one.begins})
        parts = sorted({part for one in heuristics for beginning in one.begins for part in _parts(beginning)})
        broken = "".join(rf"|(?:{spaced(part)}){S}\z" for part in parts)
        self.trigger = rf"(?i){UNQUOTED}(?:{'|'.join(whole)})"
        """Matches wherever a phrase stands."""
        first = sorted({_first_word(beginning) for one in heuristics for beginning in one.begins})
        self.opener = rf"(?i){UNQUOTED}(?:{'|'.join(first)})"
        """Matches wherever one may be in progress; and wherever the first word of one stands, for no more
        than that is quick to compile among what other checks look for."""
        self._begun = PatternSet([rf"(?i){UNQUOTED}(?:{'|'.join(whole)}{broken})"])

    def stand_in(self, text: str) -> bool:
        """Return whether a phrase may go on behind the text."""
        tail = text[-REACH - MAX_BEGINNING :]
        sentence = max(tail.rfind("."), tail.rfind("!"), tail.rfind("?")) + 1
        return self._begun.any(tail[sentence:])


def _first_word(beginning: str) -> str:
    """Return what the first word of a beginning begins with, without the end that may be anything."""
    return _ANY_END.sub("", beginning.partition(" ")[0])


_ANY_END = re.compile(r"\\(?:w|pL)\{[0-9]+,[0-9]+\}\Z")


def _parts(beginning: str) -> Iterator[str]:
    words = beginning.split(" ")
    for count in range(1, len(words)):
        yield " ".join(words[:count])
