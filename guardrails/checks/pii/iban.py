"""International bank account numbers (ISO 13616).

They have check digits (ISO 7064, MOD 97-10), and length and form by country. Upper or lower case, in one
piece or in groups of four as they are printed, each in a cell or line of its own too. The national check
digits inside are not looked at: a slip of the pen in them makes an account no less somebody's.
"""

import re
from collections.abc import Iterator
from types import MappingProxyType

from stdnum import iban as registry

from guardrails.checks.patterns import compiled
from guardrails.checks.pii.entity import DASH, SPACE

_LENGTHS = MappingProxyType(
    {
        country: length
        for length, countries in {
            15: "NO",
            16: "BE",
            18: "DK FI FO GL NL SD FK",
            19: "MK SI",
            20: "AT BA EE KZ LT LU XK MN",
            21: "CH CR HR LI LV",
            22: "BG BH DE GB GE IE ME RS VA",
            23: "AE GI IL IQ OM SO TL",
            24: "AD CZ ES MD PK RO SA SE SK TN VG",
            25: "LY PT ST",
            26: "IS TR",
            27: "BI DJ FR GR IT MC MR SM",
            28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
            29: "BR EG PS QA UA",
            30: "JO KW MU YE",
            31: "MT SC",
            32: "LC",
            33: "RU",
        }.items()
        for country in countries.split()
    }
)
"""Characters of an account number by country: SWIFT's IBAN registry, release 99."""

_BEFORE = r"(?:\b|_|(?i:\biban))"
"""What an account number may stand behind: `IBANDE89...` is what is left of a table."""

_SEPARATOR = rf"(?:[{SPACE}{DASH}\t\n]{{1,2}}|\r\n)"
_START = compiled(rf"{_BEFORE}([A-Za-z]{{2}}\d{{2}})")
_SEPARATED = re.compile(r"[ \u00a0\u202f\u2010-\u2013\u2212\t\n-]{1,2}|\r\n")
"""The same; Python's own engine is asked place by place."""
_GROUP_CHARS = 4
_CHECKED = str.maketrans({chr(ord("A") + index): str(10 + index) for index in range(26)})


class Iban:
    """Finds international bank account numbers."""

    name = "iban"
    score = 1.0
    triggers = (rf"{_BEFORE}[A-Za-z]{{2}}\d{{2}}{_SEPARATOR}?[A-Za-z0-9]{{4}}{_SEPARATOR}?[A-Za-z0-9]{{4}}",)
    open_tail = (
        rf"{_BEFORE}(?i:{'|'.join(_LENGTHS)})\d{{2}}(?:{_SEPARATOR}[A-Za-z0-9]{{4}}){{0,8}}"
        rf"(?:[{SPACE}{DASH}\t\n]?[{SPACE}\t\n]|\r\n?)"
    )
    words: tuple[str, ...] = ()

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where account numbers stand."""
        for found in _START.finditer(text):
            start = found.start(1)
            length = _LENGTHS.get(text[start : start + 2].upper())
            if length is None:
                continue
            for number, end in (_in_one_piece(text, start, length), _in_groups(text, start, length)):
                if not _goes_on(text, end) and is_iban(number):
                    yield start, end


def is_iban(number: str) -> bool:
    """Return whether these letters and digits are an account number of a country that has such."""
    if not (number.isascii() and number.isalnum()):
        return False
    upper = number.upper()
    if int((upper[4:] + upper[:4]).translate(_CHECKED)) % 97 != 1:
        return False
    return bool(registry.is_valid(upper, check_country=False))


def _in_one_piece(text: str, start: int, length: int) -> tuple[str, int]:
    end = start + length
    return text[start:end], end


def _in_groups(text: str, start: int, length: int) -> tuple[str, int]:
    """Return the characters of the groups of four, none if they are not set so, and where they end."""
    groups: list[str] = []
    end = start
    for left in range(length, 0, -_GROUP_CHARS):
        if groups:
            between = _SEPARATED.match(text, end)
            if between is None:
                return "", end
            end = between.end()
        groups.append(text[end : end + min(left, _GROUP_CHARS)])
        end += min(left, _GROUP_CHARS)
    return "".join(groups), end


def _goes_on(text: str, end: int) -> bool:
    behind = text[end : end + 1]
    return end > len(text) or (behind.isascii() and (behind.isalnum() or behind == "_"))
