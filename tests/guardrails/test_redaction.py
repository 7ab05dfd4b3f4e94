"""Redaction replaces what matches cover, once."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails import Match
from guardrails.redaction import Span, redact, spans

TEXT = "0123456789"


@st.composite
def matches(draw: st.DrawFn) -> list[Match]:
    ends = st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(sorted)
    drawn = draw(st.lists(ends, max_size=6))
    return [Match(f"r{i}", start, end) for i, (start, end) in enumerate(drawn)]


def test_a_match_becomes_the_placeholder_of_its_rule() -> None:
    assert redact("to me@here.example now", spans([Match("email", 3, 18)])) == "to [EMAIL] now"


def test_a_match_may_bring_its_own_replacement() -> None:
    assert redact("card 4111", spans([Match("card", 5, 9, replacement="****")])) == "card ****"
    assert redact("card 4111", spans([Match("card", 4, 9, replacement="")])) == "card"


def test_matches_that_overlap_become_one_placeholder() -> None:
    assert spans([Match("url", 4, 20), Match("email", 0, 9)]) == [Span(0, 20, "[EMAIL]")]
    assert spans([Match("a", 0, 4), Match("b", 3, 8), Match("c", 7, 9)]) == [Span(0, 9, "[A]")]


def test_of_matches_that_start_together_the_longest_names_the_placeholder() -> None:
    assert spans([Match("short", 2, 4), Match("long", 2, 6)]) == [Span(2, 6, "[LONG]")]


def test_of_equal_matches_the_first_given_names_the_placeholder() -> None:
    assert spans([Match("first", 2, 4), Match("second", 2, 4)]) == [Span(2, 4, "[FIRST]")]


def test_neighbours_stay_apart() -> None:
    assert spans([Match("a", 0, 2), Match("b", 2, 4)]) == [Span(0, 2, "[A]"), Span(2, 4, "[B]")]


def test_a_match_without_characters_covers_nothing() -> None:
    assert spans([Match("too_short", 3, 3)]) == []


@given(matches())
def test_what_matches_cover_goes_and_all_else_stays(found: list[Match]) -> None:
    covered = {place for match in found for place in range(match.start, match.end)}
    marked = [Match(match.rule, match.start, match.end, replacement="*") for match in found]
    kept = redact(TEXT, spans(marked)).replace("*", "")
    assert kept == "".join(TEXT[place] for place in range(len(TEXT)) if place not in covered)


@given(matches())
def test_spans_are_ordered_disjoint_and_do_not_depend_on_the_order_of_distinct_matches(
    found: list[Match],
) -> None:
    merged = spans(found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(merged))
    assert [(span.start, span.end) for span in spans(found[::-1])] == [
        (span.start, span.end) for span in merged
    ]


QUOTING = [
    [Match("all", 0, 10, replacement="0123456789", quotes=True), Match("key", 4, 6)],
    [Match("all", 0, 10, replacement="0123456789", quotes=True), Match("key", 0, 10)],
    [Match("key", 0, 6), Match("all", 4, 10, replacement="456789", quotes=True)],
    [Match("a", 0, 6, replacement="45", quotes=True), Match("b", 3, 9, replacement="3", quotes=True)],
    [
        Match("a", 0, 4, replacement="01", quotes=True),
        Match("b", 3, 6, replacement="*"),
        Match("c", 5, 9, replacement="5", quotes=True),
    ],
]


@pytest.mark.parametrize("found", QUOTING)
def test_no_match_quotes_what_another_takes_out(found: list[Match]) -> None:
    for order in itertools.permutations(found):
        assert not set(redact(TEXT, spans(order))) & set("012345678")


def test_a_match_quotes_what_nobody_else_takes_out() -> None:
    one = Match("card", 2, 8, replacement="**67", quotes=True)
    assert redact(TEXT, spans([one, Match("other", 8, 10)])) == "01**67[OTHER]"
    assert redact(TEXT, spans([one, one])) == "01**6789"


def test_what_may_be_restored_says_its_rule_and_all_else_does_not() -> None:
    found = spans(
        [Match("a", 0, 2)], [Match("b", 4, 6), Match("c", 5, 8), Match("d", 9, 10, replacement="x")]
    )
    assert found == [Span(0, 2, "[A]"), Span(4, 8, "[B]", "b"), Span(9, 10, "x")]


def test_what_one_guardrail_takes_for_good_takes_all_it_overlaps_and_names_it() -> None:
    assert spans([Match("a", 2, 3)], [Match("b", 0, 4), Match("c", 3, 6)]) == [Span(0, 6, "[A]")]
    assert spans([Match("a", 0, 4)], [Match("b", 0, 4)]) == [Span(0, 4, "[A]")]
    assert spans([Match("a", 4, 6)], [Match("b", 0, 4)]) == [Span(0, 4, "[B]", "b"), Span(4, 6, "[A]")]


@given(matches(), matches())
def test_only_spans_without_anything_final_may_be_restored(
    final: list[Match], restorable: list[Match]
) -> None:
    merged = spans(final, restorable)
    assert [(span.start, span.end) for span in merged] == [
        (span.start, span.end) for span in spans([*final, *restorable])
    ]
    for span in merged:
        inside = [match for match in final if span.start <= match.start < match.end <= span.end]
        assert (span.rule is None) == bool(inside)
