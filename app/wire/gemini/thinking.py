"""How hard a Gemini model is to think: OpenAI's `reasoning_effort` as a budget or as a level.

Gemini 2.5 takes a number of tokens, Gemini 3 a word; both at once are an error. Budgets are those of Google's
own OpenAI-compatible endpoint (ai.google.dev/gemini-api/docs/openai, 2026-11); the smallest that the Pro
model takes, which cannot stop thinking, is 128 (docs/thinking).
"""

from typing import Any, TypeGuard

from app.domain.abilities import Abilities
from app.wire.efforts import SCALE, nearest
from app.wire.params import Params

_BUDGETS = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}
_LEAST_BUDGET = 128
_LEVELS = {"none": "MINIMAL", "max": "XHIGH"}
"""Where Google's word is another one; thinking cannot be switched off."""


def thinking_config(params: Params, abilities: Abilities) -> dict[str, Any] | None:
    """Return `thinkingConfig` for what was asked, None if nothing was; takes it from the parameters.

    Anthropic's `thinking` is understood too, as clients that talk to several providers send it.
    """
    effort, wish = params.take("reasoning_effort"), params.take("thinking")
    if isinstance(wish, dict):
        budget = wish.get("budget_tokens")
        if wish.get("type") == "disabled":
            effort = effort or "none"
        elif abilities.thinking == "budget" and _is_count(budget):
            return {"includeThoughts": True, "thinkingBudget": budget}
        else:
            effort = effort or (_effort_of(budget) if _is_count(budget) else "medium")
    if effort is None:
        return None
    if effort not in SCALE or abilities.thinking not in {"budget", "level"}:
        params.lose("reasoning_effort" if wish is None else "thinking", effort if wish is None else wish)
        return None
    effort = nearest(effort, abilities.efforts)
    if abilities.thinking == "level":
        level = _LEVELS.get(effort, effort.upper())
        return {"includeThoughts": effort != "none", "thinkingLevel": level}
    if effort == "none" and not abilities.always_thinks:
        return {"includeThoughts": False, "thinkingBudget": 0}
    budget = max(_BUDGETS.get(effort, _BUDGETS["high"]), _LEAST_BUDGET)
    return {"includeThoughts": effort != "none", "thinkingBudget": budget}


def _effort_of(budget: int) -> str:
    return next((effort for effort in ("low", "medium") if budget <= _BUDGETS[effort]), "high")


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
