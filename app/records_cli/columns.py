"""Tables for people: columns fitted to a terminal, and nothing that could make it do anything.

What is on record was written by anybody, so control characters and marks that turn the direction of text are
shown as escapes. Where nobody looks at a terminal (a pipe, a file) nothing is cut.
"""

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import TextIO

_GAP = "  "
_NARROWEST = 8
"""To which a column shrinks before others do."""
_LOOKED_AT = 500
"""Rows that say how wide columns are."""
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))


def safe(text: str, *, lines: bool = False) -> str:
    """Return a text as a terminal may show it; `lines`: line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one if unicodedata.category(one) not in _HIDDEN or (lines and one in "\n\t") else _escaped(one)
        for one in text
    )


def width_of(text: str) -> int:
    """Return how many cells of a terminal a text takes: East Asian characters take two, marks none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(one) in {"W", "F"} for one in text)
    return len(text) + wide - sum(unicodedata.combining(one) != 0 for one in text)


def fitted(text: str, width: int) -> str:
    """Return a text of just this width, cut or filled."""
    if width_of(text) > width:
        while width_of(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - width_of(text))


def terminal_width(stream: TextIO | None = None) -> int | None:
    """Return how wide the terminal is that a stream goes to, None if it goes to none."""
    if not (stream or sys.stdout).isatty():
        return None
    return shutil.get_terminal_size((108, 24)).columns


def table(
    names: Sequence[str], rows: Iterable[Sequence[str]], width: int | None, least: Sequence[int] = ()
) -> Iterator[str]:
    """Yield the lines of a table.

    Args:
        names: of the columns.
        rows: cells; the first five hundred say how wide the columns are.
        width: that lines must fit in; None: any, and nothing is cut.
        least: how wide columns are at least, before they are made to fit.
    """
    cells = ([safe(cell) for cell in row] for row in rows)
    first = [*islice(cells, _LOOKED_AT)]
    widths = [max(map(width_of, column)) for column in zip(names, *first, strict=True)]
    widths = [max(pair) for pair in zip_longest(widths, least, fillvalue=0)]
    placed = _filled if width is None else fitted
    if width is not None:
        widths = _shrunk(widths, width)
    for row in chain([[*names]], first, cells):
        yield _GAP.join(map(placed, row, widths)).rstrip()


def _filled(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def _shrunk(widths: list[int], width: int) -> list[int]:
    """Return widths that fit: the widest column gives first."""
    widths = [*widths]
    left = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    while left > 0 and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        widths[widest] -= 1
        left -= 1
    return widths


def _escaped(character: str) -> str:
    return repr(character)[1:-1] if not character.isprintable() else f"\\u{ord(character):04x}"
