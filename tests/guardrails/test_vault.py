"""A vault gives out pseudonyms that nobody else wrote, and restores exactly what was there."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.pseudonym import pseudonym
from guardrails.redaction import Span, redact
from guardrails.vault import Vault

KEY = b"key of the tests"
MAIL = "alice@example.com"


def test_a_value_has_one_placeholder_in_every_vault_with_the_same_key() -> None:
    vault = Vault(KEY)
    placeholder = vault.placeholder("email", MAIL)
    assert re.fullmatch(r"\[EMAIL_\w{6}\]", placeholder)
    assert vault.placeholder("email", MAIL) == placeholder
    assert Vault(KEY).placeholder("email", MAIL) == placeholder
    assert vault.restore(f"to {placeholder}.") == f"to {MAIL}."


def test_an_empty_vault_restores_nothing() -> None:
    vault = Vault(KEY)
    assert not vault
    assert vault.restore(f"[{pseudonym(KEY, 'email', MAIL)}]") == f"[{pseudonym(KEY, 'email', MAIL)}]"


@pytest.mark.parametrize("form", ["[{}]", "{}", "x{}x", "see {} and more"])
@pytest.mark.parametrize("change", [str, str.lower, lambda text: text.replace("_", "\\_")])
def test_what_somebody_typed_is_not_given_out_and_not_restored(form: str, change: type[str]) -> None:
    first = pseudonym(KEY, "email", MAIL)
    typed = change(form.format(first))
    vault = Vault(KEY)
    vault.note(["", typed])
    placeholder = vault.placeholder("email", MAIL)
    assert placeholder != f"[{first}]"
    assert placeholder == f"[{pseudonym(KEY, 'email', MAIL, 1)}]"
    assert vault.restore(f"{typed} {placeholder}") == f"{typed} {MAIL}"


def test_what_was_typed_anywhere_is_not_given_out() -> None:
    vault = Vault(KEY)
    for attempt in range(2):
        vault.note([pseudonym(KEY, "email", MAIL, attempt)])
    assert vault.placeholder("email", MAIL) == f"[{pseudonym(KEY, 'email', MAIL, 2)}]"


def test_what_comes_in_pieces_is_restored_in_the_form_it_is_written_in() -> None:
    vault = Vault(KEY)
    placeholder = vault.placeholder("email", MAIL)
    for restorer, value in ((vault.restorer(), MAIL), (vault.restorer(str.upper), MAIL.upper())):
        assert "".join(map(restorer.feed, f"to {placeholder}.")) + restorer.finish() == f"to {value}."


def test_spellings_are_told_apart_and_related() -> None:
    vault = Vault(KEY)
    first, second, third = (vault.placeholder("email", one) for one in (MAIL, MAIL.upper(), MAIL.title()))
    assert [second, third] == [first[:-1] + "_2]", first[:-1] + "_3]"]
    assert vault.restore(f"{first} {second} {third}") == f"{MAIL} {MAIL.upper()} {MAIL.title()}"


def test_values_with_the_same_pseudonym_are_told_apart() -> None:
    first, second = "2703@x.example", "7513@x.example"
    assert pseudonym(KEY, "email", first) == pseudonym(KEY, "email", second)
    vault = Vault(KEY)
    placeholders = vault.placeholder("email", first), vault.placeholder("email", second)
    assert [vault.restore(one) for one in placeholders] == [first, second]
    assert placeholders[1] == f"[{pseudonym(KEY, 'email', second, 1)}]"


def test_a_value_that_holds_a_placeholder_is_restored_whole() -> None:
    vault = Vault(KEY)
    inner = vault.placeholder("email", MAIL)
    outer = vault.placeholder("line", f"mail to {inner}")
    assert outer == Vault(KEY).placeholder("line", f"mail to {MAIL}")
    assert vault.restore(outer) == f"mail to {MAIL}"


def test_what_is_found_in_a_placeholder_of_before_is_left_alone() -> None:
    vault = Vault(KEY)
    text = f"email {vault.placeholder('email', MAIL)}"
    covered = [Span(0, 5, "[WORDS]"), Span(7, 12, "[WORDS]")]
    assert redact(text, vault.pseudonymised(text, covered)) == text.replace("email", "[WORDS]")
    assert Vault(KEY).pseudonymised(text, covered) == covered
    twice = f"{text} {vault.placeholder('phone', '555-0123')}"
    own = [Span(found.start(), found.end(), "[WORDS]") for found in re.finditer(r"\[\w+\]", twice)]
    assert len(own) == 2
    assert vault.pseudonymised(twice, own) == []


def test_a_value_is_written_as_asked() -> None:
    vault = Vault(KEY)
    placeholder = vault.placeholder("name", 'A "B"')
    assert vault.restore(f'"{placeholder}"', lambda value: value.replace('"', '\\"')) == r'"A \"B\""'
    restorer = vault.restorer()
    assert restorer.feed(placeholder[:4]) + restorer.feed(placeholder[4:]) + restorer.finish() == 'A "B"'


@given(st.lists(st.tuples(st.sampled_from(["email", "us_ssn"]), st.text(min_size=1)), max_size=8), st.text())
def test_whatever_is_given_out_is_restored(values: list[tuple[str, str]], typed: str) -> None:
    vault = Vault(KEY)
    vault.note([typed, *(value for _, value in values)])
    given_out = [vault.placeholder(rule, value) for rule, value in values]
    assert vault.restore("|".join(given_out)) == "|".join(value for _, value in values)
    assert len(set(given_out)) == len(set(values))
    assert vault.restore(typed) == typed
