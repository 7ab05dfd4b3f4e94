"""US social security numbers."""

import pytest

from tests.guardrails.checks.finding import built, values


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("My SSN: 460-89-9847.", "460-89-9847"),
        ("460 89 9847", "460 89 9847"),
        ("460\u00a089\u00a09847", "460\u00a089\u00a09847"),
        ("(899-66-3189)", "899-66-3189"),
        ("ssn 460899847", "460899847"),
        ("SSN:460899847", "460899847"),
        ("ssn is 460899847", "460899847"),
        ("social security number 460899847", "460899847"),
        ("Social Security no. #460899847", "460899847"),
        ("social security number is: 460899847", "460899847"),
    ],
)
def test_numbers_are_found(text: str, number: str) -> None:
    assert values(built("pii", {"entities": ["us_ssn"]}), text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "460-89 9847",  # two separators
        "12345-6789",  # ZIP+4
        "460899847",  # nine digits that nobody calls one
        "the number 460899847",
        "000-89-9847",
        "666-89-9847",
        "900-89-9847",  # taxpayer numbers
        "460-00-9847",
        "460-89-0000",
        "078-05-1120",  # printed in wallets
        "1460-89-9847",
        "1-460-89-9847",
        "460-89-9847-1",
        "460-89-98471",
        "5 460 89 9847",
        "460 89 9847 5",
        "a460-89-9847",
        "social 460899847",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert values(built("pii", {"entities": ["us_ssn"]}), text) == []


def test_numbers_side_by_side_are_told_apart() -> None:
    assert len(values(built("pii", {"entities": ["us_ssn"]}), "460-89-9847 514-69-0360,054-28-6917")) == 3


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("ssn ", True),
        ("social ", True),
        ("social security number is: ", True),
        ("460 ", True),
        ("number ", False),
    ],
)
def test_words_that_announce_one_are_open(text: str, is_open: bool) -> None:
    assert built("pii", {"entities": ["us_ssn"]}).is_open(text, 0) is is_open
