"""What single characters read as: the tables of `folded.py`, built once from Unicode's own data.

A character folds to what it looks like, whatever stands beside it; what depends on neighbours (letters of
other scripts, combining marks) is the matter of `folded.py`. Left as they are, since they stand in ordinary
text and hide nothing: curly quotes, the ellipsis, the em dash, the full-width comma of Chinese, ligatures
such as æ that are letters.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from guardrails.check import is_break
from guardrails.views.lookalikes import ANYWHERE

_INVISIBLE_RANGES = (
    (0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F),  # controls, but for white space
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Control characters, what Unicode calls default-ignorable (DerivedCoreProperties.txt 15.0), the marks of
interlinear annotation and the blank of Braille."""

_MARK_RANGES = (
    (0x300, 0x34E), (0x350, 0x36F), (0x483, 0x489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
)  # fmt: skip
"""Combining marks of no script, and the Cyrillic ones: what a letter can be struck through with."""

_SEARCHED = ((0xA0, 0x33FF), (0xA490, 0xABFF), (0xF900, 0x1FBFF), (0x2F800, 0x2FA1F))
"""Where characters with a compatibility form and digits are (UnicodeData.txt 15.0)."""

_KEPT = frozenset(
    "\u2026\u2122\u00aa\u00ba\u00b4\u00a8\u00af\u00b8\u02d8\u02d9\u02da\u02db\u02dc\u02dd\u2017"
    "\uff0c\uff01\uff1f\uff1a\uff1b\uff08\uff09\uff5e"
)
"""Ordinary typography, accents that stand alone, and the punctuation of Chinese and Japanese."""

_ENCLOSED = ((0x1F150, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), (0x1F170, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
"""White letters in black circles and squares, for which Unicode has no compatibility form."""


def ranges(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of code points, both ends inclusive, that these numbers make up."""
    start = end = -1
    for code in sorted(codes):
        if code != end + 1 or start < 0:
            if start >= 0:
                yield start, end
            start = code
        end = code
    if start >= 0:
        yield start, end


def python_class(codes: Iterable[int]) -> str:
    """Return the inside of a character class of `re`."""
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges(codes))


def re2_class(codes: Iterable[int]) -> str:
    """Return the inside of a character class of RE2."""
    return "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges(codes))


def _codes(of: Iterable[tuple[int, int]]) -> Iterator[int]:
    for low, high in of:
        yield from range(low, high + 1)


def _has_form(character: str) -> bool:
    """Return whether a character may have a form of its own: few do, and to look for it takes its time."""
    is_digit = unicodedata.digit(character, None) is not None
    return is_digit or character.isspace() or bool(unicodedata.decomposition(character))


def _form(character: str) -> str:
    """Return the compatibility form of a character, itself if it should stay as it is."""
    if character in _KEPT:
        return character
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if character.isspace():
        return " " if unicodedata.category(character) == "Zs" else character
    form = unicodedata.normalize("NFKC", character)
    if form.isascii():
        return character if " " in form else form
    form = "".join(ANYWHERE.get(part, part) for part in form)
    tears = any(part.isspace() for part in form)
    unlike = is_break(character) != is_break(form[-1])  # jamo, some brackets: not the same kind of script
    return character if tears or unlike else form


def _table() -> dict[int, str]:
    table = {
        code: form
        for code in _codes(_SEARCHED)
        if _has_form(chr(code)) and (form := _form(chr(code))) != chr(code)
    }
    table.update((ord(there), here) for there, here in ANYWHERE.items())
    for first, letters in _ENCLOSED:
        table.update((first + index, letter) for index, letter in enumerate(letters))
    table.update(dict.fromkeys(_codes(_INVISIBLE_RANGES), ""))
    return table


FORMS = _table()
"""What a character reads as, by code point; as `str.translate` wants it. Empty: it is invisible."""

INVISIBLE = frozenset(_codes(_INVISIBLE_RANGES))
"""What shows nothing."""

MARKS = frozenset(_codes(_MARK_RANGES))
"""Combining marks that may disguise a letter."""

_GONE = python_class(code for code, form in FORMS.items() if not form)
_MANY = python_class(code for code, form in FORMS.items() if len(form) > 1)
_MARK = python_class(MARKS)

CHANGING = re.compile(
    f"[{python_class(code for code in {*FORMS, *MARKS} if code <= 0xFFFF)}\\U00010000-\\U0010ffff]+"  # noqa: PLR2004
)
"""A run of characters some of which may fold. (All beyond the BMP: so much faster for `re`.)"""

ALIKE = re.compile(
    f"(?P<gone>[{_GONE}]+)|(?P<marks>[{_MARK}](?:[{_GONE}]*[{_MARK}])*)|(?P<many>[{_MANY}])"
    f"|(?P<one>[^{_GONE}{_MARK}{_MANY}]+)"
)
"""What of such a run folds alike: to nothing, into what stands before it, to many, each to one."""

TELLING = re2_class({*FORMS, *MARKS})
"""Inside of a class of RE2: the characters without which nothing folds but mixed words."""
