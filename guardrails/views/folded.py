r"""The folded view: a text as a person sees it.

Compatibility forms become what they are forms of (full-width and mathematical letters, ligatures), digits of
all scripts ASCII digits, spaces of any width spaces. What is invisible is gone. Combining marks are composed
with their letter, and gone where they only strike out an ASCII one. Letters of other scripts that look like
Latin ones become these in words that have Latin letters too, and only there: `p\u0430ypal` reads as `paypal`,
while Russian stays Russian.

It is never sent anywhere, so it may err towards more: it is only what checks look at, beside the text itself.

How a text folds is decided word by word: what stands behind a break of the folded text does not change what
stands before it, hence

    fold(left + right) == fold(left) + fold(right), where fold(left) ends with a break

which is what a stream needs (`guardrails/check.py`).
"""

import re
import unicodedata

from guardrails.check import is_break
from guardrails.checks.patterns import compiled
from guardrails.view import View
from guardrails.views.characters import ALIKE, CHANGING, FORMS, MARKS, TELLING, python_class, re2_class
from guardrails.views.lookalikes import OF_OTHER_SCRIPTS
from guardrails.views.reading import Pieces, Reading

_LOOKALIKES = frozenset(map(ord, OF_OTHER_SCRIPTS))
_OF_OTHER_SCRIPTS = {ord(there): here for there, here in OF_OTHER_SCRIPTS.items()}

_WORD_CODES = frozenset(
    {*map(ord, "0123456789@._"), *range(0x41, 0x5B), *range(0x61, 0x7B)}
    | {code for code in {*range(0xC0, 0x590), *range(0x1E00, 0x2000)} if chr(code).isalnum()}
    | MARKS
    | _LOOKALIKES
)
"""What a word is made of that is looked at as one; all are no breaks."""

WORD = re.compile(f"[{python_class(_WORD_CODES)}]+")
LATIN = re.compile("[A-Za-z]")
_LOOKALIKE = re.compile(f"[{python_class(_LOOKALIKES)}]")
MIXED = (
    f"[A-Za-z][{re2_class(_WORD_CODES)}]*[{re2_class(_LOOKALIKES)}]"
    f"|[{re2_class(_LOOKALIKES)}][{re2_class(_WORD_CODES)}]*[A-Za-z]"
)
"""In RE2: stands in a text with a word of mixed script."""

_MIXED_WORD = compiled(MIXED)
_FOLDING = compiled(f"[{TELLING}]|{MIXED}")

CONTROLS = r"[\x00-\x08\x0e-\x1b\x7f]"
"""In RE2: the only ASCII characters that fold."""


def fold(text: str, source: Reading | None = None) -> Reading | None:
    """Return the folded view; None where it is the text itself.

    Args:
        text: scannable, in any normal form.
        source: what the text is a reading of; None for an original.
    """
    if not text or not _FOLDING.holds(text):
        return None
    pieces = _replaced(text) or _put_together(text)
    folded = _with_latin(pieces.text())
    if folded == text:
        return None
    return pieces.reading(View.FOLDED if source is None else View.DECODED, folded, source)


def _replaced(text: str) -> Pieces | None:
    """Return what a text reads as where few of its characters fold, each into one; else None."""
    changing = set("".join(CHANGING.findall(text)))
    if len(changing) > _FEW or not changing.isdisjoint(_UNEVEN):
        return None
    folded = text
    for character in changing:
        folded = folded.replace(character, FORMS.get(ord(character), character))
    pieces = Pieces()
    pieces.add(folded, 0, len(text))
    return pieces


_FEW = 16
"""Characters: replacing one takes a microsecond in a text of 2 kB."""

_UNEVEN = frozenset(map(chr, MARKS | {code for code, form in FORMS.items() if len(form) != 1}))


def _put_together(text: str) -> Pieces:
    """Return what a text reads as, run by run."""
    pieces = Pieces()
    at = 0
    for found in CHANGING.finditer(text):
        start, end = found.span()
        if at < start:
            pieces.add(text[at:start], at, start)
        _add_run(pieces, text, start, end)
        at = end
    pieces.add(text[at:], at, len(text))
    return pieces


def _add_run(pieces: Pieces, text: str, start: int, end: int) -> None:
    """Append what a run of characters that may fold reads as."""
    if end - start == 1 and (form := FORMS.get(ord(text[start]))) is not None:
        pieces.add(form, start, end)
        return
    for found in ALIKE.finditer(text, start, end):
        start, end = found.span()
        if found.lastgroup == "marks":
            _add_marks(pieces, found.group(), start, end)
        elif found.lastgroup != "gone":
            pieces.add(found.group().translate(FORMS), start, end)


def _add_marks(pieces: Pieces, marks: str, start: int, end: int) -> None:
    """Append what combining marks make of the character before them."""
    letter = pieces.last
    if letter and not is_break(letter):
        composed = unicodedata.normalize(
            "NFC", letter + marks[: 2 * _MAX_MARKS].translate(FORMS)[:_MAX_MARKS]
        )
        if len(composed) == 1 or letter.isascii():
            pieces.add(composed if len(composed) == 1 else letter, pieces.take_last(), end)
            return
    pieces.add(marks.translate(FORMS), start, end)


_MAX_MARKS = 4
"""Marks looked at for a composed letter: no letter of Unicode has more than three."""


def _with_latin(text: str) -> str:
    """Return the text with look-alikes read as Latin in words of mixed script: as many characters."""
    return WORD.sub(_read_as_latin, text) if _MIXED_WORD.holds(text) else text


def _read_as_latin(found: re.Match[str]) -> str:
    word = found.group()
    if word.isascii() or not (LATIN.search(word) and _LOOKALIKE.search(word)):
        return word
    return word.translate(_OF_OTHER_SCRIPTS)
