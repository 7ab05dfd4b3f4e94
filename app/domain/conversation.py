"""A request as guardrails know it beside its texts: its model, its tools, the calls of earlier turns.

Texts are taken apart in `app/domain/parts.py`. All this costs time, so whoever needs it must ask.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.domain.chat import ChatRequest
from guardrails import Conversation, Part, Tool, ToolCall

_TOOL_KEYS = ("tools", "functions", "plugins", "mcp_servers")
"""Where requests offer tools: OpenAI's two, and those that OpenRouter and Anthropic run themselves."""


def conversation_of(
    request: ChatRequest,
    parts: tuple[Part, ...],
    metadata: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Conversation:
    """Return what is known of a request.

    Args:
        request: checked.
        parts: every text of it.
        metadata: that came beside it; without, the request's own.
        headers: those that a check reads, names in small letters.
    """
    document = request.document
    messages = document.get("messages") or ()
    kinds = [item.get("type") for message in messages for item in _items(message)]
    given = document.get("metadata") if metadata is None else metadata
    return Conversation(
        model=request.model,
        request_type=request.operation.request_type,
        metadata={key: _text(value) for key, value in given.items()} if isinstance(given, dict) else {},
        headers=headers or {},
        parts=parts,
        messages=len(messages),
        images=kinds.count("image_url"),
        files=kinds.count("file") + kinds.count("input_audio"),
        tools=tuple(_tools(document)),
        calls=tuple(
            call for i, message in enumerate(messages) for call in message_calls(message, f"messages[{i}]")
        ),
    )


def offers_tools(document: Mapping[str, Any]) -> bool:
    """Return whether a request lets the model, or its provider, do anything but answer."""
    return any(document.get(key) for key in _TOOL_KEYS) or document.get("web_search_options") is not None


def message_calls(message: Mapping[str, Any], path: str) -> Iterable[ToolCall]:
    """Yield the tool calls of a message that stands at this path."""
    calls = message.get("tool_calls")
    for i, call in enumerate(calls if isinstance(calls, list) else ()):
        for kind, said in (("function", "arguments"), ("custom", "input")):
            if isinstance(call, dict) and isinstance(call.get(kind), dict):
                yield _made(call[kind], f"{path}.tool_calls[{i}].{kind}", said)
    legacy = message.get("function_call")
    if isinstance(legacy, dict):
        yield _made(legacy, f"{path}.function_call", "arguments")


def chosen_headers(headers: Sequence[tuple[bytes, bytes]], names: frozenset[str]) -> dict[str, str]:
    """Return the headers of these names, in small letters; one sent several times is joined by commas."""
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
        if name in names:
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _items(message: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield the parts of a message whose content is a list of them."""
    content = message.get("content")
    return (item for item in content if isinstance(item, dict)) if isinstance(content, list) else ()


def _tools(document: Mapping[str, Any]) -> Iterable[Tool]:
    for i, tool in enumerate(document.get("tools") or ()):
        for kind in ("function", "custom"):
            if isinstance(tool, dict) and isinstance(tool.get(kind), dict):
                yield _tool(tool[kind], f"tools[{i}].{kind}")
    for i, function in enumerate(document.get("functions") or ()):
        if isinstance(function, dict):
            yield _tool(function, f"functions[{i}]")


def _tool(function: Mapping[str, Any], path: str) -> Tool:
    schema = function.get("parameters")
    return Tool(path, str(function.get("name", "")), schema if isinstance(schema, dict) else None)


def _made(function: Mapping[str, Any], path: str, key: str) -> ToolCall:
    arguments = function.get(key)
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(path, str(function.get("name", "")), text)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
