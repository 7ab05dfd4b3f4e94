"""Functions a Gemini model may call, and Google's own tools beside them.

All functions stand in one tool object; several are an error. Where a model cannot keep to a JSON schema while
it has functions ("Function calling with a response mime type: 'application/json' is unsupported", Gemini 2.5)
one more function takes the answer, and its call becomes content again (`app/wire/gemini/choice.py`).
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.wire.answer_tool import AnswerTool, answer_tool
from app.wire.conversation import AnswerFormat, Conversation, Tool
from app.wire.gemini.schema import clean_schema, parameters_schema
from app.wire.params import Params

_NATIVE = {
    "google_search": "googleSearch",
    "google_search_retrieval": "googleSearchRetrieval",
    "google_maps": "googleMaps",
    "code_execution": "codeExecution",
    "url_context": "urlContext",
    "computer_use": "computerUse",
    "file_search": "fileSearch",
    "enterprise_web_search": "enterpriseWebSearch",
}
"""Google's own tools (google-genai 3.4 `Tool`) by both of their spellings."""
_NATIVE_NAMES = {**_NATIVE, **{name: name for name in _NATIVE.values()}}


class ToolSet(msgspec.Struct, frozen=True):
    """What a request says of tools."""

    tools: list[dict[str, Any]]
    config: dict[str, Any] | None
    """`functionCallingConfig`."""
    answer_format: AnswerFormat | None
    """What is left for `generationConfig` to say."""
    json_call: AnswerTool | None = None


def native_tools(document: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Take Google's own tools out of a request.

    They are given by their type, `{"type": "google_search"}`, or as a function of their name without
    parameters, as Portkey's clients do.

    Returns:
        the request without them, and the tools.
    """
    given = document.get("tools")
    if not given:
        return document, []
    read = [(tool, _native(tool)) for tool in given]
    found = [native for _, native in read if native is not None]
    if not found:
        return document, found
    return {**document, "tools": [tool for tool, native in read if native is None]}, found


def tool_set(conversation: Conversation, params: Params, abilities: Abilities) -> ToolSet:
    """Return the functions of a request and which of them may be called.

    Raises:
        InvalidRequest: the model cannot be made to call a function.
    """
    tools, choice, answer_format = conversation.tools, conversation.choice, conversation.answer_format
    if not tools and choice is None and answer_format is None:
        return ToolSet([], None, None)
    if conversation.parallel is False and tools:
        params.lose("parallel_tool_calls", value=False)
    mode, names = (choice.mode, choice.names) if choice is not None else ("auto", ())
    if mode == "required" and not abilities.forced_tools:
        params.lose("tool_choice", value="required")
    if names and mode == "auto" and not abilities.strict_tools:
        tools, names = tuple(tool for tool in tools if tool.name in names), ()
    declared = [_declaration(tool) for tool in tools]
    config = _config(_mode(mode, names, tools, abilities), names) if tools else None
    json_call = None
    if answer_format is not None and _must_emulate(tools, abilities):
        if mode != "required":  # else the answer is a call, and no JSON is
            callable_names = [] if mode == "none" else list(names) or [tool.name for tool in tools]
            json_call = answer_tool(answer_format, {tool.name for tool in conversation.tools})
            declared.append(
                {
                    "name": json_call.name,
                    "description": json_call.description,
                    "parametersJsonSchema": clean_schema(json_call.schema),
                }
            )
            config = _config("ANY", [*callable_names, json_call.name])
        answer_format = None
    return ToolSet([{"functionDeclarations": declared}] if declared else [], config, answer_format, json_call)


def _native(tool: dict[str, Any]) -> dict[str, Any] | None:
    kind = tool["type"]
    if kind != "function":
        name, settings = _NATIVE_NAMES.get(kind), tool.get(kind)
        return None if name is None else {name: settings if isinstance(settings, dict) else {}}
    function = tool.get("function") or {}
    name = _NATIVE_NAMES.get(function.get("name", ""))
    return None if name is None or function.get("parameters") else {name: {}}


def _mode(mode: str, names: tuple[str, ...], tools: tuple[Tool, ...], abilities: Abilities) -> str:
    """Return Google's word for a choice; names may stand beside ANY and VALIDATED only."""
    if mode == "auto":
        is_strict = abilities.strict_tools and any(tool.strict for tool in tools)
        return "VALIDATED" if names or is_strict else "AUTO"
    return "NONE" if mode == "none" else "ANY"


def _config(mode: str, names: Iterable[str] = ()) -> dict[str, Any]:
    allowed = list(names)
    return {"mode": mode, "allowedFunctionNames": allowed} if allowed else {"mode": mode}


def _declaration(tool: Tool) -> dict[str, Any]:
    declaration: dict[str, Any] = {"name": tool.name}
    if tool.description:
        declaration["description"] = tool.description
    schema = parameters_schema(tool.parameters)
    if schema is not None:
        declaration["parametersJsonSchema"] = schema
    return declaration


def _must_emulate(tools: tuple[Tool, ...], abilities: Abilities) -> bool:
    return abilities.structured_output == "tool" or (
        bool(tools) and not abilities.structured_output_with_tools
    )
