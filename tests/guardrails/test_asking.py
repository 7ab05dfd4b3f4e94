"""Whatever a check does, there is an outcome; and nothing of the text is in it."""

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from guardrails import Match, Part, Passage, Remark, Run, Side, Subject
from guardrails.asking import (
    Outcome,
    ask,
    ask_exchange,
    ask_in_thread,
    ask_remote,
    first_open,
    in_thread,
    scannable,
)
from guardrails.conversation import NOTHING_KNOWN
from tests.guardrails.exchanges import Examiner
from tests.guardrails.planted import Broken, Judge, Word

PASSAGE = Passage("some text", Part("messages[0].content", "some text"))


class Answering(Word):
    """Answers what it is told to, whatever that is."""

    def __init__(self, answer: Any) -> None:
        super().__init__("answer", "a")
        self._answer = answer

    def find(self, run: Run) -> Any:
        return self._answer


RUBBISH = {
    "nothing": None,
    "a number": 7,
    "a word": "email",
    "no sequence": {Match("r", 0, 1)},
    "a generator": iter([Match("r", 0, 1)]),
    "no match": [None],
    "a span": [(0, 1)],
    "an end before its start": [Match("r", 3, 2)],
    "a start before the run": [Match("r", -1, 2)],
    "an end behind the run": [Match("r", 0, 10)],
    "half a character": [Match("r", 0.5, 1)],  # type: ignore[arg-type]  # what this test is about
    "no rule": [Match(None, 0, 1)],  # type: ignore[arg-type]  # as above
    "no text to write": [Match("r", 0, 1, replacement=b"x")],  # type: ignore[arg-type]  # as above
    "no score": [Match("r", 0, 1, score="high")],  # type: ignore[arg-type]  # as above
}


@pytest.mark.parametrize("answer", RUBBISH.values(), ids=RUBBISH)
async def test_rubbish_is_an_error(answer: Any) -> None:
    assert ask(Answering(answer), Run("some text")).error == "UnsoundMatches"
    assert (await ask_remote(Judge(answer), PASSAGE, 1, asyncio.Semaphore())).error == "UnsoundMatches"


def test_any_sequence_of_matches_in_the_run_is_sound() -> None:
    matches = [Match("r", 0, 9), Match("r", 0, 0), Match("r", 9, 9), Match("r", 4, 5, replacement="")]
    for answer in (matches, tuple(matches), []):
        outcome = ask(Answering(answer), Run("some text"))
        assert outcome.matches == tuple(answer)
        assert outcome.error is None


async def test_a_finding_at_the_end_of_a_run_belongs_to_the_next_run_if_there_is_one() -> None:
    check = Answering([Match("r", 5, 5)])
    assert ask(check, Run("some ", last=True)).error is None
    assert ask(check, Run("some ", last=False)).error == "UnsoundMatches"
    judge = Judge([Match("r", 9, 9)])
    assert (await ask_remote(judge, PASSAGE, 1, asyncio.Semaphore())).error is None
    assert (await ask_remote(judge, PASSAGE, 1, asyncio.Semaphore(), last=False)).error == "UnsoundMatches"


async def test_of_an_exception_only_its_class_is_kept() -> None:
    error = ValueError("text of somebody")
    for outcome in (
        ask(Broken(error), Run("some text")),
        await ask_in_thread(lambda: ask(Broken(error), Run("some text")), 1),
        await ask_remote(Judge(error=error), PASSAGE, 1, asyncio.Semaphore()),
    ):
        assert outcome == Outcome(error="ValueError", duration_ns=outcome.duration_ns)
        assert outcome.duration_ns > 0


async def test_the_time_it_took_is_told_however_it_ended() -> None:
    def examine(subject: Subject) -> Sequence[Remark]:
        time.sleep(0.001)
        if subject.parts:
            raise KeyError
        return []

    class Slow(Word):
        def find(self, run: Run) -> Sequence[Match]:
            examine(Subject(Side.INPUT, NOTHING_KNOWN, (PASSAGE.part,)))
            return []

    examiner, subject = Examiner("request", examine), Subject(Side.INPUT, NOTHING_KNOWN)
    outcomes = [
        ask(Slow("w", "w"), Run("w")),
        ask_exchange(examiner, subject),
        ask_exchange(examiner, msgspec.structs.replace(subject, parts=(PASSAGE.part,))),
    ]
    assert [one.error for one in outcomes] == ["KeyError", None, "KeyError"]
    assert all(1_000_000 <= one.duration_ns < 60_000_000_000 for one in outcomes)


async def test_threads_for_checks_are_their_own() -> None:
    assert (await in_thread(lambda: threading.current_thread().name)).startswith("guardrails")


async def test_a_remote_check_that_takes_too_long_is_left() -> None:
    check = Judge(delay_s=30)
    outcome = await ask_remote(check, PASSAGE, 0.01, asyncio.Semaphore())
    assert outcome.error == "timeout"
    assert outcome.duration_ns >= 10_000_000
    assert check.cancelled == 1


async def test_a_timeout_inside_of_a_check_is_a_timeout() -> None:
    assert (await ask_remote(Judge(error=TimeoutError()), PASSAGE, 1, asyncio.Semaphore())).error == "timeout"


async def test_a_check_cancelled_from_within_is_an_error() -> None:
    assert (
        await ask_remote(Judge(error=asyncio.CancelledError()), PASSAGE, 1, asyncio.Semaphore())
    ).error == "CancelledError"


async def test_being_cancelled_is_no_answer_of_a_check() -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ask_remote(Judge(delay_s=30), PASSAGE, 60, asyncio.Semaphore()))
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()


async def test_a_slow_check_in_a_thread_blocks_nobody_and_is_left() -> None:
    released = threading.Event()

    class Stuck(Word):
        def find(self, run: Run) -> Sequence[Match]:
            released.wait(30)
            return []

    begun = time.perf_counter()
    try:
        outcome = await ask_in_thread(lambda: ask(Stuck("stuck", "s"), Run("some text")), 0.02)
    finally:
        released.set()
    assert outcome.error == "timeout"
    assert time.perf_counter() - begun < 10


async def test_every_check_gets_a_text_it_can_encode() -> None:
    assert scannable("plain") == "plain"
    assert scannable("n\u00e4he \U0001f600") == "n\u00e4he \U0001f600"
    assert scannable("a\ud83db\udfff") == "a\ufffdb\ufffd"
    told: list[Passage] = []

    class Told(Judge):
        async def judge(self, passage: Passage) -> Sequence[Match]:
            told.append(passage)
            return []

    passage = Passage("a\ud83d", Part("p", "a\ud83d"), 1, "\ud83d")
    await ask_remote(Told(), passage, 1, asyncio.Semaphore())
    assert [(one.text, one.part.text, one.before) for one in told] == [("a\ufffd", "a\ufffd", "\ufffd")]


def test_whether_a_match_is_open_is_yes_no_or_an_error() -> None:
    class Opens(Word):
        def is_open(self, text: str, start: int) -> bool:
            text.encode()
            return text.startswith("a")

    opens, broken = Opens("w", "w"), Broken(ZeroDivisionError("secret"), opens=True)
    assert first_open([Word("w", "w"), opens], "a ", 0) == (1, None)
    assert first_open([opens], "b ", 0) is None
    assert first_open([], "a ", 0) is None
    assert first_open([opens, broken], "b ", 0) == (1, "ZeroDivisionError")
    assert first_open([opens, broken], "a ", 0) == (0, None)
