from typing import Any

import pytest

from app.domain.errors import InvalidRequest
from app.wire.conversation import AnswerFormat, Tool, ToolChoice
from app.wire.conversation_tools import read_answer_format, read_choice, read_tools

F = {"type": "function", "function": {"name": "f"}}
G = {"type": "function", "function": {"name": "g"}}
TOOLS = read_tools({"tools": [F, G]})


def test_a_function_is_a_tool() -> None:
    function = {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True}
    mark = {"type": "ephemeral"}
    document = {"tools": [{"type": "function", "function": function, "cache_control": mark}, G]}
    assert read_tools(document) == (
        Tool("f", "d", {"type": "object"}, "tools[0].function", strict=True, cache=mark),
        Tool("g", "", None, "tools[1].function"),
    )


def test_deprecated_functions_are_tools() -> None:
    assert read_tools({"functions": [{"name": "f", "parameters": {}}]}) == (
        Tool("f", "", None, "functions[0]"),
    )


@pytest.mark.parametrize("document", [{}, {"tools": None}, {"tools": [], "functions": None}])
def test_no_tools_are_none(document: dict[str, Any]) -> None:
    assert read_tools(document) == ()


@pytest.mark.parametrize(
    ("document", "param"),
    [
        ({"tools": [F, G, F]}, "tools[2].function"),
        ({"tools": [F], "functions": [{"name": "f"}]}, "functions[0]"),
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "tools[0]"),
        ({"tools": [{"type": "function"}]}, "tools[0]"),
    ],
)
def test_tools_that_cannot_be_told_are_refused(document: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_tools(document)
    assert caught.value.param == param


def allowed(mode: str, *tools: Any) -> dict[str, Any]:
    return {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": list(tools)}}}


@pytest.mark.parametrize(
    ("document", "choice"),
    [
        ({}, None),
        ({"tool_choice": None}, None),
        ({"tool_choice": "auto"}, ToolChoice("auto")),
        ({"tool_choice": "none"}, ToolChoice("none")),
        ({"tool_choice": "required"}, ToolChoice("required")),
        ({"tool_choice": "any"}, ToolChoice("required")),
        ({"tool_choice": F}, ToolChoice("required", ("f",))),
        (allowed("auto", F, G), ToolChoice("auto", ("f", "g"))),
        (allowed("required", G), ToolChoice("required", ("g",))),
        ({"function_call": "none"}, ToolChoice("none")),
        ({"function_call": {"name": "f"}}, ToolChoice("required", ("f",))),
    ],
)
def test_a_choice_is_read(document: dict[str, Any], choice: ToolChoice | None) -> None:
    assert read_choice(document, TOOLS) == choice


@pytest.mark.parametrize(
    ("document", "param"),
    [
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"tool_choice": {"type": "custom", "custom": {"name": "f"}}}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "h"}}}, "tool_choice"),
        ({"function_call": {"name": "h"}}, "function_call"),
        (allowed("auto"), "tool_choice"),
        (allowed("auto", F, 5), "tool_choice"),
        (allowed("never", F), "tool_choice"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(document: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_choice(document, TOOLS)
    assert caught.value.param == param


def test_a_tool_cannot_be_asked_for_where_there_is_none() -> None:
    assert read_choice({"tool_choice": "auto"}, ()) == ToolChoice("auto")
    with pytest.raises(InvalidRequest):
        read_choice({"tool_choice": "required"}, ())


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (None, None),
        ({"type": "text"}, None),
        ({"type": "json_object"}, AnswerFormat()),
        ({"type": "json_schema", "json_schema": {"name": "n"}}, AnswerFormat({}, "n")),
        (
            {
                "type": "json_schema",
                "json_schema": {"name": "n", "schema": {"a": 1}, "description": "d", "strict": True},
            },
            AnswerFormat({"a": 1}, "n", "d", strict=True),
        ),
    ],
)
def test_a_format_is_read(wish: dict[str, Any] | None, found: AnswerFormat | None) -> None:
    assert read_answer_format(wish) == found


@pytest.mark.parametrize("wish", [{"type": "grammar"}, {"type": "json_schema"}])
def test_another_format_is_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_answer_format(wish)
    assert caught.value.param == "response_format.type"
