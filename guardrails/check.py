"""The port of a check: a check finds; it decides nothing.

A streamed answer must be judged exactly as the whole text is. So a check never sees chunks. It sees *runs*:
stretches of a text between two *borders*. A border stands directly behind a break (see `is_break`) behind
which no check's match is still open. Whether a position is a border depends on the text to its left alone,
hence a border once found stays one however the text goes on, and every check keeps one law, which is what
makes a stream equal the whole:

    find(left + right) == find(left) + find(right), wherever a border stands between left and right

Three things follow for whoever writes a check. A match may contain a break only if `is_open` is true behind
that break while the match is in progress. What stands before a run must not matter: a break and the start of
the text count the same. And a match must not depend on what follows it, except for the one character behind
it.

The counterpart is `guardrails/window.py`, which cuts a stream into runs.
"""

from collections.abc import Awaitable, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from guardrails.part import Part


class Run(msgspec.Struct, frozen=True):
    """A stretch of one text that stands between two borders, or between a border and the text's end."""

    text: str
    start: int = 0
    """Where it begins in its part, in code points."""
    last: bool = True
    """Whether the part ends with it."""


class Match(msgspec.Struct, frozen=True):
    """What a check found in a run. It never holds the matched text."""

    rule: str
    """What was found, in one word: `email`, `github_token`; the same word in rows, spans and placeholders."""
    start: int
    """In code points from the start of the run."""
    end: int
    """Exclusive. Equal to `start` where a finding is about a place, not about characters (a text too
    short). Such a place lies before the end of its run, or at the end of the last."""
    score: float = 1.0
    """How sure, 0 to 1; a checksum that holds is 1."""
    replacement: str | None = None
    """What a redaction writes instead; None for the placeholder of the rule, `[EMAIL]`."""


@runtime_checkable
class Check(Protocol):
    """Finds in texts, in this process, in time linear in the text."""

    @property
    def kind(self) -> str:
        """The name by which configuration asks for it: `regex`, `pii`."""

    @property
    def triggers(self) -> tuple[str, ...]:
        """RE2 patterns: where none of them matches a run, `find` finds nothing in it. Empty: always ask."""

    @property
    def redactable(self) -> bool:
        """Whether its matches cover the characters to be replaced (a text that is too short has none)."""

    def find(self, run: Run) -> Sequence[Match]:
        """Return what is in the run, ordered by start. Matches of one check may overlap each other."""

    def is_open(self, text: str, start: int) -> bool:
        """Return whether a match begun in `text` may continue behind it.

        Args:
            text: what is held of a part: it starts at a border and ends with a break.
            start: where `text` begins in its part, in code points.
        """


@runtime_checkable
class RemoteCheck(Protocol):
    """Asks another service; sees whole parts only, so a stream is held until the part has ended."""

    @property
    def kind(self) -> str:
        """As `Check.kind`."""

    @property
    def redactable(self) -> bool:
        """As `Check.redactable`."""

    def judge(self, part: Part) -> Awaitable[Sequence[Match]]:
        """Return what is in the part, offsets from its start. Whatever it raises makes an error verdict."""


def is_break(character: str) -> bool:
    """Return whether a border may stand behind this character.

    White space, and the characters of scripts that write without spaces (CJK ideographs and punctuation,
    kana, Hangul, full-width forms: U+2E80 to U+9FFF, U+AC00 to U+D7AF, U+F900 to U+FAFF, U+FF00 to U+FFEF,
    U+20000 and up): else a Chinese answer would be one word and could not be released before its end.
    """
    return character.isspace() or _is_unspaced(ord(character))


def _is_unspaced(code: int) -> bool:
    if code < 0x2E80:  # noqa: PLR2004 (the first CJK block; most text ends here)
        return False
    return (
        code <= 0x9FFF  # noqa: PLR2004 (see is_break)
        or 0xAC00 <= code <= 0xD7AF  # noqa: PLR2004
        or 0xF900 <= code <= 0xFAFF  # noqa: PLR2004
        or 0xFF00 <= code <= 0xFFEF  # noqa: PLR2004
        or 0x20000 <= code <= 0x3FFFF  # noqa: PLR2004
    )
