"""The output screen lets go what was screened, holds what is open, and is shut once something blocked.

That it agrees with the whole text is proven in `test_stream_equals_whole.py`.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from types import FrameType

import pytest

from guardrails import (
    Action,
    Coverage,
    Decision,
    Engine,
    Guardrail,
    Match,
    Mode,
    OnError,
    OutputScreen,
    Part,
    PartKind,
    Run,
    Side,
)
from tests.guardrails.planted import Broken, Groups, Judge, Word, policy

KEY = b"key of the tests"
PATH = "choices[0].message.content"
EMAIL = Word("email", r"\w+@\w+")
NUMBER = Groups("number", "[0-9]")


def screen_of(*guardrails: Guardrail) -> OutputScreen:
    return Engine(guardrails, KEY).output()


async def feed(screen: OutputScreen, *fragments: str, path: str = PATH) -> list[str]:
    return [await screen.feed(Part(path, fragment, role="assistant")) for fragment in fragments]


async def test_without_output_guardrails_everything_passes() -> None:
    screen = screen_of(Guardrail("in", frozenset({Side.INPUT}), (EMAIL,), Action.BLOCK))
    assert not screen.active
    assert not screen.enforcing
    assert await feed(screen, "me@here", " x") == ["me@here", " x"]
    assert await screen.finish(PATH) == ""
    await screen.close()
    assert screen.verdicts() == ()
    assert screen.coverage == Coverage(9, 9, 9)


async def test_without_output_guardrails_a_fragment_costs_one_call() -> None:
    screen = screen_of()
    part = Part(PATH, "word ")
    await screen.feed(part)
    called: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        released = await screen.feed(part)
    finally:
        sys.setprofile(None)
    assert (released, called) == ("word ", ["feed"])


async def test_a_redaction_holds_a_word_and_replaces_it() -> None:
    screen = screen_of(policy(EMAIL))
    assert screen.active
    assert screen.enforcing
    assert await feed(screen, "to me@", "here ", "and o") == ["to ", "[EMAIL] ", "and "]
    assert screen.coverage == Coverage(16, 15, 8)
    assert await screen.finish(PATH) == "o"
    assert screen.coverage == Coverage(16, 16, 9)
    await screen.close()
    (verdict,) = screen.verdicts()
    assert (verdict.side, verdict.decision, verdict.complete) == (Side.OUTPUT, Decision.REDACT, True)
    assert [(f.part, f.start, f.end) for f in verdict.findings] == [(PATH, 3, 10)]


async def test_of_an_answer_that_goes_out_whole_each_text_is_held_to_its_end_and_scanned_once() -> None:
    word = Word("email", r"\w+@\w+", triggered=False)
    screen = Engine([policy(word)], KEY).output(whole=True)
    assert await feed(screen, "to me@", "here ", "and on") == ["", "", ""]
    assert await screen.finish(PATH) == "to [EMAIL] and on"
    assert word.asked == ["to me@here and on"]


async def test_nobody_is_asked_while_nothing_is_settled() -> None:
    word = Word("email", r"\w+@\w+", triggered=False)
    await feed(screen_of(policy(word)), "to", "", " me@", "he", "re ")
    assert word.asked == ["to ", "me@here "]


async def test_a_value_with_a_name_is_held_to_its_end_and_read_whole() -> None:
    word = Word("email", r"\w+@\w+", triggered=False)
    screen = screen_of(policy(word))
    assert await screen.feed(Part(PATH, "to me@here ", name="note")) == ""
    assert await screen.feed(Part(PATH, "and on", name="note")) == ""
    assert await screen.finish(PATH) == "to [EMAIL] and on"
    assert word.asked == ["to me@here and on"]


async def test_two_redactions_compose() -> None:
    screen = screen_of(policy(NUMBER, name="a"), policy(EMAIL, name="b"))
    assert (
        "".join([*await feed(screen, "7 8 for a1@b1 x 9"), await screen.finish(PATH)])
        == "[NUMBER] for [EMAIL] x [NUMBER]"
    )


async def test_a_block_releases_nothing_of_its_run_and_nothing_after_it() -> None:
    screen = screen_of(policy(EMAIL, action=Action.BLOCK), policy(NUMBER, name="other"))
    assert await feed(screen, "fine. ", "so me@here ", "on ", path="a") == ["fine. ", "", ""]
    assert await feed(screen, "fine ", path="b") == [""]
    assert await screen.finish("a") == ""
    await screen.close()
    blocked, other = screen.verdicts()
    assert screen.blocked == blocked
    assert blocked.blocked
    assert blocked.complete
    assert not other.complete
    assert screen.coverage == Coverage(25, 6, 6)


async def test_verdicts_come_in_order_of_the_guardrails() -> None:
    names = ["flag", "block", "watch", "redact"]
    actions = [Action.FLAG, Action.BLOCK, Action.REDACT, Action.REDACT]
    modes = [Mode.ENFORCE, Mode.ENFORCE, Mode.MONITOR, Mode.ENFORCE]
    guardrails = [
        policy(EMAIL, name=n, action=a, mode=m) for n, a, m in zip(names, actions, modes, strict=True)
    ]
    screen = screen_of(*guardrails)
    assert [verdict.guardrail for verdict in screen.verdicts()] == names


async def test_until_the_answer_is_over_no_verdict_on_it_is_complete() -> None:
    screen = screen_of(policy(EMAIL), policy(EMAIL, action=Action.FLAG))
    await feed(screen, "to ")
    assert [verdict.complete for verdict in screen.verdicts()] == [False, False]
    await screen.finish(PATH)
    assert [verdict.complete for verdict in screen.verdicts()] == [True, False]
    await screen.close()
    assert [verdict.complete for verdict in screen.verdicts()] == [True, True]


@pytest.mark.parametrize("action", list(Action))
async def test_of_an_answer_that_never_came_nobody_has_heard(action: Action) -> None:
    broken, empty = screen_of(policy(EMAIL, action=action)), screen_of(policy(EMAIL, action=action))
    await empty.complete()
    for screen in (broken, empty):
        await screen.close()
    assert [verdict.heard for verdict in broken.verdicts()] == [False]
    assert [verdict.heard for verdict in empty.verdicts()] == [True], "it ended, and said nothing"
    await feed(broken, "to ")
    assert [verdict.heard for verdict in broken.verdicts()] == [True]


async def test_a_text_that_goes_on_after_its_end_is_refused() -> None:
    screen = screen_of(policy(EMAIL))
    await feed(screen, "to ")
    await screen.finish(PATH)
    assert await screen.finish(PATH) == ""
    with pytest.raises(ValueError, match=r"choices\[0\]\.message\.content goes on after its end"):
        await feed(screen, "more")
    assert await feed(screen, "") == [""]


async def test_a_text_ends_once() -> None:
    asked = Word("any", "x", triggered=False)
    screen = screen_of(policy(asked))
    await feed(screen, "to be ")
    assert [await screen.finish(PATH), await screen.finish(PATH), await screen.finish("elsewhere")] == [
        "",
        "",
        "",
    ]
    assert asked.asked == ["to be ", ""]


async def test_an_error_blocks_where_its_run_begins_unless_told_otherwise() -> None:
    class Fails(Word):
        def find(self, run: Run) -> Sequence[Match]:
            raise LookupError(run.text)

    blocking = screen_of(policy(Fails("f", "boom")))
    assert await feed(blocking, "one ", "two boom ", "three ") == ["one ", "", ""]
    assert blocking.blocked == blocking.verdicts()[0]
    assert blocking.verdicts()[0].error == "LookupError"
    allowing = screen_of(policy(Fails("f", "boom"), EMAIL, on_error=OnError.ALLOW))
    assert await feed(allowing, "one ", "me@here boom ", "three ") == ["one ", "[EMAIL] boom ", "three "]
    assert allowing.verdicts()[0].decision is Decision.ERROR
    assert allowing.blocked is None


async def test_a_check_that_cannot_say_whether_it_is_open_blocks_or_holds_to_the_end() -> None:
    broken = Broken(LookupError("secret"), opens=True)
    blocking = screen_of(policy(broken))
    assert await feed(blocking, "one", " two") == ["", ""]
    assert blocking.blocked == blocking.verdicts()[0]
    assert blocking.verdicts()[0].error == "LookupError"
    allowing = screen_of(policy(broken, EMAIL, on_error=OnError.ALLOW))
    assert await feed(allowing, "one ", "me@here ") == ["", ""]
    assert await allowing.finish(PATH) == "one [EMAIL] "
    assert allowing.verdicts()[0].decision is Decision.ERROR


async def test_a_remote_check_holds_the_text_to_its_end_and_sees_it_whole() -> None:
    judge = Judge([Match("name", 4, 7)])
    screen = screen_of(policy(judge), policy(EMAIL, name="local"))
    assert await feed(screen, "one ", "two ", "a@b ") == ["", "", ""]
    assert await screen.finish(PATH) == "one [NAME] [EMAIL] "
    assert judge.judged == ["one two a@b "]
    assert screen.coverage == Coverage(12, 12, 6)


async def test_a_local_block_comes_before_any_remote_question() -> None:
    judge = Judge()
    screen = screen_of(policy(judge, name="remote"), policy(EMAIL, name="local", action=Action.BLOCK))
    await feed(screen, "one a@b two ")
    assert await screen.finish(PATH) == ""
    assert judge.judged == []
    assert [verdict.blocked for verdict in screen.verdicts()] == [False, True]


async def test_a_remote_block_cancels_the_others() -> None:
    slow, fast = Judge(delay_s=30), Judge([Match("toxic", 0, 1)])
    screen = screen_of(
        policy(slow, timeout_s=60, name="slow"), policy(fast, name="fast", action=Action.BLOCK)
    )
    await feed(screen, "one ")
    assert await screen.finish(PATH) == ""
    assert slow.cancelled == 1
    assert [(v.decision, v.complete) for v in screen.verdicts()] == [
        (Decision.PASS, False),
        (Decision.BLOCK, True),
    ]


async def test_texts_are_held_apart() -> None:
    screen = screen_of(policy(NUMBER))
    assert await feed(screen, "1 ", path="a") == [""]
    assert await feed(screen, "2 ", path="b") == [""]
    assert await feed(screen, "3 x ", path="a") == ["[NUMBER] x "]
    assert await screen.finish("b") == "[NUMBER] "


async def test_findings_name_the_text_and_its_offsets() -> None:
    screen = screen_of(policy(NUMBER))
    await screen.feed(Part("args#to", "to 1 x ", PartKind.TOOL_ARGUMENTS, "assistant"))
    await screen.feed(Part("args#to", "and 2 x ", PartKind.TOOL_ARGUMENTS, "assistant"))
    assert [(f.part, f.start, f.end) for f in screen.verdicts()[0].findings] == [
        ("args#to", 3, 4),
        ("args#to", 11, 12),
    ]


async def test_a_verdict_knows_when_its_checks_began_and_how_long_they_took() -> None:
    before = time.time_ns()
    screen = screen_of(policy(EMAIL), policy(Judge(delay_s=0.02), mode=Mode.MONITOR))
    await feed(screen, "clean ", "words ")
    await screen.finish(PATH)
    await asyncio.sleep(0.002)
    await screen.close()
    first, second = screen.verdicts()
    assert before <= first.started_ns < second.started_ns <= time.time_ns()
    assert 0 < first.duration_ns < 1_000_000_000
    assert 15_000_000 < second.duration_ns < 1_000_000_000


async def test_cancelling_is_passed_on() -> None:
    screen = screen_of(policy(Judge(delay_s=30), timeout_s=60))
    await feed(screen, "one ")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_finish(screen))
        await asyncio.sleep(0.01)
        task.cancel()
    assert task.cancelled()


async def _finish(screen: OutputScreen) -> str:
    return await screen.finish(PATH)
