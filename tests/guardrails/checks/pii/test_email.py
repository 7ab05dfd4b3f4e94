"""E-mail addresses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.conformance.law import assert_conforms
from tests.guardrails.checks.finding import built, found, values


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mail john.doe@example.com now", "john.doe@example.com"),
        ("<jane+news@mail.example.co.uk>", "jane+news@mail.example.co.uk"),
        ("mailto:a@b.co?subject=x", "a@b.co"),
        ("See o'brien@example.ie.", "o'brien@example.ie"),
        ("'x@example.org'", "x@example.org"),
        ("JOHN_DOE-1@EXAMPLE.MUSEUM", "JOHN_DOE-1@EXAMPLE.MUSEUM"),
        ("联系foo@bar.com谢谢", "foo@bar.com"),
        ("jörg@exämple.de", "jörg@exämple.de"),
        ("пишите на анна@пример.рф, пожалуйста", "анна@пример.рф"),
        ("χρήστης@παράδειγμα.ελ", "χρήστης@παράδειγμα.ελ"),
        ("anna@пример.рф", "anna@пример.рф"),
        ("anna@example。com。", "anna@example。com"),
        ("联系foo@bar.com。Thanks", "foo@bar.com"),
        ('to "anna.keller"@example.com', '"anna.keller"@example.com'),
        ('to "anna keller"@example.com', 'keller"@example.com'),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("4111@example.com", "4111@example.com"),
        ("https://user:pw@example.com/", "pw@example.com"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ],
)
def test_addresses_are_found(text: str, address: str) -> None:
    assert found(built("pii", {"entities": ["email"]}), text) == [("email", address)]


@pytest.mark.parametrize(
    "text",
    [
        "john@example",
        "名字@例子。com",
        "john@example。Then",
        "@анна.рф",
        '"quoted" @example.com',
        "@handle",
        "name@domain. Next",
        "a @ b.com",
        "user@192.0.2.1",
        "x@-bad.com",
        "x@bad-.com",
        "x@a..com",
        "pkg@1.2.3",
        "git@github.com:owner/name.git",
        "icon@2x.png",
        "x" * 65 + "@example.com",
        "x@" + "a" * 64 + ".com",
        "x@" + "a." * 127 + "com",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert values(built("pii", {"entities": ["email"]}), text) == []


def test_addresses_side_by_side_are_told_apart() -> None:
    check = built("pii", {"entities": ["email"]})
    assert values(check, "a@x.org,b@x.org;c@x.org") == ["a@x.org", "b@x.org", "c@x.org"]


def test_an_address_never_holds_text_back() -> None:
    check = built("pii", {"entities": ["email"]})
    assert not check.is_open("john@example.com ", 0)
    assert not check.is_open("john@example.com。", 0)
    assert check.is_open("john@example。", 0)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab.@。｡\"' 中жк-", max_size=24))
def test_addresses_of_any_script_keep_the_law(text: str) -> None:
    assert_conforms(built("pii", {"entities": ["email"]}), text)
