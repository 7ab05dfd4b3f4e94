"""Numbers of payment cards. The numbers are those that the networks and Stripe publish for tests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from guardrails.checks.pii.card import Card, has_luhn_check_digit, is_card
from tests.guardrails.checks.finding import built, values

NUMBERS = (
    "4111111111111111",  # Visa
    "4222222222222",  # Visa, 13 digits
    "5555555555554444",  # Mastercard
    "2223003122003222",  # Mastercard, 2-series
    "378282246310005",  # American Express
    "6011111111111117",  # Discover
    "30569309025904",  # Diners Club
    "3566002020360505",  # JCB
    "6200000000000005",  # UnionPay
    "6759649826438453",  # Maestro
    "501864667909",  # Maestro, 12 digits
    "2200770212727079",  # Mir
)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("text", ["card {}.", "{}", "x={};", "中{}中", "({})", "\u00a0{}\n"])
def test_numbers_of_all_issuers_are_found_in_one_piece(number: str, text: str) -> None:
    assert values(built("pii", {"entities": ["card"]}), text.format(number)) == [number]


@pytest.mark.parametrize(
    "number",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111\u20111111\u20111111\u20111111",
        "3782 822463 10005",
        "3056 930902 5904",
        "6759 6498 2643 8453",
        "41111111 11111111",
    ],
)
def test_numbers_are_found_in_groups(number: str) -> None:
    assert values(built("pii", {"entities": ["card"]}), f"my card is {number}, thanks") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "12 4111 1111 1111 1111",
        "4111 1111 1111 1111 99",
        "2024-4111 1111 1111 1111",
        "4111 1111 1111 1111-99",
        "0.5 4111 1111 1111 1111 12.5",
        "ID7 4111 1111 1111 1111 7ID",
        "4111 1111 1111 1111 123 12 26",
    ],
)
def test_a_card_is_found_inside_of_a_longer_row_of_groups(text: str) -> None:
    assert values(built("pii", {"entities": ["card"]}), text) == ["4111 1111 1111 1111"]


@pytest.mark.parametrize(
    "text", ["jane,{},12/26,123", "{}|12|26|123", "{}:1226:123", "{}/1226", "{}-99", "1,{}"]
)
def test_a_card_is_found_in_a_list_of_values(text: str) -> None:
    assert values(built("pii", {"entities": ["card"]}), text.format(NUMBERS[0])) == [NUMBERS[0]]


def test_several_cards_in_one_row_are_told_apart() -> None:
    text = "4111 1111 1111 1111 5555 5555 5555 4444 3782 822463 10005"
    found = values(built("pii", {"entities": ["card"]}), text)
    assert found == ["4111 1111 1111 1111", "5555 5555 5555 4444", "3782 822463 10005"]


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # check digit
        "9111111111111111",  # issuer
        "0000000000000000",
        "1234567812345670",  # right check digit, no issuer
        "41111111111111110000000000",  # longer number
        "004111111111111111",
        "0.4111111111111111",  # fraction
        "4111111111111111.5",
        "a4111111111111111",
        "4111111111111111f",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",  # table of small numbers
        "4111   1111   1111   1111",
        "4111\n\n1111\n\n1111\n\n1111",
        "2024 2025 2026 2027",
        "1700000000123",  # Unix time in milliseconds
        "9783161484100",  # ISBN-13
        "+4915123456894",  # telephone number
        "301-8296693-7435090",  # order
        "411 1111 1111 11111",  # table of numbers
    ],
)
def test_other_numbers_are_no_cards(text: str) -> None:
    assert values(built("pii", {"entities": ["card"]}), text) == []


@given(st.text(alphabet="0123456789", min_size=1, max_size=30))
def test_the_check_digit_is_the_one_of_the_library(digits: str) -> None:
    assert has_luhn_check_digit(digits) is luhn.is_valid(digits)


def test_the_length_belongs_to_the_issuer() -> None:
    assert is_card("4111111111111111")
    assert not is_card("41111111111111110007")  # 20 digits
    assert not is_card("37828224631000")  # 14 digits of American Express


@pytest.mark.parametrize(
    ("text", "is_open"), [("4111 ", True), ("4111-", False), ("a ", False), ("1) ", True)]
)
def test_a_number_in_progress_is_open(text: str, is_open: bool) -> None:
    assert built("pii", {"entities": ["card"]}).is_open(text, 0) is is_open


@pytest.mark.parametrize("text", ["1234-5678-9012-3456", "1234 5678 9012 3456", "5678 9012 3456 1234"])
def test_a_part_of_a_longer_row_of_fours_is_no_card(text: str) -> None:
    assert not list(Card().spans(text))


def test_a_short_card_stands_alone_or_behind_another() -> None:
    assert list(Card().spans("5678 9012 3456")) == [(0, 14)]
    assert list(Card().spans("4111 1111 1111 1111 5678 9012 3456")) == [(0, 19), (20, 34)]
