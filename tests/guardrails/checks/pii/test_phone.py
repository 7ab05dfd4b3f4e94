"""Telephone numbers: of ranges that are kept free for examples (NANPA, Ofcom, ARCEP, ACMA), or made up."""

import pytest

from tests.guardrails.checks.finding import built, values


def phones(text: str, *regions: str) -> list[str]:
    config: dict[str, object] = {"entities": ["phone"]}
    if regions:
        config["regions"] = list(regions)
    return values(built("pii", config), text)


@pytest.mark.parametrize(
    "number",
    [
        "+1 212 555 0123",
        "+12125550123",
        "+1-555-0123",
        "+1 (212) 555-0123 ext. 45",
        "+44 7700 900123",
        "+44 (0)20 7946 0958",
        "0044 20 7946 0958",
        "+49 (0) 30 901820",
        "+33 1 99 00 12 34",
        "+91-98765-43210",
        "+7 (495) 123-45-67",
        "+972-50-123-4567",
        "+86 138 0013 8000",
        "(+61) 2 5550 1234",
        "+800 1234 5678",
    ],
)
def test_numbers_with_a_country_code_are_found_in_every_region(number: str) -> None:
    assert phones(f"call {number}, please", "FR") == [number]


@pytest.mark.parametrize(
    "number",
    [
        "212-555-0123",
        "(212) 555-0123",
        "(212)555-0123x45",
        "212.555.0123",
        "1-800-555-0199",
        "1 (800) 555-0199",
        "555-0123",
        "123-456-7890",
        "212 736 5000",
        "2127365000",
        "12127365000",
        "020 7946 0958",
        "07700 900 123",
        "07400123456",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "0612345678",
        "0151 23456789",
        "0151/23456789",
        "030-12345678",
        "612 345 678",
        "612 34 56 78",
        "98765 43210",
        "9876543210",
        "(11) 91234-5678",
        "0412 345 678",
        "090-1234-5678",
        "366 0170548",
    ],
)
def test_numbers_are_found_as_people_of_the_default_regions_write_them(number: str) -> None:
    for text in ("{}", "reach me: {}.", "<{}>", "a\u00a0{}\nb", "({})"):
        assert phones(text.format(number)) == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("phone: 79 645 791", "79 645 791"),
        ("Phone:\n467 3395", "467 3395"),
        ("call me at 5551234", "5551234"),
        ("my phone number is 60-56-85-91", "60-56-85-91"),
        ("Fax 612345678", "612345678"),
        ("móvil: 712345678", "712345678"),
        ("tel.: 12 34 56 78", None),
        ("tel: 12 34 56 78", "12 34 56 78"),
        ("reach me at 79 645 791", "79 645 791"),
        ("They are not answering at 516 466 638", "516 466 638"),
        ("contact us on 1234567", "1234567"),
        ("phone=9876543210", "9876543210"),
        ("reach 79 645 791 people", None),
        ("call me on 15-12-2026", None),
        ("call me on 2026-12-15", None),
    ],
)
def test_words_before_it_make_any_digits_a_number(text: str, number: str | None) -> None:
    assert phones(text) == ([number] if number else [])


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-02",
        "2024-01-02 13:45:00",
        "2024-01-02T13:45:00Z",
        "01.02.2024 13:00",
        "01/02/2024",
        "20240102",
        "1700000000",  # Unix time
        "1700000000123",
        "0.1234567890",
        "40.7127753, -74.0059728",
        "1,234,567,890",
        "1 400 000 000",
        "$2127365000",
        "version 10.0.19045.3803",
        "192.0.2.1 and 198.51.100.24",
        "978-3-16-148410-0",
        "order 2127365000",
        "Order number: 2127365000",
        "order #2127365000",
        "ticket id 9876543210",
        "#2127365000",
        "/users/2127365000",
        "part 212-555-0123-99",
        "A212-555-0123",
        "212-555-01234",
        "123e4567-e89b-12d3-a456-426614174000",
        "63d1612c-0839-8645-1052-a11080314ecd",
        "09950296-6018-cd72-7754-87727886c759",
        "2019 2020 2021 2022 2023",
        "200 300 4000",
        "404 500 6000 7000",
        "12345678901234567890",
        "call 911",
        "078-05-1120",
        "1786163066",  # Unix time
        "?id=9876543210",
        "row 9876543210",
        "a total of 612 345 678",
        "62.33263, 162.8557585",
        "612.345.678,85",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert phones(text) == []


def test_a_region_that_is_not_configured_is_not_guessed() -> None:
    assert phones("044 668 18 00", "US") == []
    assert phones("044 668 18 00", "CH") == ["044 668 18 00"]
    assert phones("212 736 5000", "CH") == []


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("21 23 45 36", "NO"),
        ("412 34 567", "NO"),
        ("32 16 62 14", "DK"),
        ("6169 7674", "SG"),
        ("21 234 5641", "PT"),
        ("131 2340 0413", "CN"),
        ("8 (301) 123-03-65", "RU"),
        ("(601) 2947770", "CO"),
        ("912 345 427", "PE"),
        ("(2) 2183 4029", "CL"),
    ],
)
def test_regions_that_are_named_have_their_own_groups(number: str, region: str) -> None:
    assert phones(f"it is {number}.", region) == [number]
    assert phones(f"it is {number}.", "GB") == []
    assert phones(f"order {number}", region) == []


def test_numbers_side_by_side_are_told_apart() -> None:
    assert phones("212-555-0123/212-555-0124, 212-555-0125 212-555-0126") == [
        f"212-555-012{digit}" for digit in (3, 4, 5, 6)
    ]


def test_a_number_is_found_behind_other_groups() -> None:
    assert phones("in 2024 020 7946 0958") == ["020 7946 0958"]


def test_in_a_table_of_numbers_nothing_is_looked_for_without_end() -> None:
    assert phones("12 " * 20 + "020 7946 0958") == []


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("212 ", True),
        ("(212) ", True),
        ("212\u00a0", True),
        ("212\n", False),
        ("ext. ", False),
        ("0123 ext. ", True),
        ("my phone number is ", True),
        ("phone:\n", True),
        ("order no. ", True),
        ("reach ", True),
        ("reach them ", True),
        ("reach them at ", True),
        ("the ", False),
    ],
)
def test_a_number_in_progress_is_open(text: str, is_open: bool) -> None:
    assert built("pii", {"entities": ["phone"]}).is_open(text, 0) is is_open
