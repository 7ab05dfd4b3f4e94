"""How hard a model on Bedrock is told to think: `reasoning_effort` in each family's own words.

Claude takes Anthropic's `thinking` among the model's own fields and, from 4.6 on, an effort in
`outputConfig` (service model, `OutputConfig`); Nova 2 takes `reasoningConfig` (Nova User Guide, "Extended
thinking", 2026-11); OpenAI's open models take `reasoning_effort` as it is.
"""

from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.wire.conversation import AssistantTurn, Conversation, ToolTurn
from app.wire.params import Params

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 10_000, "high": 16_384, "xhigh": 32_768, "max": 32_768}
"""Tokens; those of pydantic-ai's profiles (2026-08), as Anthropic names none."""
MIN_BUDGET = 1024
"""docs.claude.com, "Extended thinking", 2026-11."""
_CLAUDE_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_NOVA_EFFORTS = ("low", "medium", "high")


class ThinkingPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says about thinking."""

    fields: dict[str, Any] = {}
    """For `additionalModelRequestFields`."""
    effort: str | None = None
    """For `outputConfig.effort`."""
    thinks: bool = False


def plan_thinking(
    conversation: Conversation, abilities: Abilities, params: Params, *, max_tokens: int | None, forced: bool
) -> ThinkingPlan:
    """Return what the request says about thinking.

    Args:
        conversation: what is asked.
        abilities: of the model.
        params: its `reasoning_effort` and `thinking` are taken.
        max_tokens: of the answer, thoughts included.
        forced: whether the caller insists on the call of a tool, which goes before.
    """
    own = params.take("thinking") if abilities.thinking in {"budget", "adaptive"} else None
    effort = params.take("reasoning_effort")
    if isinstance(own, dict):
        return ThinkingPlan(fields={"thinking": own}, thinks=own.get("type") in {"enabled", "adaptive"})
    if effort is None:
        return ThinkingPlan(thinks=abilities.always_thinks)
    if effort == "none":
        return _off(abilities, params)
    loss = _why_not(effort, abilities, forced=forced)
    if loss is not None:
        params.lose("reasoning_effort", effort, loss)
        return ThinkingPlan(thinks=abilities.always_thinks)
    if abilities.thinking == "budget":
        return _budget(conversation, effort, params, max_tokens)
    return _by_word(effort, abilities)


def nearest(effort: str, efforts: tuple[str, ...]) -> str:
    """Return the effort nearest to the wish among those; of two as near, the lesser."""
    place = EFFORTS.index(effort)
    known = [name for name in efforts if name in EFFORTS] or list(EFFORTS)
    return min(known, key=lambda name: (abs(EFFORTS.index(name) - place), EFFORTS.index(name)))


def _why_not(effort: str, abilities: Abilities, *, forced: bool) -> str | None:
    if effort not in EFFORTS or abilities.thinking == "none":
        return "It does not think, or not by that word."
    if forced and not abilities.forced_tools_while_thinking and abilities.thinking in {"budget", "adaptive"}:
        return "It cannot be combined with a forced tool."
    return None


def _by_word(effort: str, abilities: Abilities) -> ThinkingPlan:
    match abilities.thinking:
        case "adaptive":
            fields = {"thinking": {"type": "adaptive", "display": "summarized"}}
            return ThinkingPlan(
                fields=fields, effort=_effort(effort, abilities, _CLAUDE_EFFORTS), thinks=True
            )
        case "level":
            level = {"type": "enabled", "maxReasoningEffort": _effort(effort, abilities, _NOVA_EFFORTS)}
            return ThinkingPlan(fields={"reasoningConfig": level})
        case _:
            return ThinkingPlan(fields={"reasoning_effort": _effort(effort, abilities, EFFORTS[1:])})


def _effort(effort: str, abilities: Abilities, words: tuple[str, ...]) -> str:
    efforts = abilities.efforts
    known = words if efforts is None else tuple(word for word in words if word in efforts) or words
    return nearest(effort, known)


def _off(abilities: Abilities, params: Params) -> ThinkingPlan:
    if abilities.always_thinks:
        params.lose("reasoning_effort", "none", "It always thinks.")
        return ThinkingPlan(thinks=True)
    match abilities.thinking:
        case "adaptive":
            return ThinkingPlan(fields={"thinking": {"type": "disabled"}})
        case "effort" if abilities.efforts is None or "none" in abilities.efforts:
            return ThinkingPlan(fields={"reasoning_effort": "none"})
        case "effort":
            params.lose("reasoning_effort", "none", "It always thinks.")
            return ThinkingPlan(thinks=True)
        case _:
            return ThinkingPlan()


def _budget(conversation: Conversation, effort: str, params: Params, max_tokens: int | None) -> ThinkingPlan:
    """Return a number of tokens, below those of the answer, which include them."""
    budget = _BUDGETS[effort]
    if max_tokens is not None and max_tokens <= budget:
        budget = max_tokens - 1
    if budget < MIN_BUDGET:
        params.lose("reasoning_effort", effort, f"Thinking takes more than {MIN_BUDGET} tokens.")
        return ThinkingPlan()
    if _lacks_thoughts(conversation):
        params.lose("reasoning_effort", effort, "The thoughts before the last tool calls are missing.")
        return ThinkingPlan()
    return ThinkingPlan(fields={"thinking": {"type": "enabled", "budget_tokens": budget}}, thinks=True)


def _lacks_thoughts(conversation: Conversation) -> bool:
    """Whether results are given for calls whose signed thoughts are not: then Claude may not think on."""
    for turn in reversed(conversation.turns):
        if isinstance(turn, AssistantTurn):
            return bool(turn.calls) and not turn.thinking_blocks
        if not isinstance(turn, ToolTurn):
            return False
    return False
