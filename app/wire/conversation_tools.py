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
    for i, item in enumerate(document.get("functions") or ()):
        tools.append(_function(item, f"functions[{i}]", cache_mark(item)))
    if len(tools) > 1 and len({tool.name for tool in tools}) < len(tools):
        raise _same_name(tools)
    return tuple(tools)


def _same_name(tools: list[Tool]) -> InvalidRequest:
    names = [tool.name for tool in tools]
    path = next(tool.path for i, tool in enumerate(tools) if tool.name in names[:i])
    return InvalidRequest(f"`{path}` has the name of another tool.", param=path)


def _tool(item: dict[str, Any], path: str) -> Tool:
    function = item.get("function")
    if item["type"] != "function" or not isinstance(function, dict):
        raise InvalidRequest(
            f"`{path}` must be a function: this provider knows no other tools.",
            param=path,
            code="unsupported_parameter",
        )
    return _function(function, f"{path}.function", cache_mark(item) or cache_mark(function))


def _function(function: dict[str, Any], path: str, mark: dict[str, Any] | None) -> Tool:
    return Tool(
        function["name"],
        function.get("description") or "",
        function.get("parameters") or None,
        path,
        function.get("strict") is True,
        mark,
    )


def read_choice(document: dict[str, Any], tools: tuple[Tool, ...]) -> ToolChoice | None:
    """Return which of the tools may or must be called; None: nothing was said."""
    for param in ("tool_choice", "function_call"):
        wish = document.get(param)
        if wish is not None:
            return _checked(_named_choice(wish), param, tools)
    return None


def _checked(choice: ToolChoice | None, param: str, tools: tuple[Tool, ...]) -> ToolChoice:
    if choice is None:
        raise InvalidRequest(f"`{param}` is none that this provider knows.", param=param)
    if not tools and choice.mode == "required":
        raise InvalidRequest(f"`{param}` asks for a tool, and there are no `tools`.", param=param)
    if choice.names:
        names = {tool.name for tool in tools}
        if not names.issuperset(choice.names):
            raise InvalidRequest(f"`{param}` names a function that is not in `tools`.", param=param)
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
            "allowed_tools": {"mode": "auto" | "required" as mode, "tools": [_, *_] as tools},
        }:
            names = tuple(found for tool in tools if (found := _allowed(tool)) is not None)
            return ToolChoice(mode, names) if len(names) == len(tools) else None
        case {"name": str(name)}:
            return ToolChoice("required", (name,))
        case _:
            return None


def _allowed(tool: Any) -> str | None:  # noqa: ANN401 (JSON)
    match tool:
        case {"function": {"name": str(name)}} | {"name": str(name)}:
            return name
        case _:
            return None


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
