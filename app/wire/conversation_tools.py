"""The tools of a request, which of them may be called, and the JSON its answer must be.

A part of `app/wire/conversation_reader.py`. Deprecated functions become tools here.
"""

from typing import Any

from app.domain.errors import InvalidRequest
from app.wire.conversation import AnswerFormat, Tool, ToolChoice
from app.wire.conversation_parts import cache_mark


def read_tools(document: dict[str, Any]) -> tuple[Tool, ...]:
    """Return the functions. Raises `InvalidRequest` for other tools and for a name that comes twice."""
    tools = [_tool(item, f"tools[{i}]") for i, item in enumerate(document.get("tools") or ())]
    tools += [
        _function(item, f"functions[{i}]", item) for i, item in enumerate(document.get("functions") or ())
    ]
    seen: set[str] = set()
    for tool in tools:
        if tool.name in seen:
            raise InvalidRequest(f"`{tool.path}` has the name of another tool.", param=tool.path)
        seen.add(tool.name)
    return tuple(tools)


def _tool(item: dict[str, Any], path: str) -> Tool:
    function = item.get("function")
    if item["type"] != "function" or not isinstance(function, dict):
        raise InvalidRequest(
            f"`{path}` must be a function: this provider knows no other tools.",
            param=path,
            code="unsupported_parameter",
        )
    return _function(function, f"{path}.function", item)


def _function(function: dict[str, Any], path: str, item: dict[str, Any]) -> Tool:
    return Tool(
        name=function["name"],
        description=function.get("description") or "",
        parameters=function.get("parameters") or None,
        path=path,
        strict=function.get("strict") is True,
        cache=cache_mark(item) or cache_mark(function),
    )


def read_choice(document: dict[str, Any], tools: tuple[Tool, ...]) -> ToolChoice | None:
    """Return which of the tools may or must be called; None: nothing was said."""
    wish = document.get("tool_choice")
    if wish is None:
        wish = document.get("function_call")
    if wish is None:
        return None
    choice = _named_choice(wish)
    if choice is None:
        raise InvalidRequest("`tool_choice` is none that this provider knows.", param="tool_choice")
    if not tools and choice.mode == "required":
        raise InvalidRequest("`tool_choice` asks for a tool, and there are no `tools`.", param="tool_choice")
    names = {tool.name for tool in tools}
    if any(name not in names for name in choice.names):
        raise InvalidRequest("`tool_choice` names a function that is not in `tools`.", param="tool_choice")
    return choice


def _named_choice(wish: Any) -> ToolChoice | None:  # noqa: ANN401 (JSON)
    match wish:
        case "auto" | "none" | "required":
            return ToolChoice(wish)
        case "any":
            return ToolChoice("required")
        case {"type": "function", "function": {"name": str(name)}}:
            return ToolChoice("required", (name,))
        case {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "auto" | "required" as mode, "tools": list(tools)},
        }:
            return ToolChoice(mode, tuple(_allowed(tool) for tool in tools))
        case {"name": str(name)}:
            return ToolChoice("required", (name,))
        case _:
            return None


def _allowed(tool: Any) -> str:  # noqa: ANN401 (JSON)
    match tool:
        case {"function": {"name": str(name)}} | {"name": str(name)}:
            return name
        case _:
            return ""


def read_answer_format(wish: dict[str, Any] | None) -> AnswerFormat | None:
    """Return what JSON a `response_format` asks for; None: it asks for text."""
    if wish is None or wish["type"] == "text":
        return None
    if wish["type"] == "json_object":
        return AnswerFormat()
    spec = wish.get("json_schema")
    if wish["type"] != "json_schema" or not isinstance(spec, dict):
        raise InvalidRequest(
            "`response_format.type` must be text, json_object or json_schema.", param="response_format.type"
        )
    return AnswerFormat(
        schema=spec.get("schema") or {},
        name=spec["name"],
        description=spec.get("description") or "",
        strict=spec.get("strict") is True,
    )
