"""The prefilter spares checks the texts in which they find nothing, and only those."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from guardrails import Check, Run
from guardrails.prefilter import Prefilter
from tests.guardrails.planted import SECRET, Groups, Line, Phrase, Short, Word

CHECKS: list[Check] = [Word("email", "[a-z]+@[a-z]+"), Groups("secret", SECRET), Line(), Short(5), Phrase()]


def _of(*checks: Check, marks: tuple[str, ...] = ()) -> Prefilter:
    return Prefilter([check.triggers or None for check in checks], marks)


def test_only_checks_whose_triggers_hit_are_due() -> None:
    prefilter = _of(Word("a", "a+"), Word("b", "b+"), Line())
    assert prefilter.due("xx") == ()
    assert prefilter.due("") == ()
    assert prefilter.due("bb") == (1,)
    assert prefilter.due("BEGIN a") == (0, 2)


def test_a_check_without_triggers_is_always_due() -> None:
    prefilter = _of(Word("a", "a+"), Short(5))
    assert prefilter.due("xx") == (1,)
    assert prefilter.due("a") == (0, 1)
    assert _of(Short(5), Short(6)).due("") == (0, 1)


def test_a_check_with_several_triggers_is_due_once() -> None:
    check = Word("a", "a+")
    check.triggers = ("a", "b")
    assert _of(check).due("abab") == (0,)


def test_an_automaton_that_gives_up_makes_every_check_due() -> None:
    class OutOfMemory:
        def Match(self, text: str) -> None:  # noqa: N802 (RE2's name)
            """RE2 answers so."""

    prefilter = _of(Word("a", "a+"), Word("b", "b+"))
    prefilter._set = OutOfMemory()
    assert prefilter.due("xx") == (0, 1)
    assert prefilter.look("xx") == ((0, 1), True), "nor is it known that no mark stands there"


def test_a_trigger_that_is_no_pattern_is_refused_when_built() -> None:
    with pytest.raises(re2.error):
        _of(Word("look", "look(ahead)"), _with_trigger("(?=x)"))


def _with_trigger(trigger: str) -> Check:
    check = Word("x", "x")
    check.triggers = (trigger,)
    return check


@given(st.text(st.sampled_from(f"abcdef @\n BEGIN{SECRET}"), max_size=20))
def test_whoever_would_find_something_is_due(text: str) -> None:
    due = _of(*CHECKS).due(text)
    for place, check in enumerate(CHECKS):
        if check.find(Run(text)):
            assert place in due


def test_marks_are_looked_for_in_the_same_pass_and_are_no_checks() -> None:
    prefilter = _of(Word("a", "a+"), Short(5), marks=("m", "n"))
    assert prefilter.look("a") == ((0, 1), False)
    assert prefilter.look("mn") == ((1,), True)
    assert prefilter.look("am") == ((0, 1), True)
    assert prefilter.look("x") == ((1,), False)
    assert _of(marks=("m",)).look("m") == ((), True)
    assert _of().look("m") == ((), False)


def test_a_check_with_an_empty_list_of_triggers_is_never_due() -> None:
    prefilter = Prefilter([("a",), (), None, ()], marks=("m",))
    assert prefilter.look("a") == ((0, 2), False)
    assert prefilter.look("m") == ((2,), True)
    assert Prefilter([(), ()]).look("a") == ((), False)


def test_where_nobody_is_due_but_those_that_always_are_the_answer_is_one_tuple() -> None:
    prefilter = Prefilter([("a",), None], marks=("m",))
    assert prefilter.count == 2
    for text in ("x", "m"):
        assert prefilter.look(text)[0] is prefilter.always
    assert prefilter.look("a")[0] is not prefilter.always
