r"""RE2, typed: the only pattern engine of the checks.

RE2 takes time linear in the text whatever the pattern; a pattern from a configuration can not stall the
gateway. It has no look-around and no back-references, and `\b`, `\w`, `\d` and `\s` know ASCII only.
Offsets are code points.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol, cast

import re2

SPACE = r"\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
"""Inside of a character class: what `str.isspace` calls white space, and so what `is_break` does."""

UNSPACED = r"\x{2e80}-\x{9fff}\x{ac00}-\x{d7af}\x{f900}-\x{faff}\x{ff00}-\x{ffef}\x{20000}-\x{3ffff}"
"""Inside of a character class: the other characters that `is_break` calls a break."""

_MAX_BYTES = 64 << 20
"""What one compiled pattern may take; RE2's own 8 MiB is too little for a few thousand phrases."""


class Found(Protocol):
    """One place where a pattern matches."""

    def start(self, group: int = 0) -> int:
        """Return where the group starts, -1 if it took no part."""

    def end(self, group: int = 0) -> int:
        """Return where the group ends, -1 if it took no part."""

    def span(self, group: int = 0) -> tuple[int, int]:
        """Return both."""

    def __getitem__(self, group: int) -> str | None: ...


class Pattern(Protocol):
    """A compiled pattern."""

    def search(self, text: str, pos: int = 0, endpos: int = ...) -> Found | None:
        """Return the leftmost match."""

    def match(self, text: str, pos: int = 0, endpos: int = ...) -> Found | None:
        """Return the match at `pos`."""

    def fullmatch(self, text: str) -> Found | None:
        """Return the match of the whole text."""

    def finditer(self, text: str) -> Iterator[Found]:
        """Yield all matches that do not overlap, from the left."""


class PatternSet:
    """Many patterns asked at once, in one pass over the text."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._set = re2.Set.SearchSet(_options())
        for pattern in patterns:
            self._set.Add(pattern)
        self._set.Compile()

    def hits(self, text: str) -> frozenset[int]:
        """Return the indices of the patterns that match somewhere."""
        return frozenset(self._set.Match(text) or ())


class PatternError(ValueError):
    """RE2 does not take the pattern; the message says why."""


def compiled(pattern: str, *, longest: bool = False) -> Pattern:
    """Compile a pattern.

    Args:
        pattern: in RE2's syntax (github.com/google/re2/wiki/Syntax).
        longest: leftmost-longest matches, as POSIX has them; else the first alternative wins, as in Perl.

    Raises:
        PatternError: if RE2 does not take it.
    """
    options = _options()
    options.longest_match = longest
    try:
        return cast("Pattern", re2.compile(pattern, options))
    except re2.error as error:
        reason = error.args[0]
        raise PatternError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_BYTES
    return options
