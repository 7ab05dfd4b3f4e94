"""Telephone numbers.

A number is digits in groups, as people write it: with a plus sign in front for any country, as `(212)
555-0123` in North America, with the trunk prefix or in the customary groups for the regions that are
configured (see `numbering.py`), or anyhow where the words before it say that it is one. Dates, versions,
amounts and the numbers of orders are none.

`phonenumbers.PhoneNumberMatcher` was rejected: what it finds depends on text further off, so it cannot be
asked piece by piece, and 2 kB of digits cost it 11 milliseconds.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from guardrails.checks.patterns import Pattern, compiled
from guardrails.checks.pii.entity import OPEN_DIGITS, SPACE, glued, glued_before
from guardrails.checks.pii.numbering import (
    NORTH_AMERICA,
    bare_plan,
    customary_groupings,
    customary_plan,
    grouped_plan,
    north_american_plan,
    world_plan,
)
from guardrails.checks.pii.rows import SEPARATOR, Row, rows

DEFAULT_REGIONS = ("US", "CA", "GB", "DE", "FR", "ES", "IT", "NL", "IN", "AU", "BR", "JP")
"""Large countries whose ways of writing numbers are seldom those of anything else."""

_MARKS = frozenset("#$\u00a3\u20ac\u00a5\u20b9+/")
"""Directly before a number they say that it is an order's, an amount, the end of a sum, or a piece of a
path."""

_EXTENSION = compiled(rf"(?i)[{SPACE}]?(?:x|ext\.?)[{SPACE}]?\d{{1,6}}\b")
_MAX_EXTENSION_CHARS = 16

_CODE_BEFORE = compiled(r"[0-9][A-Za-z]+-\z")
_CODE_BEHIND = compiled(r"-[A-Za-z]+[0-9]")
_CODE_CHARS = 12
"""What joins digits to a code of letters and digits, such as a UUID."""

_CALLED = (
    r"(?i:\b(?:phone|telephone|tel|mobile|cell|cellphone|fax|whatsapp|call|dial|sms|ring"
    r"|tel[eé]fono|telefone|t[eé]l[eé]phone|telefon|telefonnummer|rufnummer|handy|m[oó]vil|celular|cellulare)"
    r"(?: (?:me|us|him|her|them))?(?: (?:number|no\.?|nr\.?|#))?(?: (?:is|was|at|on))?[.:=]?"
    r"|\b(?:reach|contact|text|answering|calling)(?: (?:me|us|him|her|them|you))?(?: (?:at|on|from))[.:=]?)"
)
_CALLED_BEGUN = r"(?i:\b(?:reach|contact|text|answering|calling)(?: (?:me|us|him|her|them|you))?) "
_NOT_CALLED = (
    r"(?i:\b(?:order|invoice|ticket|tracking|reference|ref|case|transaction|confirmation|account|acct|booking|serial|sku"
    r"|isbn|id|part|model|batch|zip|row|line|total|amount|sum|population|revenue|budget|cost|price|timestamp|epoch)"
    r"(?: (?:number|no\.?|nr\.?|id|code|of))?(?: (?:is|was))?(?: ?[.:=#])?)"
)
_CALLED_BEFORE = compiled(rf"{_CALLED}[ \n]{{0,2}}\z")
_NOT_CALLED_BEFORE = compiled(rf"(?:{_NOT_CALLED} ?|=)\z")
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
_NORTH_AMERICAN_GROUPINGS = frozenset({(3, 4), (3, 3, 4), (1, 3, 3, 4)})
_NORTH_AMERICAN_LENGTHS = frozenset(map(sum, _NORTH_AMERICAN_GROUPINGS))
_INNER_SIZES = frozenset(sizes[0] for sizes in _NORTH_AMERICAN_GROUPINGS)
"""Digits of the first group of numbers that may begin inside of a row, without a 0 in front."""
_LOCAL = (3, 4)
_FRACTIONS = frozenset({(3, 7), (3, 6), (3, 3, 3)})
"""With a point between them these are rather a coordinate or an amount: `162.8557585`, `864.929.094`."""
_DATES = frozenset(
    sizes for day, month in product((1, 2), repeat=2) for sizes in ((day, month, 4), (4, month, day))
)
"""Digits per group of dates: `1.2.2026`, `2026-05-12`."""
_TIME = compiled(r"1[5-8]\d{8}")
"""Seconds since 1970, from 2017 to 2030."""
_OTHER = frozenset({(2, 2, 4), (3, 2, 4)})
"""Digits per group of dates and of US social security numbers, those that nobody has among them."""


class Phone:
    """Finds telephone numbers.

    Args:
        regions: of `numbering.REGIONS`; where people are who write numbers without a country code.
    """

    name = "phone"
    score = 0.8
    triggers = (rf"\d(?:{SEPARATOR}?\d){{{_MIN_DIGITS - 1}}}",)
    open_tail = (
        rf"{OPEN_DIGITS}|[0-9][{SPACE}]?(?i:x|ext\.?)[{SPACE}]"
        rf"|{_CALLED_BEGUN}|{_CALLED}[ \n]{{1,2}}|{_NOT_CALLED} "
    )
    words: tuple[str, ...] = ()

    def __init__(self, regions: Iterable[str] = DEFAULT_REGIONS) -> None:
        chosen = frozenset(regions)
        self._in_north_america = bool(chosen & NORTH_AMERICA)
        self._north_american = north_american_plan()
        self._grouped = grouped_plan(chosen)
        self._bare = bare_plan(chosen)
        others = chosen.difference(DEFAULT_REGIONS, NORTH_AMERICA)
        self._customary = customary_plan(others)
        self._customary_groupings = customary_groupings(others)
        self._min_digits = min([_MIN_DIALLED_DIGITS, *map(sum, self._customary_groupings)])
        self._world = world_plan()

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where numbers stand, extensions included; they do not overlap."""
        for row in rows(text, _MIN_DIGITS):
            if self._is_worth_a_look(row):
                yield from self._in_row(row)

    def _in_row(self, row: Row) -> Iterator[tuple[int, int]]:
        index = misses = 0
        while misses < _MAX_MISSES and row.has(index):
            last = self._last_from(row, index) if _may_start(row, index) and _is_begun(row, index) else None
            if last is None:
                index += 1
                misses += 1
            else:
                yield _without_lone_bracket(row, index, last), _with_extension(row, last)
                index = last + 1

    def _last_from(self, row: Row, first: int) -> int | None:
        """Return the last group of the longest number that starts with this group."""
        for last, digits in reversed(_windows(row, first)):
            if _may_end(row, last) and self._is_number(row, first, last, digits):
                return last
        return None

    def _is_number(self, row: Row, first: int, last: int, digits: str) -> bool:
        if first == 0 and (row.has_plus or digits.startswith("00")):
            return self._world.has(_without_trunk(row, last, digits))
        if first == last and self._is_bare(digits) and (first > 0 or not _says(_NOT_CALLED_BEFORE, row)):
            return True
        if self._is_north_american(row, first, last, digits) or self._is_grouped(row, first, last, digits):
            return True
        if self._is_customary(row, first, last, digits):
            return True
        return row.is_whole(first, last) and not _is_date(row, last) and _says(_CALLED_BEFORE, row)

    def _is_bare(self, digits: str) -> bool:
        return len(digits) >= _MIN_BARE_DIGITS and self._bare.has(digits) and not _TIME.fullmatch(digits)

    def _is_north_american(self, row: Row, first: int, last: int, digits: str) -> bool:
        if not self._in_north_america or len(digits) not in _NORTH_AMERICAN_LENGTHS:
            return False
        sizes = row.sizes(first, last)
        if sizes not in _NORTH_AMERICAN_GROUPINGS:
            return False
        separators = row.separators(first, last)
        if sizes == _LOCAL:
            return digits.startswith("555") and separators.lstrip("(") == "-"
        if len(sizes) == len(_LOCAL) + 2 and digits[0] != "1":
            return False
        if not separators.isspace():
            return digits[-10] != "0"
        return row.is_whole(first, last) and self._north_american.has(digits)

    def _is_grouped(self, row: Row, first: int, last: int, digits: str) -> bool:
        if len(digits) < _MIN_DIALLED_DIGITS or first == last:
            return False
        sizes = row.sizes(first, last)
        if 1 in sizes or sizes[:3] in _OTHER:
            return False
        if digits[0] != "0":
            separators = row.separators(first, last)
            usual = sizes in _GROUPINGS or (not separators.isspace() and sizes in _MARKED_GROUPINGS)
            if not usual or (sizes in _FRACTIONS and "." in separators):
                return False
            if not row.is_whole(first, last) or _says(_NOT_CALLED_BEFORE, row):
                return False
        return self._grouped.has(digits)

    def _is_customary(self, row: Row, first: int, last: int, digits: str) -> bool:
        if not self._customary_groupings or row.sizes(first, last) not in self._customary_groupings:
            return False
        if not self._customary.has(digits):
            return False
        if "." in row.separators(first, last) or not row.is_whole(first, last):
            return False
        return not _says(_NOT_CALLED_BEFORE, row)

    def _is_worth_a_look(self, row: Row) -> bool:
        """Return whether the row is not as short as dates, or somebody says that it is a number after all."""
        if row.count_digits() >= self._min_digits:
            return True
        return row.has_plus or row.text.startswith(("555", "(555"), row.start) or _says(_CALLED_BEFORE, row)


def _is_date(row: Row, last: int) -> bool:
    """Return whether the groups are those of a date: `2026-05-12`, `1.2.2026`."""
    sizes = row.sizes(0, last)
    return sizes in _DATES


def _windows(row: Row, first: int) -> list[tuple[int, str]]:
    """Return the groups that a number which starts with this one may end with, each with all its digits."""
    windows = []
    digits = ""
    for last, (left, right) in enumerate(row.groups(first, first + _MAX_GROUPS - 1), first):
        digits += row.text[left:right]
        if len(digits) > _MAX_DIGITS + len("00"):
            break
        if len(digits) >= _MIN_DIGITS:
            windows.append((last, digits))
    return windows


def _is_begun(row: Row, first: int) -> bool:
    """Return whether a number of any kind begins with such a group: behind the first of a row few do."""
    left, right = row.group(first)
    size = right - left
    return first == 0 or size in _INNER_SIZES or size >= _MIN_BARE_DIGITS or row.text[left] == "0"


def _may_start(row: Row, first: int) -> bool:
    if first > 0:
        return row.starts_word(first)
    before = row.text[max(row.start - 1, 0) : row.start]
    if before in _MARKS or glued_before(row.text, row.start):
        return False
    return before != "-" or not _CODE_BEFORE.search(row.text[max(row.start - _CODE_CHARS, 0) : row.start])


def _may_end(row: Row, last: int) -> bool:
    if row.has(last + 1):
        return row.ends_word(last)
    if _CODE_BEHIND.match(row.text[row.end : row.end + _CODE_CHARS]):
        return False
    return not glued(row.text, row.end) or _with_extension(row, last) > row.end


def _without_lone_bracket(row: Row, first: int, last: int) -> int:
    """Return where the number starts, without a bracket that closes behind it: `(020 7946 0958)`."""
    start = row.left(first)
    written = row.text[start : row.right(last)]
    return start + (written[0] == "(" and written.count("(") > written.count(")"))


def _with_extension(row: Row, last: int) -> int:
    """Return where the number ends, `x123` or `ext. 123` included."""
    end = row.right(last)
    found = _EXTENSION.match(row.text[end : end + _MAX_EXTENSION_CHARS])
    return end + found.end() if found else end


def _says(words: Pattern, row: Row) -> bool:
    """Return whether these words stand before the row."""
    return words.search(row.text[max(row.start - _BEFORE_CHARS, 0) : row.start]) is not None


def _without_trunk(row: Row, last: int, digits: str) -> str:
    """Return the digits without the leading 00 and without the `(0)` that is left out from abroad."""
    if not row.has_plus:
        digits = digits.removeprefix("00")
    if last == 0 or row.digits(1, 1) != "0" or not row.opening(1).endswith("("):
        return digits
    code = row.digits(0, 0).removeprefix("00")
    return code + digits.removeprefix(code)[1:]
