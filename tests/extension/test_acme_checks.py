"""The tests that whoever writes a check would write: the conformance kit, run on it."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from guardrails import Run
from guardrails.conformance.law import assert_conforms
from guardrails.conformance.pace import assert_quick
from guardrails.conformance.streams import assert_streams_as_whole
from guardrails.conformance.texts import TEXTS
from tests.extension.acme_checks import TicketCheck

CHECK = TicketCheck("ACME")
TICKETS = st.lists(st.sampled_from(["ACME-12", "ACME-", "see ", "ACME", "-7", "\n", " ", "中", "x"])).map(
    "".join
)


@settings(max_examples=60, deadline=None)
@example(text="一ACME-0")
@given(text=TEXTS | TICKETS)
def test_it_conforms(text: str) -> None:
    assert_conforms(CHECK, text)
    assert_streams_as_whole(CHECK, text)


def test_it_is_quick() -> None:
    assert_quick(CHECK, "ACME-", "ACME-1 ", "A", "1")


def test_it_finds_tickets() -> None:
    (match,) = CHECK.find(Run("see ACME-1234, please"))
    assert (match.rule, match.start, match.end) == ("ticket", 4, 13)
    assert CHECK.find(Run("XACME-1 ACME-x ACME-123456789")) == []
