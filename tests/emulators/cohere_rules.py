"""What Cohere's Chat API v2 refuses: the rules of its documentation, on top of its SDK's types.

    assert faults(body) == []

Types from the cohere SDK 7.3 (`V2Client.chat`); rules and their words from docs.cohere.com/reference/chat,
/reference/errors and issues of other clients, 2026-11. A body that passes here is well-formed; what a single
model refuses is not known here.
"""

import functools
import inspect
import typing
from typing import Any

import cohere.v2.client
import pydantic
from jsonschema.protocols import Validator

from tests.oracles import checker, violations

_CONTENT_TYPES = {
    "system": {"text"},
    "user": {"text", "image_url"},
    "assistant": {"text", "thinking"},
    "tool": {"text", "document"},
}
_RANGES = {
    "temperature": (0.0, 1.0),
    "frequency_penalty": (0.0, 1.0),
    "presence_penalty": (0.0, 1.0),
    "p": (0.01, 0.99),
    "k": (0, 500),
}
_WORDS = {
    "tool_choice": {"REQUIRED", "NONE"},
    "safety_mode": {"CONTEXTUAL", "STRICT", "OFF"},
}
_MAX_STOPS = 5


@functools.cache
def request_checker() -> Validator:
    """Return the judge of a request's types: the arguments of `ClientV2.chat`, and `stream`."""
    arguments = inspect.signature(cohere.v2.client.V2Client.chat).parameters
    hints = typing.get_type_hints(cohere.v2.client.V2Client.chat)
    fields: dict[str, Any] = {"stream": (bool, False)}
    for name, argument in arguments.items():
        if name not in {"self", "request_options"}:
            is_required = argument.default is inspect.Parameter.empty
            fields[name] = (hints[name], ... if is_required else None)
    return checker(pydantic.create_model("ChatRequest", **fields))


def faults(body: Any) -> list[str]:
    """Return what is wrong with a decoded body, in Cohere's words where they are known."""
    wrong = violations(request_checker(), body)
    if wrong:
        return wrong
    wrong += _wrong_params(body)
    wrong += _wrong_messages(body["messages"])
    for tool in body.get("tools") or ():
        if tool["function"]["parameters"].get("type") != "object":
            wrong.append("invalid request: tool parameters must be an object schema")
    return wrong


def _wrong_params(body: dict[str, Any]) -> list[str]:
    wrong = [
        f"invalid request: {name} must be between {least} and {most} inclusive"
        for name, (least, most) in _RANGES.items()
        if body.get(name) is not None and not least <= body[name] <= most
    ]
    wrong += [
        f"invalid request: {name} must be one of {sorted(words)}"
        for name, words in _WORDS.items()
        if body.get(name) is not None and body[name] not in words
    ]
    if len(body.get("stop_sequences") or ()) > _MAX_STOPS:
        wrong.append("invalid request: number of stop_sequences must be at most 5")
    if body.get("tool_choice") and not body.get("tools"):
        wrong.append("invalid request: tool_choice may only be set when tools are provided")
    response_format = body.get("response_format") or {}
    if response_format.get("type") == "json_object":
        if body.get("tools") or body.get("documents"):
            wrong.append("invalid request: response_format is not supported with tools or documents")
        if not response_format.get("json_schema") and "json" not in str(body["messages"]).lower():
            wrong.append("a model that is not told to write JSON may write for ever")
    budget = (body.get("thinking") or {}).get("token_budget")
    if budget is not None and budget < 1:
        wrong.append("invalid request: token_budget must be a positive integer")
    return wrong


def _wrong_messages(messages: list[dict[str, Any]]) -> list[str]:
    wrong: list[str] = []
    if not messages:
        wrong.append("invalid request: messages must not be empty")
    waiting: set[str] = set()
    for number, message in enumerate(messages):
        role = message.get("role")
        if role not in _CONTENT_TYPES:
            wrong.append(f"invalid request: message at index {number} has no role")
            continue
        if role == "tool":
            if message["tool_call_id"] not in waiting:
                wrong.append(
                    f"invalid request: tool message at index {number} answers no tool call before it"
                )
            waiting.discard(message["tool_call_id"])
        elif waiting:
            wrong.append(
                "invalid request: An assistant message with 'tool_calls' must be followed by tool messages "
                "responding to each 'tool_call_id'."
            )
            waiting = set()
        wrong += _wrong_content(number, message)
        if role == "assistant":
            waiting = {call["id"] for call in message.get("tool_calls") or ()}
    return wrong


def _wrong_content(number: int, message: dict[str, Any]) -> list[str]:
    content, role = message.get("content"), message["role"]
    place = f"invalid request: message at index {number}"
    if role == "assistant" and content is None:
        return [] if message.get("tool_calls") else [f"{place} must have content or tool_calls"]
    if isinstance(content, str):
        return [] if content or role == "tool" else [f"{place} must have non-empty content"]
    if not content:
        return [f"{place} must have non-empty content"]
    return [
        f"{place} has a content part of type {part.get('type')!r}"
        for part in content
        if part.get("type") not in _CONTENT_TYPES[role]
    ] + [f"{place} has an empty text" for part in content if part.get("text") == ""]
