"""Pseudonyms tell values apart, alike everywhere, and tell nothing else."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.check import Run
from guardrails.checks.pii import check as pii
from guardrails.checks.secrets import check as secrets
from guardrails.pseudonym import mark_of, marks_in, pseudonym

KEY = b"key of the tests"
CHECKS = (pii.build({}, ""), secrets.build({}, ""))
TEXTS = st.text(st.characters(), min_size=1)


def test_it_names_the_rule_and_tells_values_apart() -> None:
    alice, bob = (pseudonym(KEY, "email", f"{name}@example.com") for name in ("alice", "bob"))
    assert alice != bob
    for one in (alice, bob):
        assert re.fullmatch(r"EMAIL_[B-DF-HJ-NP-TV-XZ]{6}", one)


def test_it_is_the_same_for_ever() -> None:
    assert pseudonym(KEY, "email", "alice@example.com") == "EMAIL_DNLPPG"


def test_spellings_of_one_value_have_one() -> None:
    assert pseudonym(KEY, "phone", "+49 30 12-34") == pseudonym(KEY, "phone", "+49301234")
    assert pseudonym(KEY, "email", "Alice@Example.com") == pseudonym(KEY, "email", "alice@example.com")


def test_another_key_another_rule_and_another_attempt_give_another() -> None:
    given = [
        pseudonym(KEY, "email", "x"),
        pseudonym(b"other", "email", "x"),
        pseudonym(KEY, "phone", "x"),
        pseudonym(KEY, "email", "x", 1),
    ]
    assert len({mark_of(one) for one in given}) == 4


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("us_ssn", "US_SSN"),
        ("name-of.person", "NAME_OF_PERSON"),
        ("имя", "VALUE"),
        ("_x_", "X"),
        ("", "VALUE"),
    ],
)
def test_any_rule_makes_a_plain_name(rule: str, name: str) -> None:
    assert pseudonym(KEY, rule, "x").rpartition("_")[0] == name


@given(TEXTS, TEXTS, st.integers(0, 3))
def test_it_is_plain_ascii_that_nothing_escapes(rule: str, value: str, attempt: int) -> None:
    assert re.fullmatch(r"[A-Z0-9_]+_[B-DF-HJ-NP-TV-XZ]{6}", pseudonym(KEY, rule, value, attempt))


@given(st.sampled_from(["email", "us_ssn", "имя"]), TEXTS, TEXTS, TEXTS)
def test_the_mark_of_one_that_stands_in_a_text_is_found(rule: str, value: str, left: str, right: str) -> None:
    one = pseudonym(KEY, rule, value)
    assert mark_of(one) in marks_in(["", f"{left}[{one.lower()}]{right}"])


def test_marks_are_found_in_longer_words_too() -> None:
    assert marks_in(["x_abcdefgh_xxbcdf_2"]) == {"ABCDEF", "XXBCDF"}


@settings(deadline=None, max_examples=60)
@given(
    st.text(max_size=40),
    st.sampled_from(["{}", "mail {} now", "api_key = {}", "password: {}", '{{"token": "{}"}}']),
)
def test_no_check_takes_one_for_a_finding(value: str, around: str) -> None:
    for check in CHECKS:
        text = around.format(f"[{pseudonym(KEY, 'email', value)}]")
        assert list(check.find(Run(text))) == []
