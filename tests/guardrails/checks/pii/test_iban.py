"""Bank account numbers. The examples are those of the IBAN registry (SWIFT), one a country."""

import pytest
from stdnum import iban as library

from guardrails.checks.pii.iban import is_iban
from tests.guardrails.checks.finding import built, values

EXAMPLES = (
    "AE070331234567890123456 AT611904300234573201 BE68539007547034 BG80BNBG96611020345678 "
    "BR1800360305000010009795493C1 CH9300762011623852957 CZ6508000000192000145399 DE89370400440532013000 "
    "DK5000400440116243 EE382200221020145685 ES9121000418450200051332 FI2112345600000785 "
    "FR1420041010050500013M02606 GB29NWBK60161331926819 GR1601101250000000012300695 HR1210010051863000160 "
    "HU42117730161111101800000000 IE29AIBK93115212345678 IL620108000000099999999 "
    "IT60X0542811101000000123456 LT121000011101001000 LU280019400644750000 "
    "MT84MALT011000012345MTLCAST001S NL91ABNA0417164300 NO9386011117947 PL61109010140000071219812874 "
    "PT50000201231234567890154 RO49AAAA1B31007593840000 SA0380000000608010167519 SE4550000000058398257466 "
    "SI56263300012039086 SK3112000000198742637541 TR330006100519786457841326 "
    "UA213223130000026007233566001 "
).split()


def in_groups(number: str, separator: str = " ") -> str:
    return separator.join(number[place : place + 4] for place in range(0, len(number), 4))


@pytest.mark.parametrize("number", EXAMPLES)
def test_the_example_of_each_country_is_found_however_it_is_written(number: str) -> None:
    check = built("pii", {"entities": ["iban"]})
    for written in (
        number,
        number.lower(),
        in_groups(number),
        in_groups(number, "\u00a0"),
        in_groups(number, "-"),
        in_groups(number, "  "),
        in_groups(number, "\n"),
        in_groups(number, "\r\n"),
        in_groups(number, "\t"),
    ):
        assert values(check, f"to {written}, please") == [written]
        assert values(check, f"to {written} this that") == [written]


@pytest.mark.parametrize(
    "text",
    [
        "GB29NWBK60161331926818",  # check digits
        "GB29NWBK6016133192681",  # too short
        "GB29NWBK601613319268190",  # too long
        "xGB29NWBK60161331926819",
        "XX29NWBK60161331926819",  # no such country
        "GB29 NWB K601 6133 1926 819",
        "GB29   NWBK   6016   1331   9268   19",
        "GB29\n\n\nNWBK\n6016\n1331\n9268\n19",
        "GB29NWBK6016133192681é",
        "GB29",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert values(built("pii", {"entities": ["iban"]}), text) == []


@pytest.mark.parametrize("before", ["IBAN", "iban", "account_", "_"])
def test_an_account_is_found_behind_its_name(before: str) -> None:
    number = "DE89370400440532013000"
    assert values(built("pii", {"entities": ["iban"]}), f"to {before}{number}.") == [number]


def test_two_in_a_row_are_told_apart() -> None:
    text = "BE68 5390 0754 7034 DE89 3704 0044 0532 0130 00"
    assert values(built("pii", {"entities": ["iban"]}), text) == [text[:19], text[20:]]


def test_a_start_that_leads_nowhere_hides_no_account() -> None:
    assert values(built("pii", {"entities": ["iban"]}), "BE68 GB29 NWBK 6016 1331 9268 19") == [
        "GB29 NWBK 6016 1331 9268 19"
    ]


def test_a_wrong_national_check_digit_makes_it_no_less_an_account() -> None:
    number = "BE31435411161156"
    right = next(
        f"BE{check:02}{number[4:]}" for check in range(2, 99) if is_iban(f"BE{check:02}{number[4:]}")
    )
    assert not library.is_valid(right)
    assert values(built("pii", {"entities": ["iban"]}), right) == [right]


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("GB29  ", True),
        ("GB29\t", True),
        ("GB29\r\n", True),
        ("IBANGB29 ", True),
        ("GB29   ", False),
        ("GB29 ", True),
        ("to GB29 NWBK 6016 ", True),
        ("GB29NWBK ", False),
        ("the ", False),
    ],
)
def test_an_account_in_progress_is_open(text: str, is_open: bool) -> None:
    assert built("pii", {"entities": ["iban"]}).is_open(text, 0) is is_open
