"""The machine that runs rows, on the rows there are: each kind is found, and what is nearly one is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.check import is_break
from guardrails.checks.pii.catalogue import ENTITIES, IDENTIFIERS
from guardrails.checks.pii.check_digits import plain
from guardrails.checks.pii.identifier import Identifier
from tests.guardrails.checks.finding import built, found
from tests.guardrails.checks.pii.examples import EXAMPLES

ENDS_FREELY = frozenset(
    "bic uuid mac us_itin us_atin us_ptin us_ein us_mbi ar_dni gb_nino gb_driving_licence de_identity_card "
    "dk_cpr mx_rfc ng_nin ng_bvn in_pan pk_cnic my_nric id_nik passport driving_licence "
    "ph_umid ph_sss ph_philhealth "
    "ethereum gb_utr is_kennitala au_medicare".split()
)
"""Kinds without check digits, not in all their forms, or not at the end."""

OTHERS = frozenset({"email", "iban", "card", "us_ssn", "ip", "phone"})


def in_sentence(name: str, before: str, value: str, behind: str) -> list[tuple[str, str]]:
    return found(built("pii", {"entities": [name]}), before + value + behind)


@pytest.mark.parametrize(("name", "before", "value", "behind"), EXAMPLES)
def test_it_is_found(name: str, before: str, value: str, behind: str) -> None:
    assert in_sentence(name, before, value, behind) == [(name, value)]


def test_each_kind_has_an_example() -> None:
    assert {name for name, *_ in EXAMPLES} == set(ENTITIES) - OTHERS


@pytest.mark.parametrize(("name", "before", "value", "behind"), EXAMPLES)
def test_another_check_digit_is_no_number(name: str, before: str, value: str, behind: str) -> None:
    if name in ENDS_FREELY:
        return
    for place, digit in enumerate(value):
        if digit.isdecimal() and not value[place + 1 :].strip(")"):
            for other in set("0123456789") - {digit}:
                assert in_sentence(name, before, value[:place] + other + value[place + 1 :], behind) == []


@pytest.mark.parametrize(("name", "before", "value", "behind"), EXAMPLES)
def test_a_piece_of_something_longer_is_none(name: str, before: str, value: str, behind: str) -> None:
    assert in_sentence(name, before, value, "123456789") == []
    assert in_sentence(name, before, value, "a9") == []
    assert in_sentence(name, before, "_" + value, "_") == []


@pytest.mark.parametrize(("name", "before", "value", "behind"), EXAMPLES)
def test_a_stream_waits_for_the_rest_of_it(name: str, before: str, value: str, behind: str) -> None:
    check = built("pii", {"entities": [name]})
    text = before + value
    for place in range(len(before) + 1, len(text)):
        if is_break(text[place - 1]):
            assert check.is_open(text[:place], 0), text[:place]


@pytest.mark.parametrize("kind", IDENTIFIERS, ids=lambda kind: kind.name)
def test_whatever_has_the_form_is_judged(kind: Identifier) -> None:
    forms = "|".join((*kind.forms, *kind.called_forms))

    @settings(max_examples=25, deadline=None)
    @given(number=st.from_regex(rf"(?a)\A(?:{forms})\Z"))
    def is_judged(number: str) -> None:
        assert kind.is_valid(number) in {True, False}
        assert kind.is_valid(plain(number.upper())) in {True, False}

    is_judged()
