r"""Phrases in a text: where they stand, and where one may have begun.

All are found by one leftmost-longest RE2 alternation, so a list of thousands costs little more than one of
ten. What RE2 cannot say is looked at afterwards, place by place: word borders in other scripts than ASCII
(its `\b` thinks that `bung` is a word of `Übung`), and that no more than `MAX_GAP` white-space characters
tear a phrase apart.
"""

import string
import unicodedata
from collections.abc import Collection, Iterable, Iterator

import re2

from guardrails.check import is_break
from guardrails.checks.patterns import MAX_BYTES, SPACE, compiled

MAX_GAP = 8
"""White-space characters that may stand where a phrase has white space: a bound, so that what is held is
bounded."""

_BYTES_PER_PHRASE = 16 << 10
"""What the automaton of a list may grow to, beside what any pattern may: a bound, not a need. 10,000 phrases
take 60 MB at most, 30,000 take 126. Without it that automaton did not fit into its 64 MiB, and RE2 went on
without: 300 microseconds for 2 kB instead of 5. (So no Aho-Corasick library was needed; none knows gaps, word
borders and Unicode's case at once.)"""

_LONG_GAP = compiled(f"[{SPACE}]{{{MAX_GAP + 1}}}")

_WORD_CHARACTERS = f"{string.ascii_letters}{string.digits}_"

_RUNNING = (("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"))
"""Thai and Lao, Burmese, Khmer: letters without spaces between words, though no breaks (Unicode 15,
Blocks.txt)."""


class Phrases:
    """A list of phrases, ready to be looked for.

    Args:
        phrases: none of them blank; white space inside of one stands for any 1 to `MAX_GAP` white-space
            characters.
        ignore_case: whether case does not matter (Unicode's simple folding).
    """

    def __init__(self, phrases: Iterable[str], *, ignore_case: bool) -> None:
        spaced = [" ".join(phrase.split()) for phrase in phrases]
        self._ignore_case = ignore_case
        self._pattern = compiled(
            alternation(spaced, ignore_case=ignore_case),
            longest=True,
            max_bytes=MAX_BYTES + len(spaced) * _BYTES_PER_PHRASE,
        )
        self._reach = max(len(phrase) + phrase.count(" ") * (MAX_GAP - 1) for phrase in spaced) + 1
        self._begun = frozenset(
            beginning for phrase in spaced for beginning in _beginnings(self._folded(phrase))
        )
        self._begun_lengths = tuple(sorted({len(beginning) for beginning in self._begun}))
        self._last_runs = frozenset(_last_run(beginning) for beginning in self._begun)

        self.openers = _openers(self._last_runs)
        """In RE2: where none of them matches, no phrase is `begun`; None where there is nothing so short."""

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where phrases stand, ordered by start: the longest of those that start at one place."""
        for found in self._pattern.finditer(text):
            if _stands(text, found.start(), found.end()):
                yield found.span()
            else:
                yield from self._hidden(text, found.start(), found.end())

    def holds(self, text: str) -> bool:
        """Return whether this is a phrase of the list, the whole of it."""
        return self._pattern.fullmatch(text) is not None

    def begun(self, text: str) -> bool:
        """Return whether a phrase may be in progress where the text, which ends with a break, ends."""
        tail = self._folded(text[-self._reach :])
        if tail.isascii() and _last_run(tail) not in self._last_runs:
            return False
        words = " ".join(tail.split())
        if tail[-1:].isspace():
            words += " "
        return any(words[-length:] in self._begun for length in self._begun_lengths)

    def _hidden(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the phrases that start within a match which turned out to be none."""
        origin = max(start - 1, 0)
        window = text[origin : end + self._reach]
        position, limit = start - origin, end - origin
        found = self._pattern.match(window, position, limit - 1)
        while found or (found := self._pattern.search(window, position + 1)):
            if found.start() >= limit:
                return
            if _stands(window, *found.span()):
                yield origin + found.start(), origin + found.end()
                position = found.end() - 1
                found = None
            else:
                position = found.start()
                found = self._pattern.match(window, position, found.end() - 1)

    def _folded(self, text: str) -> str:
        return text.casefold() if self._ignore_case else text


def _last_run(text: str) -> str:
    """Return the letters and digits of ASCII that a text ends with, white space behind them left aside."""
    words = text.rstrip()
    return words[len(words.rstrip(_WORD_CHARACTERS)) :]


def _openers(last_runs: Collection[str]) -> tuple[str, ...] | None:
    if not last_runs:
        return ()
    if "" in last_runs or sum(map(len, last_runs)) > _MAX_OPENER_CHARS:
        return None
    ends = "|".join(sorted(last_runs))
    return rf"(?i:{ends})[{SPACE}]*\z", r"[^\x00-\x7f]"


_MAX_OPENER_CHARS = 1_024
"""Longer lists are asked about every word: it is one pattern of many that are looked for at once."""


def alternation(phrases: Iterable[str], *, ignore_case: bool, gap: str = f"[{SPACE}]+") -> str:
    """Return an RE2 pattern that matches wherever one of the phrases stands, and at few other places.

    Args:
        phrases: as `Phrases` takes them.
        ignore_case: as `Phrases` takes it.
        gap: in RE2; all white space matches it.
    """
    sources = sorted({_source(phrase, gap) for phrase in phrases})
    return f"(?{'i' if ignore_case else ''}:{'|'.join(sources)})"


def is_word_character(character: str) -> bool:
    """Return whether a word goes on across this character, in scripts that put spaces between words."""
    if character.isascii():
        return character.isalnum() or character == "_"
    letter = character.isalnum() or unicodedata.category(character).startswith("M")
    return letter and not is_break(character) and not any(low <= character <= high for low, high in _RUNNING)


def _source(phrase: str, gap: str) -> str:
    words = phrase.split()
    first, last = words[0][0], words[-1][-1]
    before = r"\b" if first.isascii() and is_word_character(first) else ""
    behind = r"\b" if last.isascii() and is_word_character(last) else ""
    return before + gap.join(re2.escape(word) for word in words) + behind


def _stands(text: str, start: int, end: int) -> bool:
    """Return whether a match of the pattern is not a piece of longer words, nor torn apart."""
    if start > 0 and is_word_character(text[start]) and is_word_character(text[start - 1]):
        return False
    if end < len(text) and is_word_character(text[end - 1]) and is_word_character(text[end]):
        return False
    return end - start <= MAX_GAP or not _LONG_GAP.search(text[start:end])


def _beginnings(phrase: str) -> Iterator[str]:
    for end in range(1, len(phrase)):
        if is_break(phrase[end - 1]):
            yield phrase[:end]
