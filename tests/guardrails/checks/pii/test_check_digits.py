"""Check digits, on numbers that issuers give as examples; one digit changed, and none holds."""

from collections.abc import Callable

import pytest

from guardrails.checks.pii import check_digits as digits

HELD: tuple[tuple[Callable[[str], bool], str], ...] = (
    (digits.is_us_npi, "1234567893"),
    (digits.is_de_pension_number, "65170839J003"),
    (digits.is_de_pension_number, "15 070649 C 103"),
    (digits.is_de_identity_card, "T220001293"),
    (digits.is_pl_identity_card, "ABA300000"),
    (digits.is_hu_taj, "111 111 110"),
    (digits.is_hu_tax_id, "8071592153"),
    (digits.is_lu_matricule, "1893120105732"),
    (digits.is_ru_snils, "112-233-445 95"),
    (digits.is_sg_nric, "S1234567D"),
    (digits.is_sg_nric, "T1234567J"),
    (digits.is_sg_nric, "F1234567N"),
    (digits.is_sg_nric, "G1234567X"),
    (digits.is_sg_nric, "M1234567K"),
    (digits.is_hk_id, "A123456(3)"),
    (digits.is_hk_id, "AB987654(3)"),
    (digits.is_tw_id, "A123456789"),
)


@pytest.mark.parametrize(("holds", "number"), HELD)
def test_a_number_holds_its_check_digit(holds: Callable[[str], bool], number: str) -> None:
    assert holds(number)


@pytest.mark.parametrize(("holds", "number"), HELD)
def test_one_digit_changed_is_noticed(holds: Callable[[str], bool], number: str) -> None:
    for place, digit in enumerate(number):
        if digit.isdecimal():
            other = str((int(digit) + 1) % 10)
            assert not holds(number[:place] + other + number[place + 1 :])


def test_the_issue_of_a_medicare_card_is_not_checked() -> None:
    assert digits.is_au_medicare("2123 45670 1")
    assert digits.is_au_medicare("2123 45670 2")
    assert not digits.is_au_medicare("2123 45671 1")


@pytest.mark.parametrize("number", ["GB123456A", "ZZ123456A", "NT 12 34 56 A"])
def test_some_prefixes_of_national_insurance_are_never_given_out(number: str) -> None:
    assert not digits.is_gb_nino(number)
    assert digits.is_gb_nino("AB" + number[2:])


def test_nine_characters_of_an_identity_card_come_without_a_check_digit_and_with_digits() -> None:
    assert digits.is_de_identity_card("L01X00T47")
    assert not digits.is_de_identity_card("LXXXXXT47")


def test_a_document_has_four_digits() -> None:
    assert digits.has_four_digits("AB1234")
    assert not digits.has_four_digits("RENEWAL123")
