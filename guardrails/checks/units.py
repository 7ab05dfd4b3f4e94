"""Units: the words, the lines or the whole of a text."""

from collections.abc import Iterator
from typing import Literal

from guardrails.checks.patterns import SPACE, Pattern, compiled

Unit = Literal["word", "line", "text"]
"""A `word` is what stands between white space, a `line` what stands between line feeds."""

_WORD = compiled(f"[^{SPACE}]+")
_LINE = compiled(r"[^\n]+")


def units(text: str, per: Unit, hint: Pattern | None) -> Iterator[tuple[int, str]]:
    """Yield units that are not empty, each with where it starts, from the left.

    Args:
        text: of which the units are.
        per: which units.
        hint: only the units that a match of this pattern in the text touches are wanted; None for all.
    """
    if per == "text":
        yield 0, text
        return
    if hint is None:
        for found in (_WORD if per == "word" else _LINE).finditer(text):
            yield found.start(), text[found.start() : found.end()]
        return
    done = 0
    for found in hint.finditer(text):
        place = max(found.start(), done)
        while place < found.end():
            start, end = _around(text, place, per)
            if start < end:
                yield start, text[start:end]
            place = done = end + 1


def _around(text: str, place: int, per: Unit) -> tuple[int, int]:
    """Return where the unit that holds this place starts and ends; nothing where a separator stands."""
    if per == "line":
        end = text.find("\n", place)
        return text.rfind("\n", 0, place) + 1, len(text) if end < 0 else end
    start = end = place
    while end < len(text) and not text[end].isspace():
        end += 1
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    return (start, end) if end > place else (place, place)
