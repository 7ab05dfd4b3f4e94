r"""RE2, typed: the only pattern engine of the checks.

RE2 takes time linear in the text whatever the pattern; a pattern from a configuration can not stall the
gateway. It has no look-around and no back-references, and `\b`, `\w`, `\d` and `\s` know ASCII only.
Offsets are code points.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, cast

import re2

SPACE = r"\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
"""Inside of a character class: what `str.isspace` calls white space, and so what `is_break` does."""

UNSPACED = r"\x{2e80}-\x{9fff}\x{ac00}-\x{d7af}\x{f900}-\x{faff}\x{ff00}-\x{ffef}\x{20000}-\x{3ffff}"
"""Inside of a character class: the other characters that `is_break` calls a break."""

MAX_BYTES = 64 << 20
"""What one compiled pattern may take; RE2's own 8 MiB is too little for a few thousand phrases."""


class Found(Protocol):
    """One place where a pattern matches."""

    def start(self, group: int = 0) -> int:
        """Return where the group starts, -1 if it took no part."""

    def end(self, group: int = 0) -> int:
        """Return where the group ends, -1 if it took no part."""

    def span(self, group: int = 0) -> tuple[int, int]:
        """Return both."""


class Pattern:
    """A compiled pattern; `compiled` makes it.

    Where all characters are ASCII it is given bytes: offsets are the same then, and the module that binds RE2
    needs 1.4 microseconds for a match instead of the 4 that it takes to count code points.
    """

    __slots__ = ("_pattern",)

    def __init__(self, pattern: str, options: re2.Options) -> None:
        self._pattern = re2.compile(pattern, options)

    @property
    def groups(self) -> int:
        """How many groups it has, the whole match not counted."""
        return int(self._pattern.groups)

    @property
    def names(self) -> Mapping[str, int]:
        """The number of each group that has a name."""
        return dict(self._pattern.groupindex)

    def finditer(self, text: str) -> Iterator[Found]:
        """Return all matches that do not overlap, from the left."""
        return cast("Iterator[Found]", self._pattern.finditer(_quick(text)))

    def search(self, text: str, pos: int = 0) -> Found | None:
        """Return the leftmost match that starts at `pos` or behind."""
        return cast("Found | None", self._pattern.search(_quick(text), pos))

    def match(self, text: str, pos: int = 0, endpos: int | None = None) -> Found | None:
        """Return the match that starts at `pos` and ends at `endpos` at the latest."""
        return cast("Found | None", self._pattern.match(_quick(text), pos, endpos))

    def holds(self, text: str) -> bool:
        """Return whether it matches somewhere: quicker than `search`, for no characters are counted."""
        return self._pattern.search(text.encode()) is not None

    def fullmatch(self, text: str) -> Found | None:
        """Return the match of the whole text."""
        return cast("Found | None", self._pattern.fullmatch(_quick(text)))


class PatternSet:
    r"""Many patterns asked at once, in one pass over the text.

    RE2 says "nothing matches" when its automaton runs out of memory. So the set holds one pattern more, `\A`,
    which matches every text: an answer without it means that all patterns must be asked one by one.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._all = frozenset(range(len(patterns)))
        self._set = re2.Set.SearchSet(_options())
        for pattern in patterns:
            self._set.Add(pattern)
        self._always = self._set.Add(r"\A")
        self._set.Compile()

    def any(self, text: str) -> bool:
        """Return whether one of the patterns matches somewhere: the quickest way to ask RE2 anything."""
        return len(self._set.Match(text)) != 1

    def hits(self, text: str) -> frozenset[int]:
        """Return the indices of the patterns that match somewhere."""
        found = frozenset(self._set.Match(text) or ())
        return found - {self._always} if self._always in found else self._all


class PatternError(ValueError):
    """RE2 does not take the pattern; the message says why."""


def compiled(pattern: str, *, longest: bool = False, max_bytes: int = MAX_BYTES) -> Pattern:
    """Compile a pattern.

    Args:
        pattern: in RE2's syntax (github.com/google/re2/wiki/Syntax).
        longest: leftmost-longest matches, as POSIX has them; else the first alternative wins, as in Perl.
        max_bytes: what the pattern and its automaton may grow to; where that is too little, RE2 goes on
            without its automaton, some sixty times as slowly.

    Raises:
        PatternError: if RE2 does not take it.
    """
    options = _options(max_bytes)
    options.longest_match = longest
    try:
        return Pattern(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        raise PatternError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error


def _options(max_bytes: int = MAX_BYTES) -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = max_bytes
    return options


def _quick(text: str) -> str | bytes:
    return text.encode() if text.isascii() else text
