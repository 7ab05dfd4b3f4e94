"""Numbers of payment cards: 12 to 19 digits, a known issuer, and the check digit of ISO/IEC 7812-1 (Luhn).

Written in one piece, or in groups with single spaces or dashes between them. In a longer row of groups the
card may start and end at any group; in a longer unbroken number there is none. Groups further apart are in
`spread_card.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType

from guardrails.checks.patterns import compiled
from guardrails.checks.pii import spread_card
from guardrails.checks.pii.entity import DASH, OPEN_DIGITS, SPACE, glued, glued_before
from guardrails.checks.places import Places

_ISSUER = compiled(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12,15}"  # Discover
    r"|3(?:0[0-5]|09|6\d|8\d|9\d)\d{11}(?:\d\d)?"  # Diners Club
    r"|35\d{14,17}|(?:1800|2131)\d{11}"  # JCB, the old form too, and what test data takes for it
    r"|62\d{14,17}"  # UnionPay
    r"|220[0-4]\d{12,15}"  # Mir
    r"|(?:60|81|82)\d{14}|508\d{13}"  # RuPay
    r"|(?:50\d\d|5[6-8]\d\d|6304|6390|6759|676[1-3]|0604)\d{8,15}"  # Maestro
)
"""Ranges and lengths: en.wikipedia.org/wiki/Payment_card_number, "Issuer identification number", 2026-11."""

_MIN_DIGITS = 12
_MIN_GROUP_DIGITS = 3
"""Of all groups but the last; cards are printed 4-4-4-4, 4-6-5, 4-6-4, 6-13. Rows of smaller numbers are
tables."""

_GROUP_DIGITS = 4
_THREE_FOURS = (4, 4, 4)
"""What many other numbers of sixteen digits have in them."""

_GROUPINGS = frozenset(
    {(4, 6, 5), (4, 6, 4), (4, 6, 6), (6, 13), (6, 10), (8, 8), (4, 12), (12, 4), (4, 4, 8), (8, 4, 4)}
)
"""Digits per group where they are not fours: as cards are printed, and as people write them. Numbers of
other groupings are found by chance, in tables and in the numbers of orders (3-7-7)."""

_ROW = compiled(
    rf"\d{{{_MIN_DIGITS},}}"
    rf"|\d{{{_MIN_GROUP_DIGITS},}}(?:[{SPACE}{DASH}]\d{{{_MIN_GROUP_DIGITS},}})+(?:[{SPACE}{DASH}]\d+)?"
)
_JOINTS = frozenset(".")
"""Behind or before which digits are a fraction. Lists join cards to dates and codes by anything else."""
_TO_SPACE = str.maketrans(dict.fromkeys("\u00a0\u202f-\u2010\u2011\u2012\u2013\u2212", " "))

_LENGTHS = MappingProxyType(
    {"4": (19, 16, 13), "2": (19, 18, 17, 16, 15), "1": (15,), "3": tuple(range(19, 13, -1))}
    | dict.fromkeys("0568", tuple(range(19, 11, -1)))
)
"""Numbers of digits by the first one, as `_ISSUER` has them, the longest first: a cheap look before the dear
one."""

_DOUBLED = bytes.maketrans(b"0123456789", bytes([0, 2, 4, 6, 8, 1, 3, 5, 7, 9]))
"""Twice a digit, digits added up."""


class Card:
    """Finds numbers of payment cards."""

    name = "card"
    score = 1.0
    triggers = (rf"\d(?:[{SPACE}{DASH}]?\d){{{_MIN_DIGITS - 1}}}", *spread_card.TRIGGERS)
    open_tail = rf"{OPEN_DIGITS}|{spread_card.OPEN_TAIL}"
    words: tuple[str, ...] = ()

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where card numbers stand; they do not overlap."""
        spans = [
            span
            for found in _ROW.finditer(text)
            if found.end() - found.start() >= _MIN_DIGITS
            for span in _in_row(text, *found.span())
        ]
        spread = [(start, end) for start, end, digits in spread_card.candidates(text) if is_card(digits)]
        if spread:
            taken = Places(spans)
            spans += [span for span in sorted(spread) if not taken.meet(*span)]
        yield from sorted(set(spans))


def _in_row(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the cards in a row of digit groups, with one character between them: at each the longest card."""
    groups = text[start:end].translate(_TO_SPACE).split(" ")
    digits = "".join(groups)
    ends = {place: index for index, place in enumerate(accumulate(map(len, groups)))}
    if glued(text, end, _JOINTS):
        del ends[len(digits)]
    first_end = (
        len(groups[0]) if text[max(start - 1, 0) : start] == "+" or glued_before(text, start, _JOINTS) else 0
    )
    place = free = 0
    for index, group in enumerate(groups):
        if place >= first_end:
            last = _card_end(digits, place, ends)
            if last is not None and _is_whole(groups, index, ends[last] + 1, free):
                yield start + place + index, start + last + ends[last]
                first_end, free = last, ends[last] + 1
        place += len(group)


def _is_whole(groups: Sequence[str], first: int, behind: int, free: int) -> bool:
    """Return whether these groups are grouped as a card is, and not a part of a longer row of fours.

    Args:
        groups: of the row.
        first: of them the first that is of the card.
        behind: the first behind the card.
        free: the first that is of no other card.
    """
    own = tuple(map(len, groups[first:behind]))
    if own == _THREE_FOURS:
        beside = (*groups[max(first - 1, free) : first], *groups[behind : behind + 1])
        if any(len(group) == _GROUP_DIGITS for group in beside):
            return False
    return _is_grouping(own)


def _is_grouping(sizes: tuple[int, ...]) -> bool:
    return (
        len(sizes) == 1
        or sizes in _GROUPINGS
        or (set(sizes[:-1]) == {_GROUP_DIGITS} and sizes[-1] <= _GROUP_DIGITS)
    )


def _card_end(digits: str, place: int, ends: Mapping[int, int]) -> int | None:
    """Return where the longest card that starts at this place ends; it ends where a group ends."""
    for length in _LENGTHS.get(digits[place : place + 1], ()):
        end = place + length
        if end in ends and is_card(digits[place:end]):
            return end
    return None


def is_card(digits: str) -> bool:
    """Return whether an issuer gives out such numbers and the check digit is right."""
    return has_luhn_check_digit(digits) and _ISSUER.fullmatch(digits) is not None


def has_luhn_check_digit(digits: str) -> bool:
    """Return whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).

    As `stdnum.luhn.is_valid`, at a tenth of its time: a page of digits asks this a thousand times.
    """
    number = digits.encode()
    plain = number[::-2]
    return (sum(plain) - ord("0") * len(plain) + sum(number[-2::-2].translate(_DOUBLED))) % 10 == 0
