"""Tools for Converse, and a JSON answer by way of a tool where a model has no other.

A model without structured output is given one more tool, `json_output`, whose arguments are the answer, and
is made to call it. Where it cannot be made to (a model that takes no forced choice, or thinks), it is asked
to, in words. The reader of the answer (`app/wire/bedrock/answer.py`) turns the call back into content.
"""

from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.wire.answer_tool import AnswerTool, answer_tool
from app.wire.bedrock.content import Block, cache_point
from app.wire.bedrock.turns import checked_name
from app.wire.claude_thinking import forces
from app.wire.closed_schema import Inexpressible, closed_schema
from app.wire.conversation import AnswerFormat, Conversation, Tool, ToolChoice
from app.wire.params import Params

_OPEN_OBJECT = {"type": "object", "properties": {}}


class ToolPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says about tools."""

    config: dict[str, Any] | None
    """`toolConfig`; None: no tool may be called."""
    json_tool: AnswerTool | None = None
    instruction: str | None = None
    """For the system prompt, where the tool cannot be forced."""
    answer_schema: dict[str, Any] | None = None
    """What the model keeps to by itself; None: nothing, or the tool's schema."""


def plan_tools(conversation: Conversation, abilities: Abilities, params: Params, *, thinks: bool) -> ToolPlan:
    """Return what the request says about tools.

    Args:
        conversation: what is asked.
        abilities: of the model.
        params: to report what cannot be said.
        thinks: whether the model is told to think, which few may when a tool is forced.
    """
    choice = conversation.choice
    tools = _callable_tools(conversation.tools, choice)
    if tools and conversation.parallel is False:
        params.lose("parallel_tool_calls", False, "Converse has no word for it.")
    specs = [block for tool in tools for block in _tool(tool, abilities, params)]
    may_force = abilities.forced_tools and (not thinks or abilities.forced_tools_while_thinking)
    wish = conversation.answer_format
    schema = None if wish is None else native_schema(wish, abilities, tools=bool(tools))
    insists = forces(conversation)  # then the answer is a call of the caller's own tool
    if wish is not None and schema is None and not insists:
        return _emulated(wish, specs, {tool.name for tool in conversation.tools}, may_force=may_force)
    if not specs:
        return ToolPlan(config=None, answer_schema=schema)
    if choice is None or choice.mode == "auto":
        said: Block = {} if choice is None else {"toolChoice": {"auto": {}}}
        return ToolPlan(config={"tools": specs, **said}, answer_schema=schema)
    if not may_force:
        params.lose("tool_choice", choice.mode, "It cannot be made to call a tool.")
    forced: Block = {"tool": {"name": choice.names[0]}} if len(choice.names) == 1 else {"any": {}}
    return ToolPlan(config={"tools": specs, "toolChoice": forced}, answer_schema=schema)


def native_schema(wish: AnswerFormat, abilities: Abilities, *, tools: bool) -> dict[str, Any] | None:
    """Return the schema that the model keeps to by itself; None: it cannot, or not to this one.

    Bedrock takes the subset of JSON Schema that Anthropic takes, for all makers (Bedrock User Guide,
    "Structured outputs", 2026-11); it has no word for any JSON object.
    """
    goes_together = abilities.structured_output_with_tools or not tools
    if wish.schema is None or abilities.structured_output != "native" or not goes_together:
        return None
    try:
        return closed_schema(wish.schema)
    except Inexpressible:
        return None


def _callable_tools(tools: tuple[Tool, ...], choice: ToolChoice | None) -> tuple[Tool, ...]:
    if choice is None:
        return tools
    if choice.mode == "none":
        return ()
    return tuple(tool for tool in tools if tool.name in choice.names) if choice.names else tools


def _tool(tool: Tool, abilities: Abilities, params: Params) -> list[Block]:
    spec: Block = {"name": checked_name(tool.name, tool.path)}
    if tool.description:
        spec["description"] = tool.description
    spec["inputSchema"] = {"json": _object_schema(tool.parameters)}
    if tool.strict:
        _make_strict(spec, abilities, params)
    mark = cache_point(tool.cache)
    return [{"toolSpec": spec}] if mark is None else [{"toolSpec": spec}, mark]


def _make_strict(spec: Block, abilities: Abilities, params: Params) -> None:
    reason = "The model knows no strict tools."
    if abilities.strict_tools:
        try:
            spec["inputSchema"] = {"json": closed_schema(spec["inputSchema"]["json"])}
        except Inexpressible as error:
            reason = f"Its schema cannot be: {error}."
        else:
            spec["strict"] = True
            return
    params.lose("function.strict", True, reason)


def _object_schema(schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None:
        return _OPEN_OBJECT
    return schema if "type" in schema else {"type": "object", **schema}


def _emulated(wish: AnswerFormat, specs: list[Block], taken: set[str], *, may_force: bool) -> ToolPlan:
    ours = answer_tool(wish, taken)
    spec = {"name": ours.name, "description": ours.description, "inputSchema": {"json": ours.schema}}
    choice: Block = {"auto": {}}
    if may_force:
        choice = {"any": {}} if specs else {"tool": {"name": ours.name}}
    return ToolPlan(
        config={"tools": [*specs, {"toolSpec": spec}], "toolChoice": choice},
        json_tool=ours,
        instruction=None if may_force else ours.instruction,
    )
