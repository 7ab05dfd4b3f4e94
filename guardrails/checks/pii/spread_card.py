r"""Card numbers whose groups stand further apart than usual: in lines or cells of their own, in Markdown.

    4111.1111.1111.1111    4111 - 1111 - 1111 - 1111    **4111** **1111** **1111** **1111**

Tables are made of the same. So here a card is all of a row of groups, and 16 digits in fours or as American
Express and Diners Club print them; in a longer row there is none. A number glued to words (`CC4111...`,
`4111...EUR`) is here too: one of hexadecimal digits or of an order mixes letters and digits.
"""

from collections.abc import Iterator

from guardrails.checks.patterns import compiled
from guardrails.checks.pii.entity import DASH, JOINTS, SPACE, is_digit

_MARK = r"(?:\*{1,2}|_{1,2})"
_WIDE = rf"(?:[{SPACE}\t]{{2}}|\t|\r?\n|[._/]|[{SPACE}][{DASH}][{SPACE}]|{_MARK}[{SPACE}]{_MARK})"
_SEPARATOR = rf"(?:{_WIDE}|[{SPACE}{DASH}])"
_GROUP = r"\d{4,6}"
_ROW = compiled(rf"(?:\A|[^0-9A-Za-z])({_GROUP}(?:{_SEPARATOR}{_GROUP})+)")
_DIGITS = compiled(r"\d+")
_USUAL = frozenset(" \u00a0\u202f-\u2010\u2011\u2012\u2013\u2212")
"""Where only these stand between the groups, one each, the number is one of `card.py`."""
_MAX_CHARS = 4 * 4 + 3 * 5
"""Of sixteen digits with the widest separators; a longer row is a table."""
_SHAPES = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4)})

_GLUED = compiled(r"(?:\A|[^0-9A-Za-z])(?:[A-Za-z]{2,12})?_?(\d{15,16})(?:\b|_|[A-Za-z]{2,12}(?:\b|_))")

_HAS_ROW = rf"\d{{4}}{_SEPARATOR}{_GROUP}{_SEPARATOR}\d{{4}}"
_HAS_GLUED = r"[A-Za-z_]\d{15,16}|\d{15,16}[A-Za-z_]"
TRIGGERS = (_HAS_ROW, _HAS_GLUED)
_ROWS, _WORDS = compiled(rf"\d{{4}}{_WIDE}\d{{4}}"), compiled(_HAS_GLUED)
"""Asked first: to say that there is none, RE2 counts no characters."""

OPEN_TAIL = (
    rf"(?:\A|[^0-9]){_GROUP}(?:[{SPACE}\t]{{1,2}}|\r|\r?\n|[{SPACE}][{DASH}][{SPACE}]|{_MARK}[{SPACE}])"
)


def candidates(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where such a number may stand, and its digits."""
    for found in _ROW.finditer(text) if _ROWS.holds(text) else ():
        start, end = found.span(1)
        if end - start > _MAX_CHARS:
            continue
        groups = [(start + group.start(), start + group.end()) for group in _DIGITS.finditer(text[start:end])]
        if tuple(right - left for left, right in groups) in _SHAPES and not _goes_on(text, start, end):
            between = {text[groups[i][1] : groups[i + 1][0]] for i in range(len(groups) - 1)}
            if not _USUAL.issuperset(between):
                yield start, end, "".join(text[left:right] for left, right in groups)
    for found in _GLUED.finditer(text) if _WORDS.holds(text) else ():
        start, end = found.span(1)
        if not _goes_on(text, start, end):
            yield start, end, text[start:end]


def _goes_on(text: str, start: int, end: int) -> bool:
    """Return whether more digits are joined to a row."""
    before, behind = text[max(start - 2, 0) : start], text[end : end + 2]
    if is_digit(behind[:1]) or (behind[:1] in _JOINING and is_digit(behind[1:])):
        return True
    return before[-1:] in _JOINING and is_digit(before[:1])


_JOINING = JOINTS | {"_"}
