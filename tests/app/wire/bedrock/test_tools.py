"""Tools for Converse, and the tool whose arguments are an answer."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.answer_tool import answer_tool
from app.wire.bedrock.tools import ToolPlan, native_schema, plan_tools
from app.wire.conversation import AnswerFormat, Conversation, Tool, ToolChoice
from app.wire.params import Params

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
F, G = Tool("f", "Does f", SCHEMA, "tools[0].function", strict=True), Tool("g", "", None, "tools[1].function")
CLOSED = {**SCHEMA, "additionalProperties": False}
BY_TOOL = Abilities(structured_output="tool")


def _plan(abilities: Abilities | None = None, *, thinks: bool = False, **fields: Any) -> ToolPlan:
    params = Params({}, "drop", "a test")
    return plan_tools(Conversation(**fields), abilities or Abilities(), params, thinks=thinks)


def _names(plan: ToolPlan) -> list[str]:
    return [tool["toolSpec"]["name"] for tool in (plan.config or {"tools": []})["tools"]]


def test_tools_are_said_with_what_they_have() -> None:
    assert _plan(tools=(F, G)).config == {
        "tools": [
            {
                "toolSpec": {
                    "name": "f",
                    "description": "Does f",
                    "inputSchema": {"json": CLOSED},
                    "strict": True,
                }
            },
            {"toolSpec": {"name": "g", "inputSchema": {"json": {"type": "object", "properties": {}}}}},
        ]
    }


def test_strictness_is_for_those_who_know_it() -> None:
    config = _plan(Abilities(strict_tools=False), tools=(F,)).config
    assert config is not None
    assert "strict" not in config["tools"][0]["toolSpec"]


@pytest.mark.parametrize(
    ("choice", "said", "names"),
    [
        (ToolChoice("auto"), {"auto": {}}, ["f", "g"]),
        (ToolChoice("required"), {"any": {}}, ["f", "g"]),
        (ToolChoice("required", ("g",)), {"tool": {"name": "g"}}, ["g"]),
        (ToolChoice("auto", ("g",)), {"auto": {}}, ["g"]),
        (ToolChoice("required", ("f", "g")), {"any": {}}, ["f", "g"]),
    ],
)
def test_choices_have_words(choice: ToolChoice, said: dict[str, Any], names: list[str]) -> None:
    plan = _plan(tools=(F, G), choice=choice)
    assert plan.config is not None
    assert (plan.config["toolChoice"], _names(plan)) == (said, names)


def test_where_no_tool_may_be_called_there_are_none() -> None:
    assert _plan(tools=(F,), choice=ToolChoice("none")) == ToolPlan(config=None)
    assert _plan() == ToolPlan(config=None)


def test_a_model_that_cannot_be_made_to_call_is_not_asked_silently() -> None:
    for abilities, thinks in ((Abilities(forced_tools=False), False), (Abilities(), True)):
        with pytest.raises(InvalidRequest) as caught:
            _plan(abilities, thinks=thinks, tools=(F,), choice=ToolChoice("required"))
        assert caught.value.param == "tool_choice"
    assert _plan(
        Abilities(forced_tools_while_thinking=True), thinks=True, tools=(F,), choice=ToolChoice("required")
    ).config


def test_a_name_converse_does_not_take_is_refused_by_its_place() -> None:
    with pytest.raises(InvalidRequest) as caught:
        _plan(tools=(Tool("a.b", "", None, "tools[0].function"),))
    assert caught.value.param == "tools[0].function.name"


def test_a_json_answer_is_a_forced_call_where_there_is_no_other_way() -> None:
    wish = AnswerFormat(schema=SCHEMA, description="An a")
    ours = answer_tool(wish, ())
    plan = _plan(BY_TOOL, answer_format=wish)
    spec = {"name": "json_output", "description": ours.description, "inputSchema": {"json": SCHEMA}}
    assert plan.config == {"tools": [{"toolSpec": spec}], "toolChoice": {"tool": {"name": "json_output"}}}
    assert (plan.json_tool, plan.instruction) == (ours, None)


def test_the_callers_tools_may_be_called_before_the_answer() -> None:
    plan = _plan(BY_TOOL, tools=(F, G), choice=ToolChoice("auto"), answer_format=AnswerFormat(schema=SCHEMA))
    assert plan.config is not None
    assert (plan.config["toolChoice"], _names(plan)) == ({"any": {}}, ["f", "g", "json_output"])


def test_a_schema_of_no_object_is_wrapped() -> None:
    wish = AnswerFormat(
        schema={"type": "array", "items": {"$ref": "#/$defs/n"}, "$defs": {"n": {"type": "number"}}}
    )
    plan = _plan(BY_TOOL, answer_format=wish)
    assert plan.config is not None
    assert plan.config["tools"][0]["toolSpec"]["inputSchema"]["json"] == {
        "type": "object",
        "properties": {"value": {"type": "array", "items": {"$ref": "#/$defs/n"}}},
        "required": ["value"],
        "$defs": {"n": {"type": "number"}},
    }
    assert plan.json_tool == answer_tool(wish, ())


@pytest.mark.parametrize(
    ("abilities", "thinks"), [(Abilities(forced_tools=False), False), (Abilities(), True)]
)
def test_a_model_that_cannot_be_made_to_is_asked_in_words(abilities: Abilities, thinks: bool) -> None:
    plan = _plan(abilities, thinks=thinks, answer_format=AnswerFormat())
    assert plan.config is not None
    ours = answer_tool(AnswerFormat(), ())
    assert (plan.config["toolChoice"], plan.instruction) == ({"auto": {}}, ours.instruction)


def test_the_tool_of_the_answer_has_a_name_of_its_own() -> None:
    taken = Tool("json_output", "", None, "tools[0].function")
    plan = _plan(Abilities(forced_tools=False), tools=(taken,), answer_format=AnswerFormat())
    assert _names(plan) == ["json_output", "json_output_"]
    assert "`json_output_`" in (plan.instruction or "")


def test_a_schema_is_native_where_the_model_says_so() -> None:
    wish = AnswerFormat(schema=SCHEMA)
    apart = Abilities(structured_output_with_tools=False)
    assert native_schema(wish, Abilities(), tools=True) == CLOSED
    assert native_schema(wish, BY_TOOL, tools=False) is None
    assert native_schema(wish, apart, tools=False) == CLOSED
    assert native_schema(wish, apart, tools=True) is None
    assert native_schema(AnswerFormat(), Abilities(), tools=False) is None


def test_a_schema_that_bedrock_cannot_keep_to_is_that_of_a_tool() -> None:
    wish = AnswerFormat(schema={"type": "object"})
    plan = _plan(answer_format=wish)
    assert plan.json_tool == answer_tool(wish, ())
    assert plan.answer_schema is None


def test_a_strict_tool_that_bedrock_cannot_keep_to_is_an_ordinary_one() -> None:
    params = Params({}, "drop", "a test")
    tool = Tool("f", "", {"type": "object"}, "tools[0].function", strict=True)
    plan = plan_tools(Conversation(tools=(tool,)), Abilities(), params, thinks=False)
    spec = {"name": "f", "inputSchema": {"json": {"type": "object"}}}
    assert plan.config == {"tools": [{"toolSpec": spec}]}
    assert params.dropped == ("function.strict",)


def test_who_insists_on_a_call_gets_it_instead_of_a_json_answer() -> None:
    plan = _plan(
        BY_TOOL, tools=(F,), choice=ToolChoice("required"), answer_format=AnswerFormat(schema=SCHEMA)
    )
    assert (_names(plan), plan.json_tool) == (["f"], None)
