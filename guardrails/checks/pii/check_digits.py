"""Check digits that `stdnum` does not know: each function says whether a number holds its own.

Numbers come in the form that they were found by, separators included, letters in capitals.
"""

import string
from collections.abc import Iterable

from stdnum import verhoeff

from guardrails.checks.pii.card import has_luhn_check_digit

_VALUES = {character: value for value, character in enumerate(string.digits + string.ascii_uppercase)}


def plain(number: str) -> str:
    """Return the letters and digits of a number."""
    return "".join(character for character in number if character.isascii() and character.isalnum())


def is_us_npi(number: str) -> bool:
    """Luhn with the issuer 80840 in front (CMS, NPI check digit calculation, 2004)."""
    return has_luhn_check_digit("80840" + plain(number))


def is_gb_nino(number: str) -> bool:
    """No check digit, but prefixes that are never given out (HMRC, NIM39110)."""
    return number[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


def is_de_pension_number(number: str) -> bool:
    """Cross sums of the weighted digits, modulo 10 (VKVV section 4)."""
    compact = plain(number)
    digits = compact[:8] + f"{ord(compact[8]) - ord('A') + 1:02}" + compact[9:11]
    products = (int(digit) * weight for digit, weight in zip(digits, _PENSION_WEIGHTS, strict=True))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(compact[11])


_PENSION_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def is_de_identity_card(number: str) -> bool:
    """Weights 7, 3, 1 (ICAO 9303, part 3); nine characters come without a check digit."""
    compact = plain(number)
    if sum(map(str.isdecimal, compact)) < _MIN_DIGITS_OF_A_CARD:
        return False
    if len(compact) == _WITHOUT_CHECK_DIGIT:
        return True
    return _weighted(compact[:9], (7, 3, 1) * 3) % 10 == int(compact[9])


_MIN_DIGITS_OF_A_CARD = 4
_WITHOUT_CHECK_DIGIT = 9


def is_pl_identity_card(number: str) -> bool:
    """Weights 7, 3, 1, the check digit itself with 9 (Polish identity card, series and number)."""
    return _weighted(plain(number), (7, 3, 1, 9, 7, 3, 1, 7, 3)) % 10 == 0


def is_hu_taj(number: str) -> bool:
    """Weights 3 and 7 in turn, modulo 10 (Act XX of 1996, annex)."""
    compact = plain(number)
    return _weighted(compact[:8], (3, 7) * 4) % 10 == int(compact[8])


def is_hu_tax_id(number: str) -> bool:
    """Weights 1 to 9, modulo 11; persons' numbers start with 8 (Act XX of 1996, annex)."""
    compact = plain(number)
    return compact[0] == "8" and _weighted(compact[:9], range(1, 10)) % 11 == int(compact[9])


def is_lu_matricule(number: str) -> bool:
    """Luhn for the twelfth digit, Verhoeff for the thirteenth (both over the first eleven)."""
    compact = plain(number)
    return has_luhn_check_digit(compact[:12]) and bool(verhoeff.is_valid(compact[:11] + compact[12]))


def is_ru_snils(number: str) -> bool:
    """Weights 9 to 1, modulo 101, 100 counting as 0 (Pension Fund of Russia, SNILS)."""
    compact = plain(number)
    return _weighted(compact[:9], range(9, 0, -1)) % 101 % 100 == int(compact[9:])


def is_sg_nric(number: str) -> bool:
    """Weights 2, 7, 6, 5, 4, 3, 2 and a letter for the sum modulo 11, by series (S, T, F, G, M)."""
    total = _weighted(number[1:8], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(number[0], 0)
    if number[0] == "M":
        return number[8] == "KLJNPQRTUWX"[10 - total % 11]
    letters = "JZIHGFEDCBA" if number[0] in "ST" else "XWUTRQPNMLK"
    return number[8] == letters[total % 11]


def is_hk_id(number: str) -> bool:
    """Weights 9 to 1 with letters from 10 and a missing first letter as 36, modulo 11; A stands for 10."""
    compact = plain(number)
    body = [36] * (9 - len(compact)) + [_VALUES[character] for character in compact]
    return sum(value * weight for value, weight in zip(body, range(9, 0, -1), strict=True)) % 11 == 0


def is_tw_id(number: str) -> bool:
    """Letter as two digits by place of registration, weights 1, 9, 8 to 1 and 1, modulo 10."""
    code = 10 + "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0])
    return _weighted(f"{code}{number[1:]}", (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)) % 10 == 0


def is_au_medicare(number: str) -> bool:
    """Weights 1, 3, 7, 9 in turn, modulo 10; the digit behind is the issue (Services Australia)."""
    compact = plain(number)
    return _weighted(compact[:8], (1, 3, 7, 9) * 2) % 10 == int(compact[8])


def has_four_digits(number: str) -> bool:
    """For documents without check digits, which the words before them tell: no word has four digits."""
    return sum(map(str.isdecimal, number)) >= _MIN_DIGITS_OF_A_CARD


def _weighted(characters: str, weights: Iterable[int]) -> int:
    """Return the weighted sum; letters count from 10."""
    return sum(_VALUES[character] * weight for character, weight in zip(characters, weights, strict=True))
