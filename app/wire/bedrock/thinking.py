"""How hard a model on Bedrock is told to think: `reasoning_effort` in each family's own words.

Claude takes Anthropic's `thinking` among the model's own fields and, from 4.6 on, an effort in
`outputConfig` (service model, `OutputConfig`); the rules are those of `app/wire/claude_thinking.py`. Nova 2
takes `reasoningConfig` (Nova User Guide, "Extended thinking", 2026-11); OpenAI's open models take
`reasoning_effort` as it is.
"""

from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.wire.bedrock.turns import thought
from app.wire.claude_thinking import read_thinking, settled
from app.wire.conversation import AssistantTurn, Conversation
from app.wire.efforts import SCALE, nearest
from app.wire.params import Params

_NOVA_EFFORTS = ("low", "medium", "high")
_OPENAI_EFFORTS = SCALE[1:]


class ThinkingPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says about thinking."""

    fields: dict[str, Any] = {}
    """For `additionalModelRequestFields`."""
    effort: str | None = None
    """For `outputConfig.effort`."""
    thinks: bool = False


def plan_thinking(
    conversation: Conversation, abilities: Abilities, params: Params, *, family: str, max_tokens: int | None
) -> ThinkingPlan:
    """Return what the request says about thinking.

    Args:
        conversation: what is asked.
        abilities: of the model.
        params: its `reasoning_effort` and, for Claude, `thinking` are taken.
        family: who made the model; a profile does not say, but Claude's ways to think tell.
        max_tokens: of the answer, thoughts included.
    """
    if family == "anthropic" or abilities.thinking in {"budget", "adaptive"}:
        thinking = read_thinking(params, abilities, max_tokens)
        thinking = settled(thinking, conversation, abilities, params, _has_thought)
        return ThinkingPlan(
            fields={} if thinking.config is None else {"thinking": thinking.config},
            effort=thinking.effort,
            thinks=thinking.is_on or abilities.always_thinks,
        )
    effort = params.take("reasoning_effort")
    if effort is None:
        return ThinkingPlan(thinks=abilities.always_thinks)
    if effort == "none":
        return _off(abilities, params)
    if effort not in SCALE or abilities.thinking == "none":
        params.lose("reasoning_effort", effort, "It does not think, or not by that word.")
        return ThinkingPlan(thinks=abilities.always_thinks)
    if abilities.thinking == "level":
        level = {"type": "enabled", "maxReasoningEffort": _effort(effort, abilities, _NOVA_EFFORTS)}
        return ThinkingPlan(fields={"reasoningConfig": level})
    return ThinkingPlan(fields={"reasoning_effort": _effort(effort, abilities, _OPENAI_EFFORTS)})


def _has_thought(turn: AssistantTurn) -> bool:
    return any(thought(block) is not None for block in turn.thinking_blocks)


def _effort(effort: str, abilities: Abilities, words: tuple[str, ...]) -> str:
    efforts = abilities.efforts
    known = words if efforts is None else tuple(word for word in words if word in efforts) or words
    return nearest(effort, known)


def _off(abilities: Abilities, params: Params) -> ThinkingPlan:
    """Return how a model that is not Claude is told not to think."""
    is_effort = abilities.thinking == "effort"
    if abilities.always_thinks or (
        is_effort and abilities.efforts is not None and "none" not in abilities.efforts
    ):
        params.lose("reasoning_effort", "none", "It always thinks.")
        return ThinkingPlan(thinks=True)
    return ThinkingPlan(fields={"reasoning_effort": "none"} if is_effort else {})
