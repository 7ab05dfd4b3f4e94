"""A question as a body of Cohere's Chat API v2.

From the cohere SDK 7.3 (`V2Client.chat`) and docs.cohere.com/reference/chat, 2026-11; so are all bounds. The
conversation is said in `app/wire/cohere/messages.py`; here are the parameters, and how an answer is made to
be JSON. `response_format` does not go together with tools or documents there. Beside tools that may be
called, an answer that must follow a schema becomes a further tool, and the model must call one; what it calls
that tool with is the answer (`app/wire/cohere/answer.py`). Two wishes are refused, because every way to fake
them gives other answers: a schema beside `documents`, and any JSON at all beside tools.
"""

from typing import Any

import msgspec

from app.domain.errors import InvalidRequest
from app.wire.answer_tool import AnswerTool, answer_tool
from app.wire.cohere.messages import messages_of, tool_of
from app.wire.conversation import AnswerFormat, Conversation, TextPart, Tool, ToolChoice
from app.wire.conversation_reader import read_conversation
from app.wire.format import Question
from app.wire.params import Params, unsupported

_OWN = ("citation_options", "documents", "k", "p", "priority", "safety_mode", "strict_tools", "thinking")
"""Fields of Cohere's that callers may give as they are."""
_BOUNDS = {
    "temperature": ("temperature", 0.0, 1.0),
    "top_p": ("p", 0.01, 0.99),
    "top_k": ("k", 0, 500),
    "frequency_penalty": ("frequency_penalty", 0.0, 1.0),
    "presence_penalty": ("presence_penalty", 0.0, 1.0),
}
"""Cohere's name and range of what OpenAI's callers say in another; 0..1 for a temperature is its models'."""
_PENALTIES = frozenset({"frequency_penalty", "presence_penalty"})
_MAX_STOPS = 5
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 10_000, "high": 16_384, "xhigh": 31_000}
"""Tokens to think with; 31,000 of 32,000 is the most docs.cohere.com/docs/reasoning advises (2026-11)."""

_encode = msgspec.json.Encoder().encode


class Said(msgspec.Struct, frozen=True):
    """A question in Cohere's words."""

    content: bytes
    dropped: tuple[str, ...]
    answer_tool: AnswerTool | None
    """The function whose arguments are the answer, if one was made up for that."""
    legacy: bool
    """Whether the caller speaks of `functions`, and so must the answer."""


def say(question: Question) -> Said:
    """Return the body.

    Raises:
        InvalidRequest: Cohere cannot be asked for this; `param` names the field.
    """
    document, abilities = question.document, question.abilities
    target = f"Cohere's {question.model}"
    params = Params(document, question.unsupported, target)
    for name in abilities.refused:
        value = params.take(name)
        if value is not None:
            params.lose(name, value, "The model does not take it.")
    conversation = read_conversation(document, params)
    body: dict[str, Any] = {
        "model": question.model,
        "messages": messages_of(conversation, abilities, target),
    }
    if question.stream:
        body["stream"] = True
    _sampling(body, params)
    _thinking(body, params, question)
    ours = _tools(body, conversation, question, params, target)
    body.update(params.rest(_OWN))
    return Said(_encode(body), params.dropped, ours, conversation.is_legacy)


def _sampling(body: dict[str, Any], params: Params) -> None:
    for name, (own, least, most) in _BOUNDS.items():
        value = params.take(name)
        if value is None:
            continue
        if not isinstance(value, int | float):
            raise InvalidRequest(f"`{name}` must be a number.", param=name)
        if name in _PENALTIES and value < 0:
            params.lose(name, value, "It takes no rewards for repetition.")
        else:
            body[own] = min(max(value, least), most)
    same = {
        "max_tokens": params.take("max_completion_tokens", "max_tokens"),
        "seed": params.take("seed"),
        "logprobs": params.take("logprobs") or None,
    }
    body.update((name, value) for name, value in same.items() if value is not None)
    stop = params.take("stop")
    stops = [text for text in ([stop] if isinstance(stop, str) else stop or ()) if text]
    if len(stops) > _MAX_STOPS:
        raise InvalidRequest(f"`stop` must hold at most {_MAX_STOPS} texts.", param="stop")
    if stops:
        body["stop_sequences"] = stops


def _thinking(body: dict[str, Any], params: Params, question: Question) -> None:
    """Say how hard to think; `thinking`, in Cohere's own words, says it better."""
    effort = params.take("reasoning_effort")
    if effort is None or question.document.get("thinking") is not None:
        return
    abilities = question.abilities
    if effort == "none":
        if abilities.always_thinks:
            params.lose("reasoning_effort", effort, "The model always thinks.")
        elif abilities.thinking != "none":
            body["thinking"] = {"type": "disabled"}
    elif abilities.thinking == "none":
        params.lose("reasoning_effort", effort, "The model does not think.")
    elif abilities.thinking == "budget" and effort in _BUDGETS:
        body["thinking"] = {"type": "enabled", "token_budget": _BUDGETS[effort]}
    else:
        body["thinking"] = {"type": "enabled"}


def _tools(
    body: dict[str, Any], conversation: Conversation, question: Question, params: Params, target: str
) -> AnswerTool | None:
    """Say the tools, which must be called, and what JSON the answer must be; return the made-up tool."""
    choice = conversation.choice or ToolChoice("auto")
    tools = tuple(tool for tool in conversation.tools if not choice.names or tool.name in choice.names)
    if choice.mode == "required" and not question.abilities.forced_tools:
        raise unsupported("tool_choice", target, "The model cannot be made to call a tool.")
    if tools and conversation.parallel is False:
        params.lose("parallel_tool_calls", value=False)
    wish = conversation.answer_format
    if wish is None or choice.mode == "required":  # a call need not be what an answer must
        _say_tools(body, tools, choice.mode, question)
        return None
    if question.document.get("documents"):
        raise unsupported("response_format", target, "It does not go together with `documents`.")
    may_call = bool(tools) and choice.mode == "auto"
    if may_call or (question.abilities.structured_output == "tool" and wish.schema):
        ours = _answer_tool(wish, conversation, question, target)
        extra = Tool(ours.name, ours.description, ours.schema, "response_format", strict=wish.strict)
        _say_tools(body, (*tools, extra) if may_call else (extra,), "required", question)
        return ours
    body["response_format"] = _response_format(wish, conversation)
    return None


def _say_tools(body: dict[str, Any], tools: tuple[Tool, ...], mode: str, question: Question) -> None:
    if not tools:
        return
    body["tools"] = [tool_of(tool) for tool in tools]
    if mode != "auto":
        body["tool_choice"] = mode.upper()
    if question.abilities.strict_tools and any(tool.strict for tool in tools):
        body["strict_tools"] = True


def _answer_tool(
    wish: AnswerFormat, conversation: Conversation, question: Question, target: str
) -> AnswerTool:
    if not question.abilities.forced_tools:
        raise unsupported("response_format", target, "It does not go together with `tools`.")
    if not wish.schema:
        raise unsupported("response_format", target, "Together with `tools` it must have a `json_schema`.")
    return answer_tool(wish, {tool.name for tool in conversation.tools})


def _response_format(wish: AnswerFormat, conversation: Conversation) -> dict[str, Any]:
    if wish.schema:
        return {"type": "json_object", "json_schema": wish.schema}
    if not _speaks_of_json(conversation):
        # OpenAI refuses it in these words too; a Command model that is not told may write blanks for ever.
        raise InvalidRequest(
            "`messages` must contain the word 'json' in some form, to use `response_format` of type "
            "`json_object`.",
            param="messages",
        )
    return {"type": "json_object"}


def _speaks_of_json(conversation: Conversation) -> bool:
    return any(
        isinstance(part, TextPart) and "json" in part.text.lower()
        for parts in (conversation.system, *(turn.parts for turn in conversation.turns))
        for part in parts
    )
