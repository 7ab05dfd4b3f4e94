"""Units: the words, the lines or the whole of a text."""

from collections.abc import Iterator
from typing import Literal

from guardrails.checks.patterns import Pattern, compiled

Unit = Literal["word", "line", "text"]
"""A `word` is what stands between white space, a `line` what stands between line feeds."""

_WORD_A_LINE = str.maketrans(dict.fromkeys(filter(str.isspace, map(chr, range(0x3001))), "\n"))
"""Makes each word a line of its own; the last white-space character of Unicode is U+3000."""

_LINE = compiled(r"[^\n]+")


def units(text: str, per: Unit, hint: Pattern | None) -> Iterator[tuple[int, str]]:
    """Yield units that are not empty, each with where it starts, from the left.

    Args:
        text: of which the units are.
        per: which units.
        hint: in RE2; only units in which it matches somewhere are wanted, `^` and `$` being the ends of a
            line in its eyes, wherever units end; None for all.
    """
    if per == "text":
        yield 0, text
        return
    lines = text.translate(_WORD_A_LINE) if per == "word" else text
    done = 0
    for found in (hint or _LINE).finditer(lines):
        place = max(found.start(), done)
        while place < found.end():
            start = lines.rfind("\n", 0, place) + 1
            end = lines.find("\n", place)
            end = len(lines) if end < 0 else end
            if start < end:
                yield start, text[start:end]
            place = done = end + 1
