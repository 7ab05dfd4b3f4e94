"""Tools and formats of answers in the words of a provider that knows not all of OpenAI's."""

from typing import Any

import msgspec

from app.catalogue.dialect import Dialect
from app.wire.openai.dialect_messages import WANTS_JSON
from app.wire.params import Params

_NO_PARAMETERS = {"type": "object", "properties": {}}
_ANY_OBJECT = {"name": "answer", "schema": {"type": "object"}}
_WANTS_SCHEMA = "Answer with nothing but a JSON object that this JSON schema describes: "
_encode = msgspec.json.Encoder().encode


def say_tools(said: dict[str, Any], params: Params, dialect: Dialect) -> None:
    """Say which tools there are and which of them must or may be called.

    Raises:
        InvalidRequest: that cannot be said.
    """
    tools, choice = params.take("tools"), params.take("tool_choice")
    if isinstance(tools, list):
        tools = [_tool(tool, dialect) for tool in tools]
    names: tuple[str, ...] = ()
    if choice is not None:
        names, choice = _choice(choice, params, dialect)
        if choice == "none" and dialect.tool_choice.get("none", "") is None:
            tools, choice = None, None
    if tools is not None:
        said["tools"] = [tool for tool in tools if not names or _name(tool) in names]
    if choice is not None:
        said["tool_choice"] = choice


def say_response_format(said: dict[str, Any], params: Params, dialect: Dialect) -> str:
    """Say what JSON the answer must be; return what the instructions must say of it, empty: nothing.

    Raises:
        InvalidRequest: that cannot be said.
    """
    wish = params.take("response_format")
    if wish is None:
        return ""
    kind = wish.get("type") if isinstance(wish, dict) else None
    if kind == "json_schema":
        return _say_schema(said, params, dialect, wish)
    if kind != "json_object" or dialect.json_object in {"native", "word"}:
        said["response_format"] = wish
    elif dialect.json_object == "schema":
        said["response_format"] = {"type": "json_schema", "json_schema": _ANY_OBJECT}
    else:
        params.lose("response_format", wish)
    return WANTS_JSON if kind == "json_object" and dialect.json_object == "word" else ""


def _say_schema(said: dict[str, Any], params: Params, dialect: Dialect, wish: dict[str, Any]) -> str:
    schema = (wish.get("json_schema") or {}).get("schema") or {"type": "object"}
    match dialect.json_schema:
        case "native":
            said["response_format"] = wish
        case "schema":
            said["response_format"] = {"type": "json_schema", "schema": schema}
        case "object":
            said["response_format"] = {"type": "json_object", "schema": schema}
        case "none" if dialect.json_object in {"native", "word"}:
            said["response_format"] = {"type": "json_object"}
            return _WANTS_SCHEMA + _encode(schema).decode()
        case "none":
            params.lose("response_format", wish)
    return ""


def _tool(tool: Any, dialect: Dialect) -> Any:  # noqa: ANN401 (JSON)
    function = tool.get("function")
    if not isinstance(function, dict):
        return tool
    if "strict" in function and not dialect.strict_tools:
        function = {key: value for key, value in function.items() if key != "strict"}
    if dialect.parameters_required and not function.get("parameters"):
        function = {**function, "parameters": _NO_PARAMETERS}
    return tool if function is tool["function"] else {**tool, "function": function}


def _choice(choice: Any, params: Params, dialect: Dialect) -> tuple[tuple[str, ...], Any]:  # noqa: ANN401 (JSON)
    """Return the names of the tools it is limited to (none: all), and how the choice is said."""
    word, names = _read(choice)
    said = dialect.tool_choice.get(word, choice)
    if said is not None:
        return (names if said is not choice else ()), said
    if word == "none":
        return (), "none"
    if word == "auto":
        return (), None
    if word == "required":
        params.lose("tool_choice", choice)
        return (), None
    mode = "required" if word == "named" else str(choice["allowed_tools"].get("mode") or "auto")
    _, said = _choice(mode, params, dialect)
    return names, said


def _read(choice: Any) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401 (JSON)
    """Return the word for a choice, as `app.catalogue.dialect.Dialect.tool_choice` has it, and its names."""
    if isinstance(choice, str):
        return choice, ()
    allowed = choice.get("allowed_tools")
    if isinstance(allowed, dict):
        items = allowed.get("tools")
        found = (_name(item) for item in items if isinstance(item, dict)) if isinstance(items, list) else ()
        return "allowed", tuple(name for name in found if name)
    name = _name(choice)
    return "named", (name,) if name else ()


def _name(tool: dict[str, Any]) -> str:
    """Return the name of a tool, or of the one that a choice names."""
    found = tool.get("function") or tool.get("custom") or tool
    name = found.get("name") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""
