"""The entities together."""

import pytest

from guardrails.check import Match, Run
from guardrails.checks.pii.catalogue import COMMON
from guardrails.decoding import ConfigError
from tests.guardrails.checks.finding import built, found

MIXED = (
    "Jane <jane@example.com>, (212) 555-0123, card 4111 1111 1111 1111, GB29 NWBK 6016 1331 9268 19, "
    "460-89-9847, 203.0.113.7"
)


def test_the_common_entities_are_looked_for_unless_some_are_chosen() -> None:
    assert [rule for rule, _ in found(built("pii"), MIXED)] == [
        "email",
        "phone",
        "card",
        "iban",
        "us_ssn",
        "ip",
    ]


@pytest.mark.parametrize("entity", COMMON)
def test_only_chosen_entities_are_looked_for(entity: str) -> None:
    assert [rule for rule, _ in found(built("pii", {"entities": [entity]}), MIXED)] == [entity]


def test_matches_say_how_sure_they_are() -> None:
    matches = built("pii").find(Run("jane@example.com 212-555-0123"))
    assert matches == [Match("email", 0, 16), Match("phone", 17, 29, score=0.8)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("4111111111111111", "card"),
        ("02127365000@example.com", "email"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
        ("203.0.113.7", "ip"),
        ("phone: 460-89-9847", "us_ssn"),
        ("501864667909", "card"),
    ],
)
def test_what_is_something_else_is_no_telephone_number_too(text: str, rule: str) -> None:
    assert [found_rule for found_rule, _ in found(built("pii"), text)] == [rule]


def test_without_the_stronger_entity_the_weaker_one_may_claim_its_characters() -> None:
    assert found(built("pii", {"entities": ["phone"]}), "+1 212 555 0123")[0][0] == "phone"


def test_entities_found_in_one_text_are_in_order_of_place_not_of_strength() -> None:
    text = "203.0.113.7 then jane@example.com"
    assert [rule for rule, _ in found(built("pii"), text)] == ["ip", "email"]


def test_glued_values_are_each_found() -> None:
    assert [rule for rule, _ in found(built("pii"), "jane@example.com|4111111111111111|203.0.113.7")] == [
        "email",
        "card",
        "ip",
    ]


def test_a_check_for_e_mail_alone_holds_nothing_back() -> None:
    check = built("pii", {"entities": ["email"]})
    assert not any(check.is_open(text, 0) for text in ("4111 ", "ssn ", "version ", "call me "))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"entities": ["passports"]}, r"entities\[0\].*known are common, national"),
        ({"entities": []}, "give at least one"),
        ({"entities": ["national"], "regions": ["VA"]}, "regions.*no identifiers of these regions"),
    ],
)
def test_a_mistake_names_the_way_out(config: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        built("pii", config)


def test_words_before_a_number_make_it_what_they_say_and_no_telephone_number() -> None:
    config = {"entities": ["common", "national"], "regions": ["GB"]}
    assert found(built("pii", config), "NHS number 943 476 5870") == [("gb_nhs", "943 476 5870")]


def test_a_number_beside_another_is_found_as_if_it_stood_alone() -> None:
    check = built("pii", {"entities": ["phone", "card"], "regions": ["DE"]})
    text = "+49 30 901820 4111 1111 1111 1111"
    assert [(m.rule, text[m.start : m.end]) for m in check.find(Run(text))] == [
        ("phone", "+49 30 901820"),
        ("card", "4111 1111 1111 1111"),
    ]


def test_a_word_announces_nothing_behind_what_was_found() -> None:
    check = built("pii", {"entities": ["email", "us_ssn"]})
    assert [m.rule for m in check.find(Run("ssn a@example.com 460899847"))] == ["email"]
