"""Functions a Gemini model may call, and Google's own tools beside them.

All functions stand in one tool object; several are an error. Where a model cannot keep to a JSON schema while
it has functions ("Function calling with a response mime type: 'application/json' is unsupported", Gemini 2.5)
one more function takes the answer, and its call becomes content again (`app/wire/gemini/choice.py`).
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from app.domain.abilities import Abilities
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
_JSON_OUTPUT = "json_output"
_VALUE = "value"
"""Member under which an answer that is no object stands."""


class JsonCall(msgspec.Struct, frozen=True):
    """The function whose arguments are the answer."""

    name: str
    wrapped: bool
    """Whether the answer is a member of its arguments, as these must be an object."""

    def answer(self, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 (JSON)
        """Return the answer that stands in the arguments."""
        return arguments.get(_VALUE) if self.wrapped else arguments


class ToolSet(msgspec.Struct, frozen=True):
    """What a request says of tools."""

    tools: list[dict[str, Any]]
    config: dict[str, Any] | None
    """`functionCallingConfig`."""
    answer_format: AnswerFormat | None
    """What is left for `generationConfig` to say."""
    json_call: JsonCall | None = None


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
            json_call, function = _json_function(answer_format, {tool.name for tool in tools})
            declared.append(function)
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


def _json_function(wish: AnswerFormat, taken: set[str]) -> tuple[JsonCall, dict[str, Any]]:
    """Return the function that takes the answer, under a name that no other function has."""
    name = _JSON_OUTPUT
    while name in taken:
        name += "_"
    schema = clean_schema(wish.schema) if wish.schema else {"type": "object"}
    wrapped = schema.get("type") != "object"
    if wrapped:
        definitions = {key: schema.pop(key) for key in ("$defs", "definitions") if key in schema}
        schema = {"type": "object", "properties": {_VALUE: schema}, "required": [_VALUE], **definitions}
    description = (
        wish.description or "Gives the answer to the user; call it when no other function is needed."
    )
    function = {"name": name, "description": description, "parametersJsonSchema": schema}
    return JsonCall(name, wrapped), function
