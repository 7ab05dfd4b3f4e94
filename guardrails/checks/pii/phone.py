"""Telephone numbers.

A number is digits in groups, as people write it: with a plus sign in front for any country, as `(212)
555-0123` in North America, with the trunk prefix or in the customary groups for the regions that are
configured (see `numbering.py`), or anyhow where the words before it say that it is one. Dates, versions,
amounts and the numbers of orders are none.

`phonenumbers.PhoneNumberMatcher` was rejected: what it finds depends on text further off, so it cannot be
asked piece by piece, and 2 kB of digits cost it 11 milliseconds.
"""

from collections.abc import Iterable, Iterator

from guardrails.checks.patterns import compiled
from guardrails.checks.pii.entity import OPEN_DIGITS, SPACE, glued, glued_before
from guardrails.checks.pii.numbering import (
    NORTH_AMERICA,
    bare_plan,
    grouped_plan,
    north_american_plan,
    world_plan,
)
from guardrails.checks.pii.rows import SEPARATOR, Row, rows

DEFAULT_REGIONS = ("US", "CA", "GB", "DE", "FR", "ES", "IT", "NL", "IN", "AU", "BR", "JP")
"""Large countries whose ways of writing numbers are seldom those of anything else."""

_EXTENSION = compiled(rf"(?i)[{SPACE}]?(?:x|ext\.?)[{SPACE}]?\d{{1,6}}\b")

_CALLED = (
    r"(?i:\b(?:phone|telephone|tel|mobile|cell|cellphone|fax|whatsapp|call|dial|sms|ring"
    r"|tel[eé]fono|telefone|t[eé]l[eé]phone|telefon|telefonnummer|rufnummer|handy|m[oó]vil|celular|cellulare)"
    r"(?: (?:me|us|him|her|them))?(?: (?:number|no\.?|nr\.?|#))?(?: (?:is|was|at|on))?[.:=]?)"
)
_NOT_CALLED = (
    r"(?i:\b(?:order|invoice|ticket|tracking|reference|ref|case|transaction|confirmation|account|acct|booking|serial|sku"
    r"|isbn|id|part|model|batch|zip)(?: (?:number|no\.?|nr\.?|id|code))?(?: (?:is|was))?(?: ?[.:=#])?)"
)
_CALLED_BEFORE = compiled(rf"{_CALLED}[ \n]{{0,2}}\z")
_NOT_CALLED_BEFORE = compiled(rf"{_NOT_CALLED} ?\z")
_BEFORE_CHARS = 64
"""More than the two patterns above can match, so that no word they see is a cut one."""

_MIN_DIGITS, _MAX_DIGITS = 7, 15
"""Of a number: local ones in use, and ITU-T E.164's bound."""
_MIN_DIALLED_DIGITS = 9
"""Of a number in groups without a country code: below it, dates and amounts look the same."""
_MIN_BARE_DIGITS = 10

_MAX_MISSES = 12
"""Groups of one row at which no number starts, before the row is taken for a table: bounds the work per
digit."""
_MAX_GROUPS = 6

_GROUPINGS = frozenset({(3, 3, 3), (3, 2, 2, 2), (2, 3, 2, 2), (3, 3, 4), (3, 7), (3, 6), (5, 5)})
"""Digits per group of numbers without a trunk prefix: Spain, Italy, India (ITU-T E.123 and common use)."""
_MARKED_GROUPINGS = frozenset({(2, 4, 4), (2, 5, 4), (2, 9), (2, 8)})
"""The same where brackets or a dash say that it is no row of numbers: Brazil, India."""
_DATE = (2, 2, 4)


class Phone:
    """Finds telephone numbers.

    Args:
        regions: of `numbering.REGIONS`; where people are who write numbers without a country code.
    """

    name = "phone"
    score = 0.8
    triggers = (rf"\d(?:{SEPARATOR}?\d){{{_MIN_DIGITS - 1}}}",)
    open_tail = rf"{OPEN_DIGITS}|[0-9][{SPACE}]?(?i:x|ext\.?)[{SPACE}]|{_CALLED}[ \n]{{1,2}}|{_NOT_CALLED} "

    def __init__(self, regions: Iterable[str] = DEFAULT_REGIONS) -> None:
        chosen = frozenset(regions)
        self._in_north_america = bool(chosen & NORTH_AMERICA)
        self._north_american = north_american_plan()
        self._grouped = grouped_plan(chosen)
        self._bare = bare_plan(chosen)
        self._world = world_plan()

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where numbers stand, extensions included; they do not overlap."""
        for row in rows(text, _MIN_DIGITS):
            yield from self._in_row(row)

    def _in_row(self, row: Row) -> Iterator[tuple[int, int]]:
        index = misses = 0
        while index < len(row) and misses < _MAX_MISSES:
            last = self._last_from(row, index) if _may_start(row, index) else None
            if last is None:
                index += 1
                misses += 1
            else:
                yield row.left(index), _with_extension(row, last)
                index = last + 1

    def _last_from(self, row: Row, first: int) -> int | None:
        """Return the last group of the longest number that starts with this group."""
        for last in range(min(first + _MAX_GROUPS, len(row)) - 1, first - 1, -1):
            if _may_end(row, last) and self._is_number(row, first, last):
                return last
        return None

    def _is_number(self, row: Row, first: int, last: int) -> bool:
        digits = row.digits(first, last)
        if not _MIN_DIGITS <= len(digits) <= _MAX_DIGITS + 1:
            return False
        if first == 0 and (row.has_plus or digits.startswith("00")):
            return self._world.has(_without_trunk(row, last, digits))
        if first == 0 and _is_called_number(row):
            return len(digits) <= _MAX_DIGITS
        if first == last:
            return self._is_bare(row, first, digits)
        return self._is_north_american(row, first, last, digits) or self._is_grouped(row, first, last, digits)

    def _is_bare(self, row: Row, index: int, digits: str) -> bool:
        if len(digits) < _MIN_BARE_DIGITS or not self._bare.has(digits):
            return False
        before = row.text[max(row.left(index) - _BEFORE_CHARS, 0) : row.left(index)]
        return _NOT_CALLED_BEFORE.search(before) is None

    def _is_north_american(self, row: Row, first: int, last: int, digits: str) -> bool:
        if not self._in_north_america:
            return False
        sizes = row.sizes[first : last + 1]
        separators = row.separators(first, last)
        if sizes == (3, 4):
            return digits.startswith("555") and separators == "-"
        if sizes != (3, 3, 4) and (sizes != (1, 3, 3, 4) or digits[0] != "1"):
            return False
        if not separators.isspace():
            return digits[-10] != "0"
        return _is_alone(row, first, last) and self._north_american.has(digits)

    def _is_grouped(self, row: Row, first: int, last: int, digits: str) -> bool:
        sizes = row.sizes[first : last + 1]
        if len(digits) < _MIN_DIALLED_DIGITS or min(sizes) == 1 or sizes[:3] == _DATE:
            return False
        if digits[0] != "0":
            marked = not row.separators(first, last).isspace()
            usual = sizes in _GROUPINGS or (marked and sizes in _MARKED_GROUPINGS)
            if not usual or not _is_alone(row, first, last):
                return False
        return self._grouped.has(digits)


def _may_start(row: Row, first: int) -> bool:
    if not row.starts_word(first):
        return False
    before = row.text[max(row.start - 1, 0) : row.start]
    return first > 0 or not (glued_before(row.text, row.start) or before in _CURRENCY_OR_NUMBER)


def _may_end(row: Row, last: int) -> bool:
    if last < len(row) - 1:
        return row.ends_word(last)
    return not glued(row.text, row.end) or _with_extension(row, last) > row.end


_CURRENCY_OR_NUMBER = frozenset("#$\u00a3\u20ac\u00a5\u20b9+")


def _with_extension(row: Row, last: int) -> int:
    """Return where the number ends, `x123` or `ext. 123` included."""
    end = row.right(last)
    found = _EXTENSION.match(row.text[end : end + 16])
    return end + found.end() if found else end


def _is_alone(row: Row, first: int, last: int) -> bool:
    return first == 0 and last == len(row) - 1


def _is_called_number(row: Row) -> bool:
    """Return whether the words before the row say that it is a number."""
    before = row.text[max(row.start - _BEFORE_CHARS, 0) : row.start]
    return _CALLED_BEFORE.search(before) is not None


def _without_trunk(row: Row, last: int, digits: str) -> str:
    """Return the digits without the leading 00 and without the `(0)` that is left out from abroad."""
    if not row.has_plus:
        digits = digits.removeprefix("00")
    bracketed = last > 0 and row.sizes[1] == 1 and row.opening(1).endswith("(") and row.digits(1, 1) == "0"
    if not bracketed:
        return digits
    code = row.digits(0, 0).removeprefix("00")
    return code + digits.removeprefix(code)[1:]
