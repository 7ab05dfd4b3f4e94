"""A Chat Completions request as the body of an Anthropic Messages request.

Fields are those of the anthropic SDK 2.12 (`MessageCreateParams`) and, for sampling, which wire version
2026-10-21 no longer has, of 0.125 (version 2023-06-01). Turns are written in `anthropic/turns.py`, tools and
answers in JSON in `anthropic/tools.py`, thinking in `app/wire/claude_thinking.py`; the rest stands here.
"""

import re
from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.anthropic.answer import Reading
from app.wire.anthropic.blocks import BlockWriter, keep_last_marks
from app.wire.anthropic.tools import ToolPlan, ToolPlanner
from app.wire.anthropic.turns import MessageWriter, thoughts
from app.wire.claude_thinking import Thinking, forces, max_tokens, may_force, read_thinking, settled
from app.wire.conversation import AssistantTurn, Conversation
from app.wire.conversation_reader import read_conversation
from app.wire.format import Question
from app.wire.params import Params, unsupported

SAMPLING = ("temperature", "top_p", "top_k")
"""What wire version 2026-10-21 refuses at any value."""
_UNSAID = dict.fromkeys(SAMPLING)
_OWN = (
    "cache_control",
    "container",
    "context_management",
    "diagnostics",
    "inference_geo",
    "mcp_servers",
    "speed",
    "user_profile_id",
)
"""Fields of Anthropic's own that callers may give as they are; `thinking`, `output_config` and `betas` are
looked at."""
_TIERS = {"auto": "auto", "default": "standard_only", "standard_only": "standard_only"}
_MIN_TOP_P = 0.95
"""Least `top_p` beside thinking (docs.claude.com, "Extended thinking", 2026-11)."""
_BETA = re.compile(r"[A-Za-z0-9._-]{1,100}")
"""All that are known (anthropic SDK 2.12, `AnthropicBetaParam`) are such; they stand in a header."""
_MAX_BETAS = 20
_FAST_BETA = "fast-mode-2026-02-01"
"""Which some models need for `speed` (anthropic SDK 2.12, `MessageCreateParams.speed`)."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A request in Anthropic's words."""

    body: dict[str, Any]
    """Without `model` and `stream`."""
    betas: tuple[str, ...]
    """Which the caller asked for, or a field needs."""
    reading: Reading
    """How its answer is to be read."""
    dropped: tuple[str, ...]


def write_request(question: Question, *, fetches: bool) -> Written:
    """Say a question in Anthropic's words.

    Args:
        question: what is asked.
        fetches: whether the host loads media from URLs and knows uploaded files.

    Raises:
        InvalidRequest: it cannot be said; `param` names the field.
    """
    return _Writer(question, fetches=fetches).write()


class _Writer:
    """Writes one request."""

    def __init__(self, question: Question, *, fetches: bool) -> None:
        self._question = question
        self._abilities: Abilities = question.abilities
        self._target = f"Anthropic's {question.model}"
        self._params = Params(question.document, question.unsupported, self._target)
        self._blocks = BlockWriter(self._target, self._abilities, fetches=fetches)

    def write(self) -> Written:
        params, abilities = self._params, self._abilities
        talk = read_conversation(self._question.document, params)
        limit = params.take("max_completion_tokens", "max_tokens")
        thinking = self._thinking(talk, limit)
        if talk.is_legacy:  # the deprecated form has room for one call
            talk = msgspec.structs.replace(talk, parallel=False)
        plan = ToolPlan()
        if talk.tools or talk.answer_format is not None:
            items = self._question.document.get("tools") or ()
            planner = ToolPlanner(talk, abilities, params, self._blocks, items)
            plan = planner.plan(may_force=may_force(thinking, abilities))
        messages = MessageWriter(self._blocks, system_in_turns=abilities.system_in_turns)
        messages.write(talk.system, talk.turns)
        if messages.messages[-1]["role"] == "assistant" and not abilities.prefill:
            begun = next(turn for turn in reversed(talk.turns) if isinstance(turn, AssistantTurn))
            raise unsupported(begun.path, self._target, "It cannot go on with an answer that has begun.")
        if plan.instruction is not None:
            messages.system.append({"type": "text", "text": plan.instruction})
        body: dict[str, Any] = {
            "max_tokens": max_tokens(limit, thinking, abilities),
            "messages": messages.messages,
        }
        if messages.system:
            body["system"] = messages.system
        self._say_plan(body, plan, thinking)
        self._say_sampling(body, thinking)
        betas = self._say_rest(body) if params.left else ()
        body.update(params.rest(_OWN))
        keep_last_marks(self._blocks.marked, params, others=1 if "cache_control" in body else 0)
        reading = Reading(
            strict=self._question.strict,
            answer_tool=plan.answer_tool,
            is_legacy=talk.is_legacy,
        )
        return Written(body=body, betas=betas, reading=reading, dropped=params.dropped)

    def _thinking(self, talk: Conversation, limit: int | None) -> Thinking:
        abilities, params = self._abilities, self._params
        thinking = settled(read_thinking(params, abilities, limit), talk, abilities, params, _has_thought)
        if forces(talk) and not may_force(thinking, abilities):
            document = self._question.document
            wish = document.get("tool_choice") or document.get("function_call")
            params.lose("tool_choice", wish, "It cannot be made to call a tool.")
        return thinking

    def _say_plan(self, body: dict[str, Any], plan: ToolPlan, thinking: Thinking) -> None:
        if plan.tools:
            body["tools"] = plan.tools
            if plan.choice is not None:
                body["tool_choice"] = plan.choice
        if thinking.config is not None:
            body["thinking"] = thinking.config
        given = self._params.take("output_config")
        if given is not None or thinking.effort is not None or plan.output_format is not None:
            self._say_output(body, given, plan.output_format, thinking.effort)

    def _say_output(
        self, body: dict[str, Any], given: object, form: dict[str, Any] | None, effort: str | None
    ) -> None:
        """Say of what form the answer is, and how much work it is worth."""
        if given is not None and not isinstance(given, dict):
            raise InvalidRequest("`output_config` must be an object.", param="output_config")
        config = dict(given or {})
        if effort is not None:
            config.setdefault("effort", effort)
        if form is not None:
            config["format"] = form
        if config:
            body["output_config"] = config

    def _say_sampling(self, body: dict[str, Any], thinking: Thinking) -> None:
        """Say how to choose tokens, where the model lets one; a value of 1 is what happens anyway."""
        values = {name: self._params.take(name) for name in SAMPLING}
        if values == _UNSAID:
            return
        thinks = thinking.is_on or self._abilities.always_thinks
        refused = (*self._abilities.refused, *(self._abilities.refused_while_thinking if thinks else ()))
        only_one = self._abilities.temperature_or_top_p and values["temperature"] not in {None, 1}
        for name, value in values.items():
            if value is None:
                continue
            if name in refused:
                self._lose_unless_one(name, value, "The model takes no such parameter.")
            elif thinks and (name != "top_p" or value < _MIN_TOP_P):
                self._lose_unless_one(name, value, "It cannot be combined with thinking.")
            elif name == "top_p" and only_one:
                self._lose_unless_one(name, value, "It cannot be combined with `temperature`.")
            elif name == "temperature" and self._abilities.temperature_or_top_p and not only_one:
                continue
            else:
                body[name] = min(value, 1) if name == "temperature" else value

    def _lose_unless_one(self, name: str, value: Any, reason: str) -> None:  # noqa: ANN401 (JSON)
        if value != 1 or name == "top_k":
            self._params.lose(name, value, reason)

    def _say_rest(self, body: dict[str, Any]) -> tuple[str, ...]:
        """Say the remaining parameters that have other names here; return the betas they need."""
        params = self._params
        self._say_stop(body)
        user = params.take("safety_identifier", "user")
        if user is not None:
            body["metadata"] = {"user_id": user}
        betas = _betas(params.take("betas"))
        tier = params.take("service_tier")
        if tier in _TIERS:
            body["service_tier"] = _TIERS[tier]
        elif tier == "fast":
            body["speed"] = "fast"
            betas = (*betas, _FAST_BETA)
        elif tier is not None:
            params.lose("service_tier", tier)
        return betas

    def _say_stop(self, body: dict[str, Any]) -> None:
        """Say what ends the answer; the vendor refuses sequences of white space alone."""
        stop = self._params.take("stop", "stop_sequences")
        if stop is None:
            return
        texts = [stop] if isinstance(stop, str) else stop
        texts = [text for text in texts if isinstance(text, str) and text.strip()]
        if not texts:
            return
        if "stop" in self._abilities.refused:
            self._params.lose("stop", stop, "The model takes no such parameter.")
        else:
            body["stop_sequences"] = texts


def _betas(given: object) -> tuple[str, ...]:
    """Return features to be switched on. Raises `InvalidRequest` if they cannot stand in a header."""
    if given is None:
        return ()
    names = tuple(given) if isinstance(given, list | tuple) else (None,)
    if not all(isinstance(name, str) and _BETA.fullmatch(name) for name in names):
        raise InvalidRequest(
            "`betas` must be a list of names: letters, digits, `.`, `_`, `-`.", param="betas"
        )
    if len(names) > _MAX_BETAS:
        raise InvalidRequest(f"`betas` must not be more than {_MAX_BETAS}.", param="betas")
    return names


def _has_thought(turn: AssistantTurn) -> bool:
    """Whether the turn goes back with a signed thought; `MessageWriter` says which do."""
    given = turn.fields.get("content_blocks")
    blocks = [block for block in given if isinstance(block, dict)] if isinstance(given, list) else ()
    return bool(thoughts((*turn.thinking_blocks, *blocks)))
