"""How hard a model on Bedrock is told to think."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.wire.bedrock.thinking import ThinkingPlan, plan_thinking
from app.wire.conversation import (
    AssistantTurn,
    Call,
    Conversation,
    TextPart,
    ToolChoice,
    ToolTurn,
    Turn,
    UserTurn,
)
from app.wire.params import Params

CALL = Call("c", "f", {}, "m")
RESULT = ToolTurn("c", "f", (TextPart("x", "m"),), "m")
SIGNED = ({"type": "thinking", "thinking": "a", "signature": "s"},)
CLAUDE_4 = Abilities(thinking="budget")
CLAUDE_5 = Abilities(thinking="adaptive")


def _plan(
    abilities: Abilities,
    *turns: Turn,
    family: str = "",
    max_tokens: int | None = None,
    forced: bool = False,
    **fields: Any,
) -> tuple[ThinkingPlan, tuple[str, ...]]:
    params = Params(fields, "drop", "a test")
    choice = ToolChoice("required") if forced else None
    conversation = Conversation(turns=turns or (UserTurn((), "m"),), choice=choice)
    plan = plan_thinking(conversation, abilities, params, family=family, max_tokens=max_tokens)
    return plan, params.dropped


def _budget(tokens: int) -> ThinkingPlan:
    return ThinkingPlan(fields={"thinking": {"type": "enabled", "budget_tokens": tokens}}, thinks=True)


@pytest.mark.parametrize(("effort", "tokens"), [("minimal", 1024), ("low", 2048), ("high", 16_384)])
def test_an_effort_may_be_a_number_of_tokens(effort: str, tokens: int) -> None:
    assert _plan(CLAUDE_4, reasoning_effort=effort) == (_budget(tokens), ())


def test_thoughts_leave_half_of_the_answer() -> None:
    assert _plan(CLAUDE_4, reasoning_effort="high", max_tokens=4000) == (_budget(2000), ())
    assert _plan(CLAUDE_4, reasoning_effort="low", max_tokens=1024) == (ThinkingPlan(), ("reasoning_effort",))


def test_thoughts_that_are_missing_stop_the_thinking_within_a_round_of_tools() -> None:
    lacking = AssistantTurn((), (CALL,), "m")
    unsigned = AssistantTurn((), (CALL,), "m", thinking_blocks=({"type": "thinking", "thinking": "a"},))
    signed = AssistantTurn((), (CALL,), "m", thinking_blocks=SIGNED)
    own = {"type": "enabled", "budget_tokens": 2048}
    assert _plan(CLAUDE_4, lacking, RESULT, reasoning_effort="low") == (ThinkingPlan(), ("reasoning_effort",))
    assert _plan(CLAUDE_4, unsigned, RESULT, reasoning_effort="low")[1] == ("reasoning_effort",)
    assert _plan(CLAUDE_4, unsigned, RESULT, thinking=own) == (ThinkingPlan(), ("thinking",))
    assert _plan(CLAUDE_4, signed, RESULT, reasoning_effort="low") == (_budget(2048), ())
    assert _plan(CLAUDE_4, lacking, RESULT, UserTurn((), "m"), reasoning_effort="low") == (_budget(2048), ())


def test_an_effort_may_be_one_of_claudes() -> None:
    thinking = {"type": "adaptive", "display": "summarized"}
    expected = ThinkingPlan(fields={"thinking": thinking}, effort="low", thinks=True)
    assert _plan(CLAUDE_5, reasoning_effort="minimal") == (expected, ())


def test_an_effort_may_be_one_of_novas_or_openais() -> None:
    level = {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}}
    assert _plan(Abilities(thinking="level"), reasoning_effort="max")[0].fields == level
    assert _plan(Abilities(thinking="effort"), reasoning_effort="low")[0].fields == {
        "reasoning_effort": "low"
    }


def test_no_effort_is_no_thinking_where_that_can_be() -> None:
    assert _plan(CLAUDE_5, reasoning_effort="none")[0] == ThinkingPlan(
        fields={"thinking": {"type": "disabled"}}
    )
    assert _plan(Abilities(), reasoning_effort="none") == (ThinkingPlan(), ())
    always = Abilities(thinking="adaptive", always_thinks=True)
    assert _plan(always, reasoning_effort="none") == (ThinkingPlan(thinks=True), ("reasoning_effort",))
    limited = Abilities(thinking="effort", efforts=("low", "high"))
    assert _plan(limited, reasoning_effort="none") == (ThinkingPlan(thinks=True), ("reasoning_effort",))
    assert _plan(Abilities(thinking="effort"), reasoning_effort="none")[0].fields == {
        "reasoning_effort": "none"
    }


def test_a_model_that_does_not_think_is_not_asked_to() -> None:
    assert _plan(Abilities(), reasoning_effort="high") == (ThinkingPlan(), ("reasoning_effort",))
    assert _plan(Abilities(), family="anthropic", reasoning_effort="high")[1] == ("reasoning_effort",)
    very = _plan(Abilities(thinking="level"), reasoning_effort="very")
    assert very == (ThinkingPlan(), ("reasoning_effort",))


def test_a_forced_call_goes_before_thinking() -> None:
    assert _plan(CLAUDE_4, forced=True, reasoning_effort="low") == (ThinkingPlan(), ("reasoning_effort",))
    own = {"type": "enabled", "budget_tokens": 2048}
    assert _plan(CLAUDE_4, forced=True, thinking=own) == (ThinkingPlan(), ("thinking",))
    both = Abilities(thinking="budget", forced_tools_while_thinking=True)
    assert _plan(both, forced=True, reasoning_effort="low") == (_budget(2048), ())


def test_anthropics_own_field_is_taken_as_it_is() -> None:
    own = {"type": "enabled", "budget_tokens": 3000}
    plan = ThinkingPlan(fields={"thinking": own}, thinks=True)
    assert _plan(CLAUDE_4, thinking=own, reasoning_effort="low") == (plan, ("reasoning_effort",))
    assert _plan(CLAUDE_5, thinking={"type": "disabled"})[0].thinks is False


def test_an_effort_a_model_does_not_know_becomes_the_nearest() -> None:
    limited = Abilities(thinking="adaptive", efforts=("high",))
    assert _plan(limited, reasoning_effort="low")[0].effort == "high"
    level = Abilities(thinking="level", efforts=("low", "high"))
    found = _plan(level, reasoning_effort="medium")[0].fields["reasoningConfig"]
    assert found["maxReasoningEffort"] == "high"
