"""Tools, and JSON by a tool where the model has no other way to it."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.anthropic.blocks import BlockWriter
from app.wire.anthropic.tools import ToolPlan, ToolPlanner
from app.wire.conversation_reader import read_conversation
from app.wire.params import Params

PLAIN = Abilities()
OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}
BY_TOOL = Abilities(structured_output="tool")


def tool(name: str, **function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, **function}}


def wish(schema: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, **fields}}


def plan(
    abilities: Abilities = PLAIN, *, may_force: bool = True, **document: Any
) -> tuple[ToolPlan, tuple[str, ...]]:
    document["messages"] = []
    params = Params(document, "drop", "a test")
    talk = read_conversation(document, params)
    blocks = BlockWriter("a test", abilities, fetches=True)
    return ToolPlanner(talk, abilities, params, blocks).plan(may_force=may_force), params.dropped


def limit(mode: str, *names: str) -> dict[str, Any]:
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [tool(name) for name in names]}}


@pytest.mark.parametrize(
    ("choice", "said", "names"),
    [
        ("auto", {"type": "auto"}, "ab"),
        ("none", {"type": "none"}, "ab"),
        ("required", {"type": "any"}, "ab"),
        (tool("b"), {"type": "tool", "name": "b"}, "ab"),
        (limit("auto", "b"), {"type": "auto"}, "b"),
        (limit("required", "b"), {"type": "tool", "name": "b"}, "ab"),
        (limit("required", "a", "b"), {"type": "any"}, "ab"),
        (None, None, "ab"),
    ],
)
def test_every_choice_has_its_word(choice: Any, said: Any, names: str) -> None:
    found, _ = plan(tools=[tool("a"), tool("b")], tool_choice=choice)
    assert found.choice == said
    assert "".join(each["name"] for each in found.tools) == names


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (None, {"type": "auto", "disable_parallel_tool_use": True}),
        ("required", {"type": "any", "disable_parallel_tool_use": True}),
        ("none", {"type": "none"}),
    ],
)
def test_calls_one_at_a_time_are_asked_for_with_the_choice(choice: Any, said: dict[str, Any]) -> None:
    found, _ = plan(tools=[tool("a")], tool_choice=choice, parallel_tool_calls=False)
    assert found.choice == said
    assert plan(parallel_tool_calls=False)[0].choice is None


def test_a_schema_is_that_of_an_object_and_else_goes_on_as_it_is() -> None:
    found, _ = plan(
        tools=[tool("a"), tool("b", parameters={"properties": {"x": True}}), tool("c", parameters=OBJECT)]
    )
    assert [each["input_schema"] for each in found.tools] == [
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {"x": True}},
        OBJECT,
    ]
    with pytest.raises(InvalidRequest) as caught:
        plan(tools=[tool("a", parameters={"type": "string"})])
    assert caught.value.param == "tools[0].function.parameters"


def test_strictness_closes_the_schema_or_is_lost_by_name() -> None:
    found, dropped = plan(tools=[tool("a", parameters=OBJECT, strict=True)])
    assert found.tools[0]["strict"] is True
    assert found.tools[0]["input_schema"] == {**OBJECT, "additionalProperties": False}
    assert dropped == ()
    for abilities, parameters in ((Abilities(strict_tools=False), OBJECT), (Abilities(), {"type": "object"})):
        found, dropped = plan(abilities, tools=[tool("a", parameters=parameters, strict=True)])
        assert "strict" not in found.tools[0]
        assert dropped == ("function.strict",)


def test_a_schema_the_model_keeps_to_by_itself_is_its_own_affair() -> None:
    found, _ = plan(response_format=wish(OBJECT))
    assert found.output_format == {"type": "json_schema", "schema": {**OBJECT, "additionalProperties": False}}
    assert (found.tools, found.choice, found.answer_tool) == ([], None, None)


@pytest.mark.parametrize(
    ("abilities", "document"),
    [
        (BY_TOOL, {"response_format": wish(OBJECT)}),
        (Abilities(), {"response_format": wish({"type": "object"})}),
        (Abilities(), {"response_format": {"type": "json_object"}}),
        (BY_TOOL, {"response_format": wish(OBJECT), "tools": [tool("a")], "tool_choice": "none"}),
    ],
)
def test_else_a_tool_must_be_called(abilities: Abilities, document: dict[str, Any]) -> None:
    found, _ = plan(abilities, **document)
    assert found.choice == {"type": "tool", "name": "json_output", "disable_parallel_tool_use": True}
    assert found.answer_tool is not None
    assert found.tools[-1]["name"] == found.answer_tool.name == "json_output"
    assert (found.output_format, found.answer_tool.is_wrapped, found.instruction) == (None, False, None)


def test_beside_the_caller_s_tools_any_must_be_called() -> None:
    able = Abilities(structured_output_with_tools=False)
    for choice in (None, "auto"):
        found, _ = plan(able, response_format=wish(OBJECT), tools=[tool("a")], tool_choice=choice)
        assert found.choice == {"type": "any"}
        assert [each["name"] for each in found.tools] == ["a", "json_output"]


@pytest.mark.parametrize("choice", ["required", tool("a")])
def test_where_the_caller_forces_a_tool_its_call_is_the_answer(choice: Any) -> None:
    found, _ = plan(BY_TOOL, response_format=wish(OBJECT), tools=[tool("a")], tool_choice=choice)
    assert found.answer_tool is None
    assert [each["name"] for each in found.tools] == ["a"]


def test_a_model_that_cannot_be_made_to_is_told_to() -> None:
    found, _ = plan(BY_TOOL, may_force=False, response_format=wish(OBJECT))
    assert found.choice == {"type": "auto"}
    assert found.instruction is not None
    assert "json_output" in found.instruction


def test_an_answer_that_is_no_object_is_put_into_one() -> None:
    schema = {"type": "array", "items": {"$ref": "#/$defs/n"}, "$defs": {"n": {"type": "null"}}}
    found, _ = plan(response_format=wish(schema))
    assert found.answer_tool is not None
    assert found.answer_tool.is_wrapped
    assert found.tools[0]["input_schema"] == {
        "type": "object",
        "properties": {"value": {"type": "array", "items": {"$ref": "#/$defs/n"}}},
        "required": ["value"],
        "$defs": {"n": {"type": "null"}},
    }


def test_our_tool_has_a_name_of_its_own() -> None:
    found, _ = plan(BY_TOOL, response_format=wish(OBJECT, description="A"), tools=[tool("json_output")])
    assert found.answer_tool is not None
    assert found.answer_tool.name == "json_output_"
    assert found.tools[1]["description"].endswith(" A")
