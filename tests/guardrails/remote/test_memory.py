"""Answers are remembered for a time, bounded, and never with the text they are about."""

from guardrails.check import Match
from guardrails.remote.memory import Memory
from tests.guardrails.remote.test_breaker import Clock

FOUND = (Match("hate", 0, 3, score=0.5),)


def memory(clock: Clock | None = None, *, ttl_s: float = 10, entries: int = 3) -> Memory:
    return Memory(b"k" * 100, ttl_s, entries, clock or Clock())


def test_an_answer_is_remembered_until_its_time_is_over() -> None:
    clock = Clock()
    one = memory(clock)
    name = one.name(["text"])
    assert one.recall(name) is None
    one.keep(name, FOUND)
    clock.now_s += 9.9
    assert one.recall(name) == FOUND
    clock.now_s += 0.2
    assert one.recall(name) is None
    assert len(one) == 0


def test_that_nothing_was_found_is_an_answer() -> None:
    one = memory()
    one.keep(one.name(["text"]), ())
    assert one.recall(one.name(["text"])) == ()


def test_questions_that_differ_have_different_names() -> None:
    one = memory()
    questions: tuple[list[str], ...] = (
        ["ab"],
        ["a", "b"],
        ["", "ab"],
        ["ab", ""],
        ["\ud800"],
        ["\ufffd"],
        [],
    )
    assert len({one.name(question) for question in questions}) == len(questions)
    assert one.name(["ab"]) != Memory(b"other", 10, 3, Clock()).name(["ab"])


def test_the_least_recently_used_are_forgotten_first() -> None:
    one = memory()
    names = [one.name([text]) for text in "abcd"]
    for name in names[:3]:
        one.keep(name, FOUND)
    one.recall(names[0])
    one.keep(names[3], FOUND)
    assert [one.recall(name) is not None for name in names] == [True, False, True, True]


def test_a_replacement_may_be_made_of_the_text_and_is_not_kept() -> None:
    one = memory()
    one.keep(one.name(["text"]), (Match("pii", 0, 1, replacement="t"),))
    one.keep(one.name(["long"]), FOUND * 65)
    assert len(one) == 0


def test_without_time_nothing_is_kept() -> None:
    one = memory(ttl_s=0)
    one.keep(one.name(["text"]), FOUND)
    assert len(one) == 0
