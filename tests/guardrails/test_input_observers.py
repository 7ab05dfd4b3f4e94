"""Guardrails that only observe a request are not asked on its way, change nothing, and see all of it."""

import asyncio

import msgspec
import pytest

from guardrails import Action, Decision, Engine, Guardrail, Match, Mode, Part, Side
from tests.guardrails.planted import Broken, Judge, Word, policy

KEY = b"key of the tests"
EMAIL = Word("email", r"\w+@\w+")
REQUEST = [Part("messages[0].content", "me@here"), Part("messages[1].content", "clean")]


@pytest.mark.parametrize("action", Action)
async def test_a_monitoring_guardrail_says_what_it_would_do_and_does_nothing(action: Action) -> None:
    engine = Engine([policy(EMAIL, action=action, mode=Mode.MONITOR)], KEY)
    screening = await engine.screen(REQUEST)
    assert (screening.verdicts, screening.redacted, screening.blocked) == ((), {}, None)
    (verdict,) = await engine.observe(REQUEST, screening)
    assert (verdict.side, verdict.mode) == (Side.INPUT, Mode.MONITOR)
    assert verdict.decision.value == action.value
    assert not verdict.blocked
    assert verdict.complete
    assert [(f.part, f.start, f.end) for f in verdict.findings] == [("messages[0].content", 0, 7)]


@pytest.mark.parametrize(
    "watching", [policy(action=Action.FLAG), policy(mode=Mode.MONITOR)], ids=["flag", "monitor"]
)
async def test_screening_asks_no_observing_guardrail(watching: Guardrail) -> None:
    local, remote = Word("any", ".", triggered=False), Judge(delay_s=30)
    watched = policy(local, remote, action=watching.action, mode=watching.mode, timeout_s=60)
    engine = Engine([watched, policy(EMAIL, name="redacts")], KEY)
    async with asyncio.timeout(5):
        screening = await engine.screen(REQUEST)
    assert (local.asked, remote.judged) == ([], [])
    assert [verdict.guardrail for verdict in screening.verdicts] == ["redacts"]


async def test_verdicts_of_all_input_guardrails_come_in_their_order() -> None:
    guardrails = [
        policy(EMAIL, name="flags", action=Action.FLAG),
        policy(EMAIL, name="redacts"),
        Guardrail("answers", frozenset({Side.OUTPUT}), (EMAIL,), Action.FLAG),
        policy(EMAIL, name="watches", action=Action.BLOCK, mode=Mode.MONITOR),
        policy(EMAIL, name="blocks", action=Action.BLOCK),
    ]
    engine = Engine(guardrails, KEY)
    screening = await engine.screen(REQUEST)
    verdicts = await engine.observe(REQUEST, screening)
    assert [verdict.guardrail for verdict in verdicts] == ["flags", "redacts", "watches", "blocks"]
    assert (verdicts[1], verdicts[3]) == screening.verdicts
    assert screening.blocked is verdicts[3]


async def test_observing_asks_no_enforcing_guardrail_again() -> None:
    asked = Word("any", ".", triggered=False)
    engine = Engine([policy(asked), policy(EMAIL, action=Action.FLAG)], KEY)
    screening = await engine.screen(REQUEST)
    await engine.observe(REQUEST, screening)
    assert asked.asked == ["me@here", "clean"]


async def test_observing_guardrails_see_all_of_a_blocked_request() -> None:
    judge = Judge([Match("jailbreak", 0, 1)])
    engine = Engine([policy(EMAIL, action=Action.BLOCK), policy(judge, name="new", mode=Mode.MONITOR)], KEY)
    screening = await engine.screen(REQUEST)
    assert screening.blocked is not None
    _, new = await engine.observe(REQUEST, screening)
    assert sorted(judge.judged) == ["clean", "me@here"]
    assert (len(new.findings), new.complete) == (2, True)


async def test_a_monitored_block_does_not_spare_the_remote_question() -> None:
    judge = Judge([Match("jailbreak", 0, 1)])
    engine = Engine([policy(EMAIL, judge, action=Action.BLOCK, mode=Mode.MONITOR)], KEY)
    (verdict,) = await engine.observe(REQUEST, await engine.screen(REQUEST))
    assert {finding.rule for finding in verdict.findings} == {"email", "jailbreak"}


async def test_an_error_of_an_observing_guardrail_never_blocks() -> None:
    broken = Broken(ValueError("secret"))
    guardrails = [policy(broken, action=Action.FLAG), policy(broken, action=Action.BLOCK, mode=Mode.MONITOR)]
    engine = Engine(guardrails, KEY)
    verdicts = await engine.observe(REQUEST, await engine.screen(REQUEST))
    assert [(v.decision, v.blocked) for v in verdicts] == [(Decision.ERROR, False), (Decision.ERROR, False)]


@pytest.mark.parametrize("side", Side)
async def test_an_engine_knows_whom_it_has_to_ask_later(side: Side) -> None:
    watching = Guardrail("watches", frozenset({side}), (EMAIL,), Action.BLOCK, Mode.MONITOR)
    flagging = Guardrail("flags", frozenset({side}), (EMAIL,), Action.FLAG)
    for guardrail in (watching, flagging):
        engine = Engine([guardrail, policy(EMAIL)], KEY)
        assert engine.observes_input is (side is Side.INPUT)
        assert engine.output().observing is (side is Side.OUTPUT)


async def test_where_nobody_observes_there_is_nothing_to_add() -> None:
    engine = Engine([policy(EMAIL)], KEY)
    screening = await engine.screen(REQUEST)
    assert not engine.observes_input
    assert not engine.output().observing
    assert await engine.observe(REQUEST, screening) == screening.verdicts


async def test_a_telling_guardrail_has_spoken_before_anybody_is_asked_and_ends_nothing() -> None:
    for check in (Word("email", r"\w+@\w+"), Broken(KeyError())):
        told = msgspec.structs.replace(policy(check, action=Action.FLAG), tells=True)
        screened = await Engine([told], b"key").screen([Part("messages[0].content", "me@here")])
        (verdict,) = screened.verdicts
        assert verdict.decision in {Decision.FLAG, Decision.ERROR}
        assert (screened.blocked, screened.redacted) == (None, {})
