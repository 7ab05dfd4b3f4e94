"""Words that say what the number behind them is, and how far they reach."""

import pytest

from guardrails.checks.pii.announcement import Announcements
from tests.guardrails.checks.finding import built, values

NUMBER = "943 476 5870"


@pytest.mark.parametrize(
    "before",
    [
        "NHS ",
        "nhs:",
        "NHS-",
        "my NHS number is ",
        "NHS number, as far as I know: ",
        "nhs_number=",
        '"nhsNumber": "',
        "NHS No.\n",
        "national health service number ",
        "NationalHealthService ",
        "national_health_service: ",
        "patient_nhs ",
    ],
)
def test_words_before_a_number_say_what_it_is(before: str) -> None:
    assert values(built("pii", {"entities": ["gb_nhs"]}), before + NUMBER) == [NUMBER]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "the number ",
        "nhsx ",
        "annhs ",
        "NHS? ",
        "NHS 12 ",  # another number is meant
        "NHS order ",
        "NHS phone: ",
        "I called the NHS today. Now ",
        "the NHS was what they spoke about for all of the evening, and ",
        "national health ",
    ],
)
def test_other_words_say_nothing(before: str) -> None:
    assert values(built("pii", {"entities": ["gb_nhs"]}), before + NUMBER) == []


def test_words_behind_a_number_do_not_count() -> None:
    assert values(built("pii", {"entities": ["gb_nhs"]}), f"{NUMBER} is my NHS number") == []


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("nhs ", True),
        ("nhs number is ", True),
        ("nhs 943 ", True),
        ("nhs 943 476 ", True),
        ("national ", True),
        ("national health\n", True),
        ("身", True),
        ("身份证", True),
        ("health ", False),
        ("the ", False),
        ("nhs? ", False),
        ("nhs " + "and so on " * 9, False),
        ("nhs 943 476 5870 ", True),  # more groups may belong to other kinds
        ("nhs 943 476 5870. The next sentence ", False),
    ],
)
def test_a_text_is_open_among_the_words_and_a_little_way_behind(text: str, is_open: bool) -> None:
    words = Announcements(["nhs", "national health service", "身份证"])
    assert words.is_open(text) is is_open


def test_of_overlapping_words_the_first_reaches_far_enough_for_all() -> None:
    words = Announcements(["national id", "id number"])
    assert words.is_open("national id number " + "x" * 38 + " ")
