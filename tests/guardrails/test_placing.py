"""Findings in redacted texts are told by where they stand in the texts as they came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails import Action, Decision, Engine, Finding, Mode, Part, Side, Verdict
from guardrails.placing import placed
from guardrails.redaction import Span, redact
from tests.guardrails.planted import Word, policy

TEXT = "aa@x to bb@y EMP-1"
COVERED = (Span(0, 4, "[EMAIL]"), Span(8, 12, ""), Span(13, 14, "*"))
REDACTED = "[EMAIL] to  *MP-1"


def verdict(start: int, end: int, part: str = "p") -> Verdict:
    finding = Finding("c", "r", part, start, end, 1.0, "f")
    return Verdict("g", Side.INPUT, Decision.REDACT, Action.REDACT, Mode.ENFORCE, False, (finding,))


def place(start: int, end: int) -> tuple[int, int]:
    (one,) = placed([verdict(start, end)], {"p": COVERED})
    return one.findings[0].start, one.findings[0].end


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("to", "to"),
        ("[EMAIL]", "aa@x"),
        ("MAIL", "aa@x"),
        ("] t", "aa@x t"),
        ("MP-1", "MP-1"),
        (" *M", " EM"),
    ],
)
def test_a_finding_is_where_the_original_has_it(found: str, expected: str) -> None:
    assert redact(TEXT, COVERED) == REDACTED
    start, end = place(REDACTED.index(found), REDACTED.index(found) + len(found))
    assert TEXT[start:end] == expected


def test_what_spans_something_left_out_covers_it() -> None:
    start, end = place(REDACTED.index("to"), len(REDACTED))
    assert TEXT[start:end] == "to bb@y EMP-1"


def test_a_place_without_characters_stays_one() -> None:
    assert place(3, 3) == (0, 0)
    assert place(9, 9) == (6, 6)


def test_other_parts_and_verdicts_without_findings_are_as_they_were() -> None:
    other = verdict(3, 4, "q")
    assert placed([other], {"p": COVERED}) == (other,)
    assert placed([other], {}) == (other,)


@st.composite
def redactions(draw: st.DrawFn) -> tuple[str, list[Span]]:
    pieces = draw(st.lists(st.tuples(st.booleans(), st.text("abc", min_size=1, max_size=4)), max_size=6))
    text, covered = "", []
    for is_covered, piece in pieces:
        if is_covered:
            covered.append(
                Span(len(text), len(text) + len(piece), draw(st.sampled_from(["", "*", "[LONG]"])))
            )
        text += piece
    return text, covered


@given(redactions())
def test_kept_characters_are_found_again_and_others_lie_in_what_they_stand_for(
    drawn: tuple[str, list[Span]],
) -> None:
    text, covered = drawn
    redacted = redact(text, covered)
    for i, character in enumerate(redacted):
        (one,) = placed([verdict(i, i + 1)], {"p": covered})
        start, end = one.findings[0].start, one.findings[0].end
        if character in "abc":
            assert text[start:end] == character
        else:
            assert any((span.start, span.end) == (start, end) for span in covered)


async def test_an_engine_that_comes_later_places_findings_of_all_its_guardrails() -> None:
    first = await Engine([policy(Word("email", r"\w+@\w+"))], b"key").screen([Part("p", TEXT)])
    assert first.redacted == {"p": "[EMAIL] to [EMAIL] EMP-1"}
    employee = Word("employee", r"EMP-\d")
    later = Engine([policy(employee, name="a"), policy(employee, name="b", mode=Mode.MONITOR)], b"key")
    parts = [Part("p", first.redacted["p"])]
    second = await later.screen(parts, vault=first.vault, earlier=(first.covered,))
    assert second.redacted == {"p": "[EMAIL] to [EMAIL] [EMPLOYEE]"}
    for one in await later.observe(parts, second):
        assert [(f.start, f.end) for f in one.findings] == [(13, 18)]
    blocking = Engine([policy(employee, action=Action.BLOCK)], b"key")
    blocked = (await blocking.screen(parts, earlier=(first.covered,))).blocked
    assert blocked is not None
    assert blocked.findings[0].start == 13
