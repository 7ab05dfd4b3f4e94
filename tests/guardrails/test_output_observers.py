"""Guardrails that only observe an answer change no byte, hold nothing, and see what went by."""

import asyncio

import msgspec
import pytest

from guardrails import (
    Action,
    Coverage,
    Decision,
    Engine,
    Guardrail,
    Match,
    Mode,
    OutputScreen,
    Part,
)
from tests.guardrails.planted import Broken, Groups, Judge, Line, Short, Word, policy

KEY = b"key of the tests"
PATH = "choices[0].message.content"
EMAIL = Word("email", r"\w+@\w+")
NUMBER = Groups("number", "[0-9]")


def screen_of(*guardrails: Guardrail) -> OutputScreen:
    return Engine(guardrails, KEY).output()


async def feed(screen: OutputScreen, *fragments: str, path: str = PATH) -> list[str]:
    return [await screen.feed(Part(path, fragment, role="assistant")) for fragment in fragments]


@pytest.mark.parametrize("mode", Mode)
async def test_a_flag_changes_no_byte_and_holds_nothing(mode: Mode) -> None:
    screen = screen_of(policy(EMAIL, Line(), action=Action.FLAG, mode=mode))
    assert screen.active
    assert not screen.enforcing
    fragments = ["to me@", "here BEG", "IN", "\ud83d", " \n"]
    assert await feed(screen, *fragments) == fragments
    assert await screen.finish(PATH) == ""
    await screen.close()
    (verdict,) = screen.verdicts()
    assert verdict.decision is Decision.FLAG
    assert [(f.rule, f.start, f.end) for f in verdict.findings] == [("email", 3, 10), ("line", 11, 18)]
    assert screen.coverage == Coverage(19, 19, 19)


@pytest.mark.parametrize("action", Action)
async def test_a_monitoring_guardrail_changes_no_byte_holds_nothing_and_ends_nothing(action: Action) -> None:
    said_by = (EMAIL, Broken(KeyError()), Judge([Match("name", 0, 2)], delay_s=0.01))
    watched = [policy(check, action=action, mode=Mode.MONITOR) for check in said_by]
    screen = screen_of(*watched)
    assert await feed(screen, "me@", "here") == ["me@", "here"]
    await screen.finish(PATH)
    await screen.close()
    assert screen.blocked is None
    said = Decision(action.value)
    assert [verdict.decision for verdict in screen.verdicts()] == [said, Decision.ERROR, said]


async def test_observing_beside_enforcing_holds_no_more_than_enforcing_alone() -> None:
    screen = screen_of(policy(Line(), Short(100), action=Action.FLAG), policy(EMAIL))
    assert await feed(screen, "BEGIN of", " me@here ") == ["BEGIN ", "of [EMAIL] "]


async def test_observing_guardrails_see_the_original() -> None:
    screen = screen_of(policy(EMAIL, name="redacts"), policy(EMAIL, name="flags", action=Action.FLAG))
    await feed(screen, "to me@here ")
    await screen.finish(PATH)
    await screen.close()
    redacts, flags = screen.verdicts()
    assert flags.findings == redacts.findings
    assert flags.decision is Decision.FLAG


async def test_observing_guardrails_see_nothing_behind_a_block() -> None:
    judge = Judge()
    screen = screen_of(
        policy(EMAIL, action=Action.BLOCK), policy(NUMBER, judge, name="flags", action=Action.FLAG)
    )
    await feed(screen, "7 then me@here then 8 ")
    await screen.close()
    _, flags = screen.verdicts()
    assert [(f.start, f.end) for f in flags.findings] == [(0, 1)]
    assert judge.judged == ["7 then "]
    assert not flags.complete


async def test_observing_that_was_cancelled_is_not_complete() -> None:
    screen = screen_of(policy(Judge(delay_s=30), action=Action.FLAG, timeout_s=60))
    await feed(screen, "to ")
    await screen.finish(PATH)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await screen.close()
    assert not screen.verdicts()[0].complete


async def test_an_answer_that_breaks_off_is_screened_as_far_as_it_went_out() -> None:
    screen = screen_of(policy(EMAIL), policy(EMAIL, NUMBER, action=Action.FLAG))
    assert await feed(screen, "7 me@he") == ["7 "]
    await screen.close()
    await screen.close()
    assert screen.coverage == Coverage(7, 2, 2)
    redacts, flags = screen.verdicts()
    assert (redacts.findings, redacts.complete) == ((), False)
    assert ([f.rule for f in flags.findings], flags.complete) == (["number"], False)


@pytest.mark.parametrize("mode", Mode)
async def test_only_a_telling_guardrail_has_spoken_before_the_end(mode: Mode) -> None:
    told = msgspec.structs.replace(policy(EMAIL, name="told", action=Action.FLAG, mode=mode), tells=True)
    screen = screen_of(policy(EMAIL, name="watching", action=Action.FLAG), told)
    assert not screen.enforcing
    assert await feed(screen, "to me@", "here") == ["to me@", "here"]
    await screen.finish(PATH)
    await screen.tell()
    found = {one.guardrail: (len(one.findings), one.complete) for one in screen.verdicts()}
    assert found == {"watching": (0, False), "told": (1, True) if mode is Mode.ENFORCE else (0, False)}
    await screen.tell()
    await screen.close()
    assert [(one.guardrail, len(one.findings)) for one in screen.verdicts()] == [("watching", 1), ("told", 1)]


async def test_of_a_blocked_answer_nothing_is_told() -> None:
    told = msgspec.structs.replace(policy(EMAIL, name="told", action=Action.FLAG), tells=True)
    screen = screen_of(policy(EMAIL, action=Action.BLOCK), told)
    await feed(screen, "me@here ")
    await screen.tell()
    assert [(len(one.findings), one.complete) for one in screen.verdicts()] == [(1, True), (0, False)]
