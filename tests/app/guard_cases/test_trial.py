"""A case is put to the guardrails as an exchange would be."""

from collections.abc import Sequence

import pytest

from app.guard_cases.cases import Case
from app.guard_cases.trial import tried
from guardrails import Action, Decision, Engine, Match, Mode, Run
from guardrails.mutations import zero_width
from tests.guardrails.planted import Broken, Groups, Word, policy

MAIL = Word("email", r"[a-z]+@[a-z]+")
ENGINE = Engine(
    [
        policy(MAIL, name="privacy"),
        policy(Groups("number", "[0-9]"), name="watch", action=Action.BLOCK, mode=Mode.MONITOR),
    ],
    b"key",
)


@pytest.mark.parametrize("on", ["input", "output"])
@pytest.mark.parametrize("split", [False, True])
async def test_what_is_found_is_named_by_check_and_rule(on: str, split: bool) -> None:
    result = await tried(ENGINE, Case(text="write a@b or call 12 34", on=on), split=split)  # type: ignore[arg-type]
    assert result.found == {"word", "word.email", "groups", "groups.number"}
    assert result.decisions == (("privacy", Decision.REDACT), ("watch", Decision.BLOCK))
    assert result.failed == ()


async def test_a_disguised_text_is_tried_disguised() -> None:
    result = await tried(ENGINE, Case(text="call 12"), zero_width)
    assert result.found == {"groups", "groups.number"}
    assert (await tried(ENGINE, Case(text="aa@bb"), lambda _: "nothing")).found == set()


async def test_every_text_of_a_request_is_tried() -> None:
    messages = ({"role": "user", "content": "a@b"}, {"role": "tool", "content": "12", "tool_call_id": "x"})
    result = await tried(ENGINE, Case(messages=messages))
    assert {"word.email", "groups.number"} <= result.found


async def test_what_parts_of_a_message_spell_together_is_tried() -> None:
    halves = [{"type": "text", "text": "write to a@"}, {"type": "text", "text": "b now"}]
    result = await tried(ENGINE, Case(messages=({"role": "user", "content": halves},)))
    assert result.found == {"word", "word.email"}


async def test_a_guardrail_that_fails_is_named_with_why() -> None:
    engine = Engine([policy(Broken(KeyError("x")), name="broken")], b"key")
    assert (await tried(engine, Case(text="a"))).failed == ("broken (KeyError)",)


async def test_an_empty_answer_is_tried() -> None:
    assert (await tried(ENGINE, Case(text="", on="output"), split=True)).found == set()


class Hasty(Groups):
    """Lets go of a number before it is complete: in pieces it is not found as it is in the whole."""

    def is_open(self, text: str, start: int) -> bool:
        return False

    def find(self, run: Run) -> Sequence[Match]:
        return [match for match in super().find(run) if match.end - match.start > len("12 34")]


async def test_a_split_answer_does_come_in_pieces() -> None:
    engine = Engine([policy(Hasty("number", "[0-9]"), name="hasty")], b"key")
    case = Case(text="call 12 34 56 now", on="output")
    assert (await tried(engine, case)).found
    assert not (await tried(engine, case, split=True)).found
