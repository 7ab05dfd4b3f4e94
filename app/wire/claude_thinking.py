"""How hard a Claude model is asked to think, wherever it is hosted, and how long its answer may be.

Both belong together: thinking counts towards `max_tokens`, and a budget must be below it. Models differ
(docs.claude.com, "Extended thinking" and "Effort", 2026-11): older ones take a budget of tokens, newer ones
decide themselves within an effort; `app/domain/abilities.py` says which. A caller may also give Anthropic's
own `thinking`, which goes on as it is. Where these words stand in a request is said by the formats of the
hosts, `app/wire/anthropic` and `app/wire/bedrock`; the rules are the model's, so they are here.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.conversation import AssistantTurn, Conversation, UserTurn
from app.wire.efforts import SCALE, nearest
from app.wire.params import Params

DEFAULT_MAX_TOKENS = 4096
"""Where neither the caller nor the model's abilities name a limit: what every Claude model takes."""
_MIN_BUDGET = 1024
"""`budget_tokens` must not be less (anthropic SDK 2.12, `ThinkingConfigEnabledParam`)."""
_EFFORTS = ("low", "medium", "high", "xhigh", "max")
"""Anthropic's `output_config.effort` (anthropic SDK 2.12, `OutputConfigParam`)."""
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 10_000, "high": 16_384, "xhigh": 32_768, "max": 32_768}
"""Tokens for an effort; OpenAI names no numbers. Those of pydantic-ai 4fda389, so that answers of two clients
compare."""


class Thinking(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the model beside its answer."""

    config: dict[str, Any] | None = None
    """`thinking`; None: not said."""
    effort: str | None = None
    """`output_config.effort`; None: not said."""
    param: str = "thinking"
    """Which of the caller's parameters this came from."""
    value: Any = None
    """Of that parameter."""

    @property
    def is_on(self) -> bool:
        """Whether the model is asked to think before it answers."""
        return self.config is not None and self.config.get("type") != "disabled"

    @property
    def budget(self) -> int:
        """Return the tokens it may think; 0 where it decides itself."""
        tokens = self.config.get("budget_tokens") if self.config is not None else None
        return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) else 0


def read_thinking(params: Params, abilities: Abilities, limit: int | None) -> Thinking:
    """Take `thinking` and `reasoning_effort`.

    Args:
        params: of the request.
        abilities: of the model.
        limit: tokens of the answer that the caller allows; None: he did not say.

    Raises:
        InvalidRequest: one of them is none, or must not be left out.
    """
    given, effort = params.take("thinking"), params.take("reasoning_effort")
    if effort is not None and effort not in SCALE:
        raise InvalidRequest(
            f"`reasoning_effort` must be one of {', '.join(SCALE)}.", param="reasoning_effort"
        )
    if given is not None:
        if not isinstance(given, dict):
            raise InvalidRequest("`thinking` must be an object.", param="thinking")
        return Thinking(config=given, effort=_given_effort(effort, params, abilities), value=given)
    if effort is None:
        return Thinking()
    return _of_effort(effort, params, abilities, limit)


def settled(
    thinking: Thinking,
    talk: Conversation,
    abilities: Abilities,
    params: Params,
    has_thought: Callable[[AssistantTurn], bool],
) -> Thinking:
    """Return the thinking that goes together with the rest of the request, if any does.

    A forced tool changes the answer, so it wins over thinking, which only betters it. And a model that has a
    budget to think refuses a turn of calls that it should have begun with a thought.

    Args:
        thinking: what is asked for.
        talk: what it is to be thought about.
        abilities: of the model.
        params: of the request, to report what is lost.
        has_thought: whether the host is given a turn with a signed thought in front.
    """
    if (
        thinking.is_on
        and forces(talk)
        and abilities.forced_tools
        and not abilities.always_thinks
        and not abilities.forced_tools_while_thinking
    ):
        params.lose(thinking.param, thinking.value, "It cannot be combined with a forced tool.")
        return Thinking()
    if thinking.budget:
        turn = _turn_of_calls(talk)
        if turn is not None and not has_thought(turn):
            reason = "The turn of the calls does not begin with a thought."
            params.lose(thinking.param, thinking.value, reason)
            return Thinking()
    return thinking


def may_force(thinking: Thinking, abilities: Abilities) -> bool:
    """Whether the model can be made to call a tool while it thinks so."""
    thinks = thinking.is_on or abilities.always_thinks
    return abilities.forced_tools and (abilities.forced_tools_while_thinking or not thinks)


def forces(talk: Conversation) -> bool:
    """Whether the caller leaves the model no choice but to call a tool."""
    return talk.choice is not None and talk.choice.mode == "required"


def max_tokens(limit: int | None, thinking: Thinking, abilities: Abilities) -> int:
    """Return `max_tokens`, which Anthropic requires; thinking gets its budget on top of the default."""
    if limit is not None:
        return limit
    return abilities.max_output_tokens or DEFAULT_MAX_TOKENS + thinking.budget


def _turn_of_calls(talk: Conversation) -> AssistantTurn | None:
    """Return the turn behind whose calls the conversation waits; None if it does not."""
    for turn in reversed(talk.turns):
        if isinstance(turn, UserTurn):
            return None
        if isinstance(turn, AssistantTurn):
            return turn if turn.calls else None
    return None


def _given_effort(effort: str | None, params: Params, abilities: Abilities) -> str | None:
    """Return what an effort beside the vendor's own `thinking` adds to it."""
    if effort is None:
        return None
    if abilities.thinking in {"none", "budget"} or effort == "none":
        params.lose("reasoning_effort", effort, "`thinking` says it already.")
        return None
    return _nearest(effort, abilities)


def _of_effort(effort: str, params: Params, abilities: Abilities, limit: int | None) -> Thinking:
    if abilities.thinking == "none":
        if effort != "none":
            params.lose("reasoning_effort", effort, "The model does not think.")
        return Thinking()
    if effort == "none":
        if abilities.always_thinks:
            params.lose("reasoning_effort", effort, "The model always thinks.")
            return Thinking()
        return Thinking(config={"type": "disabled"}, param="reasoning_effort", value=effort)
    if abilities.thinking == "budget":
        return _budget(effort, params, abilities, limit)
    # Without `display` some models sign their thoughts and show nothing of them.
    return Thinking(
        config={"type": "adaptive", "display": "summarized"} if abilities.thinking == "adaptive" else None,
        effort=_nearest(effort, abilities),
        param="reasoning_effort",
        value=effort,
    )


def _budget(effort: str, params: Params, abilities: Abilities, limit: int | None) -> Thinking:
    """Return a budget that leaves the answer at least half of what is allowed in all."""
    allowed = limit if limit is not None else abilities.max_output_tokens
    tokens = _BUDGETS[effort] if allowed is None else min(_BUDGETS[effort], allowed // 2)
    if tokens < _MIN_BUDGET:
        params.lose("reasoning_effort", effort, "The limit of tokens leaves no room to think.")
        return Thinking()
    config = {"type": "enabled", "budget_tokens": tokens}
    return Thinking(config=config, param="reasoning_effort", value=effort)


def _nearest(effort: str, abilities: Abilities) -> str:
    """Return the effort nearest to this that the model takes."""
    known = abilities.efforts if abilities.efforts is not None else _EFFORTS
    words = [word for word in _EFFORTS if word in known] or _EFFORTS
    return nearest(effort, words)
