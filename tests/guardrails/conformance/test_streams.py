"""The kit shows what becomes of a stream when a check breaks the law."""

from collections.abc import Sequence

import pytest

from guardrails import Match, Run
from guardrails.conformance.streams import assert_streams_as_whole
from tests.guardrails.planted import Broken, Groups, Phrase, Short, Whole


class Hasty(Groups):
    """Lets go of a number before it is complete."""

    def is_open(self, text: str, start: int) -> bool:
        return False


class Blind(Groups):
    """Sees a number only at the end of a text."""

    def find(self, run: Run) -> Sequence[Match]:
        return super().find(run) if run.last else []


@pytest.mark.parametrize("text", ["", "12 34 and 5 6 7 go", "ab cd ab\ncd", "xx x xxx"])
def test_a_lawful_check_streams_as_the_whole(text: str) -> None:
    for check in (Groups("number", "[0-9]"), Phrase(), Whole(), Short(12)):
        assert_streams_as_whole(check, text)


@pytest.mark.parametrize("broken", [Hasty, Blind])
def test_a_check_whose_findings_depend_on_the_cut_is_caught(broken: type[Groups]) -> None:
    with pytest.raises(AssertionError, match="cut by"):
        assert_streams_as_whole(broken("number", "[0-9]"), "call 12 34 56 now please")


def test_a_check_that_fails_is_caught() -> None:
    with pytest.raises(AssertionError, match="the check failed: KeyError"):
        assert_streams_as_whole(Broken(KeyError("x")), "a b")
