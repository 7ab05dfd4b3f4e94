"""Tools, which of them may be called, and an answer in JSON, as Anthropic is asked for them.

An answer that must be JSON is asked for by `output_config.format` where model and schema allow it. Where they
do not, a tool of ours has the schema, the model is made to call it, and the reader of the answer
(`app/wire/anthropic/answer.py`) turns the call back into text. The caller's tools stay beside it: the model
must then call any one, and a call of theirs is a call. Forcing and thinking exclude each other, so a model
that thinks is told in words instead.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.answer_tool import AnswerTool, answer_tool
from app.wire.anthropic.blocks import BlockWriter
from app.wire.closed_schema import Inexpressible, closed_schema
from app.wire.conversation import AnswerFormat, Conversation, Tool, ToolChoice
from app.wire.params import Params

_OWN = ("allowed_callers", "defer_loading", "eager_input_streaming", "input_examples")
"""Fields of Anthropic's own that a tool may have beside OpenAI's (anthropic SDK 2.12, `ToolParam`)."""
_NO_PARAMETERS: dict[str, Any] = {"type": "object", "properties": {}}


class ToolPlan(msgspec.Struct, kw_only=True):
    """What a request says about tools and the form of its answer."""

    tools: list[dict[str, Any]] = []
    choice: dict[str, Any] | None = None
    output_format: dict[str, Any] | None = None
    """`output_config.format`."""
    answer_tool: AnswerTool | None = None
    """The tool whose call is the answer."""
    instruction: str | None = None
    """A text for the system prompt."""


class ToolPlanner:
    """Plans for one request.

    Args:
        talk: what is asked.
        abilities: of the model.
        params: of the same request.
        blocks: keeps the marks for the prompt cache.
        items: the tools as the caller gave them, of which the vendor's own fields are taken.
    """

    def __init__(
        self,
        talk: Conversation,
        abilities: Abilities,
        params: Params,
        blocks: BlockWriter,
        items: Iterable[dict[str, Any]] = (),
    ) -> None:
        self._talk = talk
        self._own = {
            item["function"]["name"]: {key: item[key] for key in _OWN if key in item} for item in items
        }
        self._abilities = abilities
        self._params = params
        self._blocks = blocks

    def plan(self, *, may_force: bool) -> ToolPlan:
        """Return the plan.

        Args:
            may_force: whether the model can be made to call our own tool: it is able to, and does not think.
        """
        plan = ToolPlan(tools=[self._tool(tool) for tool in self._allowed()])
        if plan.tools and self._talk.choice is not None:
            plan.choice = _choice(self._talk.choice)
        if self._talk.answer_format is not None:
            self._plan_answer(self._talk.answer_format, plan, may_force=may_force)
        if self._talk.parallel is False and plan.tools:
            plan.choice = plan.choice or {"type": "auto"}
            if plan.choice["type"] != "none":
                plan.choice["disable_parallel_tool_use"] = True
        return plan

    def _allowed(self) -> list[Tool]:
        """Return the tools the model may call; one that is forced by name stands among all."""
        choice = self._talk.choice
        if choice is None or not choice.names or _forced_name(choice) is not None:
            return list(self._talk.tools)
        return [tool for tool in self._talk.tools if tool.name in choice.names]

    def _tool(self, tool: Tool) -> dict[str, Any]:
        schema = tool.parameters or _NO_PARAMETERS
        if schema.get("type") != "object":
            if "type" in schema:
                param = f"{tool.path}.parameters"
                raise InvalidRequest(f"`{param}` must be the schema of an object.", param=param)
            schema = {"type": "object", **schema}
        said: dict[str, Any] = {**self._own.get(tool.name, {}), "name": tool.name, "input_schema": schema}
        if tool.description:
            said["description"] = tool.description
        if tool.strict:
            self._make_strict(said, schema)
        return self._blocks.mark(said, tool.cache)

    def _make_strict(self, said: dict[str, Any], schema: dict[str, Any]) -> None:
        reason = "The model knows no strict tools."
        if self._abilities.strict_tools:
            try:
                said["input_schema"] = closed_schema(schema)
            except Inexpressible as error:
                reason = f"Its schema cannot be: {error}."
            else:
                said["strict"] = True
                return
        self._params.lose("function.strict", True, reason)

    def _plan_answer(self, wish: AnswerFormat, plan: ToolPlan, *, may_force: bool) -> None:
        native = self._native(wish, plan)
        if native is not None:
            plan.output_format = {"type": "json_schema", "schema": native}
            return
        chosen = plan.choice["type"] if plan.choice is not None else "auto"
        if chosen in {"any", "tool"}:
            return  # the answer is a call of the caller's own tool
        is_alone = not plan.tools or chosen == "none"
        ours = plan.answer_tool = answer_tool(wish, {tool.name for tool in self._talk.tools})
        plan.tools.append({"name": ours.name, "input_schema": ours.schema, "description": ours.description})
        if not may_force:
            plan.choice = {"type": "auto"}
            plan.instruction = ours.instruction
        elif is_alone:
            plan.choice = {"type": "tool", "name": ours.name, "disable_parallel_tool_use": True}
        else:
            plan.choice = {"type": "any"}

    def _native(self, wish: AnswerFormat, plan: ToolPlan) -> dict[str, Any] | None:
        """Return the schema the vendor keeps to by itself, None if it must be a tool's."""
        able = self._abilities.structured_output == "native" and (
            not plan.tools or self._abilities.structured_output_with_tools
        )
        if not able or not wish.schema or wish.schema.get("type") != "object":
            return None
        try:
            return closed_schema(wish.schema)
        except Inexpressible:
            return None


def _forced_name(choice: ToolChoice) -> str | None:
    return choice.names[0] if choice.mode == "required" and len(choice.names) == 1 else None


def _choice(choice: ToolChoice) -> dict[str, Any]:
    name = _forced_name(choice)
    if name is not None:
        return {"type": "tool", "name": name}
    return {"type": "any" if choice.mode == "required" else choice.mode}
