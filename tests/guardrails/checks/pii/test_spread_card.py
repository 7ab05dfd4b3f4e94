"""Card numbers whose groups stand further apart than usual, and tables that are made of the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.conformance.law import assert_conforms
from tests.guardrails.checks.finding import built, values

CARD = built("pii", {"entities": ["card"]})
SEPARATORS = (".", "_", "/", "\n", "\r\n", "\t", "  ", " \t", " - ", " \u2013 ", "** **", "__ __", "* *")


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("groups", [("4111", "1111", "1111", "1111"), ("3782", "822463", "10005")])
@pytest.mark.parametrize("around", ["it is {} ok", "{}", "**{}**", "_{}_", "in 24\n{}\n12", "a, {}."])
def test_groups_are_found_however_they_stand(separator: str, groups: tuple[str, ...], around: str) -> None:
    written = separator.join(groups)
    assert values(CARD, around.format(written)) == [written]


def test_lines_may_hold_two_groups() -> None:
    assert values(CARD, "4111 1111\n1111 1111") == ["4111 1111\n1111 1111"]


@pytest.mark.parametrize(
    "around",
    ["card_{}", "CC{}", "Visa{}.", "{}EUR", "_{}_", "**{}**", "card_{}_x", "is {}and", "anna@example.com{}"],
)
def test_words_glued_to_it_hide_no_card(around: str) -> None:
    check = built("pii", {"entities": ["card", "email"]})
    assert "4111111111111111" in values(check, around.format("4111111111111111"))


@pytest.mark.parametrize(
    "text",
    [
        "4111\t1111\t1111\t1112",  # check digit
        "4111\t1111\t1111\t1111\t1111",  # a table
        "2024\n4111\n1111\n1111\n1111",
        "4111 1111\n1111 1111\n4111 1111\n1111 1111",
        "1.4111.1111.1111.1111",
        "4111.1111.1111.1111.1",
        "4111/1111/1111/1111/11",
        "41.11.1111.1111.1111",
        "9111.1111.1111.1111",
        "ab4111111111111111cd1",
        "0a4111111111111111",
        "x4111111111111111",
        "4111111111111111f",
        "1Z999AA4222222222222",
    ],
)
def test_tables_versions_and_codes_are_none(text: str) -> None:
    assert values(CARD, text) == []


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        *(("4111\n", True), ("4111\r\n", True), ("4111  ", True), ("4111\t", True), ("4111 - ", True)),
        *(("**4111** ", True), ("4111   ", False), ("4111\n\n", False), ("12\n", False), ("4111. ", False)),
    ],
)
def test_a_row_in_progress_is_open(text: str, is_open: bool) -> None:
    assert CARD.is_open(text, 0) is is_open


_GROUPS = (
    "4111",
    "1111",
    "1111",
    "1111",
    "3782",
    "822463",
    "10005",
    "DE89",
    "3704",
    "0044",
    "0532",
    "0130",
    "00",
)
_PIECES = st.sampled_from((*_GROUPS, *SEPARATORS, *SEPARATORS, " ", "\r", "-", "**", "IBAN", "EUR", "."))


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=16).map("".join))
def test_groups_and_separators_of_any_kind_keep_the_law(text: str) -> None:
    assert_conforms(built("pii", {"entities": ["card", "iban"]}), text)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["4111", "1111", "12", "4111111111111111"]), st.sampled_from(SEPARATORS))
    )
)
def test_rows_keep_the_law(row: list[tuple[str, str]]) -> None:
    assert_conforms(built("pii", {"entities": ["card", "phone"]}), "".join(map("".join, row)))
