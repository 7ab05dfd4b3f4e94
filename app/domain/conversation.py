"""A request as guardrails know it beside its texts: its model, its tools, the calls of earlier turns.

Texts are taken apart in `app/domain/parts.py`. All this costs time, so whoever needs it must ask.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.domain.model_request import ModelRequest
from guardrails import Conversation, Part, Tool, ToolCall

_TOOL_KEYS = ("tools", "functions", "plugins", "mcp_servers")
"""Where requests offer tools: OpenAI's two, and those that OpenRouter and Anthropic run themselves."""
_OWN_TOOLS = frozenset({"tools", "functions"})
"""Those where an entry may be a function of the caller."""
_SEARCH = "web_search_options"
"""Whatever it says, the provider may search (platform.openai.com/docs/guides/tools-web-search, 2026-11)."""
_FUNCTION = "function"
_DEFINED = (_FUNCTION, "custom")
"""Kinds of tools that the caller runs; no set: a `type` may be anything."""


def conversation_of(
    request: ModelRequest,
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
    return any(document.get(key) for key in _TOOL_KEYS) or document.get(_SEARCH) is not None


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
    """Yield what a request offers, whatever its form: what is unknown here may act all the same.

    One entry may be several tools: one whose kind somebody else runs (`mcp`, `code_interpreter`) is known by
    its kind, and by its name too, if it has one. A name alone says nothing there: the caller gives it.
    """
    for key in _TOOL_KEYS:
        entries = document.get(key)
        for i, entry in enumerate(entries if isinstance(entries, list) else (entries,) if entries else ()):
            yield from _tools_of(entry, f"{key}[{i}]", key)
    if document.get(_SEARCH) is not None:
        yield Tool(_SEARCH, _SEARCH)


def _tools_of(entry: object, path: str, key: str) -> Iterable[Tool]:
    if not isinstance(entry, dict):
        yield Tool(path, entry if isinstance(entry, str) else "")
        return
    kind = entry.get("type", _FUNCTION) if key in _OWN_TOOLS else key
    defined = [one for one in _DEFINED if isinstance(entry.get(one), dict)] if key == "tools" else []
    if kind not in _DEFINED:
        yield Tool(path, str(kind))
    for one in defined:
        yield _tool(entry[one], f"{path}.{one}")
    name = entry.get("name", entry.get("id"))
    if name is not None or (kind in _DEFINED and not defined):
        yield _tool(entry | {"name": name or ""}, path)


def _tool(function: Mapping[str, Any], path: str) -> Tool:
    schema = function.get("parameters")
    return Tool(path, str(function.get("name", "")), schema if isinstance(schema, dict) else None)


def _made(function: Mapping[str, Any], path: str, key: str) -> ToolCall:
    arguments = function.get(key)
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(path, str(function.get("name", "")), text)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
