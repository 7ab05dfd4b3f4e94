"""An exchange on record, then and under a candidate."""

from typing import Any

import pytest

from app.domain.content import Content
from app.domain.exchange import ExchangeRecord, Outcome
from app.domain.operation import Operation
from app.replaying.bodies import Missing
from app.replaying.candidate import Candidate
from app.replaying.effects import Effect, Mark, marks
from app.replaying.replay import Replayed, ReplayedSide, replay
from guardrails import Action, Decision, Guardrail, Side, guardrail
from tests.app.replaying.test_candidate import Token
from tests.exchanges import exchange, finding, request, response, verdict
from tests.guardrails.planted import Word, policy
from tests.recorded import as_read

MAIL = Word("email", r"[a-z]+@[a-z]+")
PRIVACY = policy(MAIL, name="privacy")
BLOCKED = {"decision": Decision.BLOCK, "action": Action.BLOCK, "blocked": True}
PLACE = "messages[0].content"
ANSWER = "choices[0].message.content"


async def replayed(one: ExchangeRecord, *guardrails: Guardrail, content: Content = "full") -> Replayed:
    return await replay(Candidate(guardrails, {}), as_read(one, content), str)


async def sides(
    one: ExchangeRecord, *guardrails: Guardrail, content: Content = "full"
) -> tuple[ReplayedSide, ReplayedSide]:
    asked, answered = (await replayed(one, *guardrails, content=content)).sides
    return asked, answered


def wholes(found: frozenset[Mark]) -> set[tuple[str, str]]:
    return {(mark.guardrail, mark.effect) for mark in found if mark.is_whole}


async def test_both_sides_are_heard_and_held_against_what_was_said() -> None:
    one = exchange(request=request("to a@b"), response=response("from a@b"))
    asked, answered = await sides(one, PRIVACY)
    for side, place in ((asked, PLACE), (answered, ANSWER)):
        assert wholes(marks(side.now)) == {("privacy", Effect.REDACTED)}
        assert [found.part for said in side.now for found in said.findings] == [place]
        assert (wholes(marks(side.then)), side.missing) == (set(), None)


async def test_an_answer_is_heard_although_its_request_would_be_blocked() -> None:
    one = exchange(request=request("to a@b"), response=response("from a@b"))
    asked, answered = await sides(one, policy(MAIL, name="strict", action=Action.BLOCK))
    assert wholes(marks(asked.now)) == wholes(marks(answered.now)) == {("strict", Effect.BLOCKED)}


async def test_what_is_found_no_more_in_a_whole_body_is_gone() -> None:
    one = exchange(verdicts=(verdict(Side.INPUT, finding(PLACE, 0, 4)), verdict(Side.OUTPUT)))
    asked, _ = await sides(one, PRIVACY)
    assert marks(asked.then)
    assert (marks(asked.now), asked.unknown, asked.may) == (frozenset(), frozenset(), frozenset())


async def test_in_a_redacted_body_nobody_can_tell() -> None:
    one = exchange(verdicts=(verdict(Side.INPUT, finding(PLACE, 0, 4, check="word")),))
    asked, answered = await sides(one, PRIVACY, content="redacted")
    assert asked.is_redacted
    assert answered.is_redacted
    assert asked.unknown == marks(asked.then)
    assert asked.may == {Effect.REDACTED}


@pytest.mark.parametrize(
    "now",
    [
        (),
        (policy(MAIL, name="privacy", action=Action.BLOCK),),
        (policy(MAIL, name="other"),),
    ],
    ids=["removed", "blocks", "renamed"],
)
async def test_what_the_candidate_can_never_do_is_gone_for_sure(now: tuple[Guardrail, ...]) -> None:
    one = exchange(verdicts=(verdict(Side.INPUT, finding(PLACE, 0, 4, check="word")),))
    asked, _ = await sides(one, *now, content="redacted")
    assert asked.unknown == frozenset()
    # Another guardrail might have redacted the exchange all the same.
    assert (Effect.REDACTED in asked.may) is any(guardrail.name == "other" for guardrail in now)


async def test_of_what_a_header_may_have_done_nobody_can_tell() -> None:
    then = verdict(Side.INPUT, guardrail="entry", **BLOCKED)
    token = policy(Token(), name="entry", action=Action.BLOCK)  # type: ignore[arg-type]
    asked, answered = await sides(exchange(verdicts=(then,)), token)
    assert (asked.missing, asked.is_redacted, asked.is_altered) == (None, False, False)
    assert asked.unknown == marks(asked.then) == {Mark(Effect.BLOCKED, Side.INPUT, "entry")}
    assert asked.may == {Effect.BLOCKED}
    assert not answered.may
    asked, _ = await sides(exchange(verdicts=(then,)), policy(MAIL, name="entry", action=Action.BLOCK))
    assert (asked.unknown, asked.may) == (frozenset(), frozenset())


async def test_what_was_taken_out_of_an_answer_is_not_on_record_whatever_is_kept() -> None:
    then = verdict(Side.OUTPUT, finding(ANSWER, 0, 4, check="word"))
    one = exchange(response=response("[EMAIL]"), verdicts=(then,))
    _, answered = await sides(one, PRIVACY)
    assert answered.is_altered
    assert answered.unknown == marks(answered.then)


async def test_a_side_that_is_not_there_says_why_and_leaves_it_open() -> None:
    then = verdict(Side.INPUT, finding(PLACE, 0, 4, check="word"), **BLOCKED)
    one = exchange(outcome=Outcome.BLOCKED_INPUT, response=None, verdicts=(then,))
    strict = policy(MAIL, name="privacy", action=Action.BLOCK)
    asked, answered = await sides(one, strict)
    assert (asked.missing, answered.missing) == (None, Missing.BLOCKED_ON_INPUT)
    asked, _ = await sides(one, strict, content="none")
    assert (asked.missing, asked.unknown) == (Missing.NOT_KEPT, marks(asked.then))


async def test_an_exchange_that_was_rejected_is_left_alone() -> None:
    one = await replayed(exchange(outcome=Outcome.REJECTED), PRIVACY)
    assert (one.sides, one.missing) == ((), Missing.REJECTED)


@pytest.mark.parametrize(
    ("document", "missing"), [([1, 2], Missing.TOKENS), ("to a@b", None), (["to", "a@b"], None)]
)
async def test_tokens_are_no_text(document: Any, missing: Missing | None) -> None:
    one = exchange(operation=Operation.EMBEDDINGS, request={"model": "m", "input": document}, response=None)
    asked, answered = await sides(one, PRIVACY)
    assert (asked.missing, answered.missing) == (missing, Missing.VECTORS)
    assert wholes(marks(asked.now)) == (set() if missing else {("privacy", Effect.REDACTED)})


@pytest.mark.parametrize("answer", [{"choices": ["x"]}, {"choices": [{"finish_reason": 1, "message": {}}]}])
async def test_an_answer_that_is_none_cannot_be_read(answer: dict[str, Any]) -> None:
    _, answered = await sides(exchange(response=answer), PRIVACY)
    assert answered.missing is Missing.UNREADABLE


@pytest.mark.parametrize(
    ("check", "blocked"),
    [
        ({"models": {"deny": ["gpt-4o"]}}, True),
        ({"models": {"deny": ["asked"]}}, True),
        ({"models": {"deny": ["gpt-5"]}}, False),
        ({"metadata": {"all": ["team"]}}, False),
        ({"metadata": {"all": ["project"]}}, True),
    ],
)
async def test_checks_about_exchanges_know_what_is_on_record(check: dict[str, Any], blocked: bool) -> None:
    policy_ = guardrail("exchange", {"on": ["input"], "action": "block", "checks": [check]})
    one = exchange(requested_model="asked", metadata={"team": "a"})
    asked, _ = await sides(one, policy_)
    assert [said.blocked for said in asked.now] == [blocked]
