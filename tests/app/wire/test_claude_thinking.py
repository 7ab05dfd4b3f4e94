"""How hard a model thinks, by what it understands, within what the answer may cost."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.anthropic.format import AnthropicFormat
from app.wire.bedrock.format import BedrockFormat
from app.wire.claude_thinking import Thinking, forces, max_tokens, may_force, read_thinking, settled
from app.wire.conversation import AssistantTurn, Call, Conversation, ToolChoice, ToolTurn, Turn, UserTurn
from app.wire.efforts import SCALE
from app.wire.format import Question
from app.wire.params import Params

BUDGET = Abilities(thinking="budget")
ADAPTIVE = Abilities(thinking="adaptive")


def read(abilities: Abilities, limit: int | None = None, **document: Any) -> tuple[Thinking, tuple[str, ...]]:
    params = Params(document, "drop", "a test")
    return read_thinking(params, abilities, limit), params.dropped


@pytest.mark.parametrize(
    ("effort", "limit", "tokens"),
    [
        ("minimal", None, 1024),
        ("low", None, 2048),
        ("medium", None, 10_000),
        ("high", None, 16_384),
        ("max", None, 32_768),
        ("high", 8000, 4000),
        ("low", 2048, 1024),
    ],
)
def test_an_effort_is_a_budget_that_leaves_room_for_the_answer(
    effort: str, limit: int | None, tokens: int
) -> None:
    thinking, dropped = read(BUDGET, limit, reasoning_effort=effort)
    assert thinking.config == {"type": "enabled", "budget_tokens": tokens}
    assert (thinking.is_on, thinking.budget, dropped) == (True, tokens, ())
    assert max_tokens(limit, thinking, BUDGET) > tokens


def test_a_limit_without_room_to_think_loses_the_effort() -> None:
    thinking, dropped = read(BUDGET, 2047, reasoning_effort="max")
    assert (thinking, dropped) == (Thinking(), ("reasoning_effort",))


def test_the_budget_stays_below_what_the_model_can_say() -> None:
    small = Abilities(thinking="budget", max_output_tokens=8192)
    thinking, _ = read(small, reasoning_effort="xhigh")
    assert thinking.budget == 4096
    assert max_tokens(None, thinking, small) == 8192


@pytest.mark.parametrize(
    ("effort", "known", "said"),
    [
        ("minimal", None, "low"),
        ("medium", None, "medium"),
        ("max", None, "max"),
        ("max", ("low", "medium", "high"), "high"),
        ("medium", ("low", "high"), "high"),
        ("high", ("none",), "high"),
    ],
)
def test_an_effort_goes_to_the_nearest_the_model_takes(
    effort: str, known: tuple[str, ...] | None, said: str
) -> None:
    thinking, dropped = read(Abilities(thinking="adaptive", efforts=known), reasoning_effort=effort)
    assert thinking.config == {"type": "adaptive", "display": "summarized"}
    assert (thinking.effort, thinking.budget, dropped) == (said, 0, ())


def test_a_model_with_efforts_alone_is_told_the_effort_alone() -> None:
    thinking, _ = read(Abilities(thinking="effort"), reasoning_effort="low")
    assert (thinking.config, thinking.effort) == (None, "low")


@pytest.mark.parametrize("abilities", [BUDGET, ADAPTIVE])
def test_no_effort_switches_thinking_off(abilities: Abilities) -> None:
    thinking, dropped = read(abilities, reasoning_effort="none")
    assert (thinking.config, thinking.is_on, dropped) == ({"type": "disabled"}, False, ())


@pytest.mark.parametrize(
    ("abilities", "effort", "dropped"),
    [
        (Abilities(), "high", ("reasoning_effort",)),
        (Abilities(), "none", ()),
        (Abilities(thinking="adaptive", always_thinks=True), "none", ("reasoning_effort",)),
    ],
)
def test_what_a_model_cannot_do_is_lost(abilities: Abilities, effort: str, dropped: tuple[str, ...]) -> None:
    assert read(abilities, reasoning_effort=effort) == (Thinking(), dropped)


def test_the_vendor_s_own_thinking_goes_on_as_it_is() -> None:
    given = {"type": "enabled", "budget_tokens": 2000, "display": "omitted"}
    thinking, dropped = read(BUDGET, thinking=given, reasoning_effort="high")
    assert thinking.config == given
    assert dropped == ("reasoning_effort",)
    assert max_tokens(None, thinking, BUDGET) == 6096
    thinking, dropped = read(ADAPTIVE, thinking={"type": "adaptive"}, reasoning_effort="high")
    assert (thinking.effort, dropped) == ("high", ())


@pytest.mark.parametrize("document", [{"thinking": "yes"}, {"reasoning_effort": "heroic"}])
def test_what_is_none_of_it_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(ADAPTIVE, **document)
    assert caught.value.param in document


def test_without_any_word_the_default_is_what_all_models_take() -> None:
    thinking, dropped = read(ADAPTIVE)
    assert (thinking, dropped) == (Thinking(), ())
    assert max_tokens(None, thinking, ADAPTIVE) == 4096
    assert max_tokens(7, thinking, ADAPTIVE) == 7


CALLS = AssistantTurn((), (Call("c", "f", {}, "m"),), "m")
RESULT = ToolTurn("c", "f", (), "m")
ON = Thinking(config={"type": "enabled", "budget_tokens": 2000}, value="own")


def settle(
    *turns: Turn, abilities: Abilities = BUDGET, choice: ToolChoice | None = None, has_thought: bool = False
) -> tuple[Thinking, tuple[str, ...]]:
    params = Params({}, "drop", "a test")
    talk = Conversation(turns=turns, choice=choice)
    return settled(ON, talk, abilities, params, lambda _: has_thought), params.dropped


def test_a_forced_tool_wins_over_thinking_where_one_of_them_must_go() -> None:
    forced = ToolChoice("required")
    assert settle(choice=forced) == (Thinking(), ("thinking",))
    both = Abilities(thinking="budget", forced_tools_while_thinking=True)
    assert settle(choice=forced, abilities=both) == (ON, ())
    assert settle(choice=forced, abilities=Abilities(thinking="budget", forced_tools=False)) == (ON, ())
    assert settle(choice=forced, abilities=Abilities(thinking="budget", always_thinks=True)) == (ON, ())
    assert settle(choice=ToolChoice("auto")) == (ON, ())


def test_calls_without_a_thought_are_gone_on_with_without_thinking() -> None:
    assert settle(CALLS, RESULT) == (Thinking(), ("thinking",))
    assert settle(CALLS, RESULT, has_thought=True) == (ON, ())
    assert settle(CALLS, RESULT, UserTurn((), "m")) == (ON, ())
    assert settle(AssistantTurn((), (), "m")) == settle() == (ON, ())


def test_a_model_can_be_made_to_call_a_tool_unless_it_thinks() -> None:
    assert may_force(Thinking(), BUDGET)
    assert not may_force(ON, BUDGET)
    assert not may_force(Thinking(), Abilities(always_thinks=True))
    assert not may_force(Thinking(), Abilities(forced_tools=False))
    assert may_force(ON, Abilities(forced_tools_while_thinking=True))


def test_only_a_choice_that_is_required_forces() -> None:
    assert forces(Conversation(choice=ToolChoice("required", ("f",))))
    assert not forces(Conversation(choice=ToolChoice("auto")))
    assert not forces(Conversation())


@given(
    effort=st.sampled_from([None, *SCALE]),
    own=st.sampled_from([None, {"type": "disabled"}, {"type": "enabled", "budget_tokens": 2000}]),
    limit=st.none() | st.integers(1, 50_000),
    signature=st.sampled_from([None, "", "c2ln"]),
    waits=st.booleans(),
    forces_tool=st.booleans(),
    abilities=st.builds(
        Abilities,
        thinking=st.sampled_from(["none", "budget", "adaptive"]),
        always_thinks=st.booleans(),
        forced_tools=st.booleans(),
        efforts=st.sampled_from([None, ("low", "high")]),
    ),
)
def test_claude_is_asked_to_think_alike_by_all_hosts(
    effort: str | None,
    own: dict[str, Any] | None,
    limit: int | None,
    signature: str | None,
    waits: bool,
    forces_tool: bool,
    abilities: Abilities,
) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    thought = {"type": "thinking", "thinking": "hm", "signature": signature}
    calls = {"role": "assistant", "content": None, "tool_calls": [call], "thinking_blocks": [thought]}
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Hi"}]
    if waits:
        messages += [calls, {"role": "tool", "tool_call_id": "c", "content": "ok"}]
    document: dict[str, Any] = {
        "messages": messages,
        "max_tokens": limit,
        "reasoning_effort": effort,
        "thinking": own,
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "tool_choice": "required" if forces_tool else "auto",
    }
    question = Question(
        model="anthropic.claude",
        document=document,
        abilities=abilities,
        stream=False,
        unsupported="drop",
        strict=True,
    )
    found: list[object] = []
    for ask in (AnthropicFormat().ask, BedrockFormat(lambda: 0.0).ask):
        try:
            asked = ask(question)
        except InvalidRequest as error:
            found.append(error.param)
            continue
        body = json.loads(asked.content)
        fields = body.get("additionalModelRequestFields", body)
        effort_said = body.get("outputConfig", body.get("output_config", {})).get("effort")
        found.append((fields.get("thinking"), effort_said, asked.dropped))
    assert found[0] == found[1]
