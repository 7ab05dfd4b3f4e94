"""Tools, choices and formats of answers in a dialect."""

from typing import Any

import pytest

from app.catalogue.dialect import Dialect
from app.domain.errors import InvalidRequest
from app.wire.openai.dialect_tools import say_response_format, say_tools
from app.wire.params import Params

TOOLS = [{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in "ab"]
NAMED = {"type": "function", "function": {"name": "a"}}
ALLOWED = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [NAMED]}}
SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}}
WISH = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": True}}


def _tools(choice: Any, words: dict[str, str | None]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    say_tools(said, Params({"tools": TOOLS, "tool_choice": choice}, "drop", "X"), Dialect(tool_choice=words))
    return said


@pytest.mark.parametrize("choice", ["auto", "none", "required", NAMED, ALLOWED])
def test_a_choice_that_is_known_is_sent_as_it_came(choice: Any) -> None:
    assert _tools(choice, {}) == {"tools": TOOLS, "tool_choice": choice}


@pytest.mark.parametrize(
    ("choice", "words", "said"),
    [
        ("required", {"required": "any"}, {"tools": TOOLS, "tool_choice": "any"}),
        ("none", {"none": None}, {}),
        ("auto", {"auto": None}, {"tools": TOOLS}),
        (NAMED, {"named": None}, {"tools": TOOLS[:1], "tool_choice": "required"}),
        (NAMED, {"named": None, "required": "any"}, {"tools": TOOLS[:1], "tool_choice": "any"}),
        (NAMED, {"named": "any"}, {"tools": TOOLS[:1], "tool_choice": "any"}),
        (ALLOWED, {"allowed": None}, {"tools": TOOLS[:1], "tool_choice": "required"}),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [NAMED]}},
            {"allowed": None},
            {"tools": TOOLS[:1], "tool_choice": "auto"},
        ),
    ],
)
def test_a_choice_is_said_otherwise(choice: Any, words: dict[str, str | None], said: dict[str, Any]) -> None:
    assert _tools(choice, words) == said


@pytest.mark.parametrize("choice", ["required", NAMED, ALLOWED])
def test_a_call_that_cannot_be_forced_is_an_error(choice: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        _tools(choice, {"required": None, "named": None, "allowed": None})
    assert caught.value.param == "tool_choice"


def test_functions_are_said_as_far_as_they_are_known() -> None:
    tool = {"type": "function", "function": {"name": "a", "strict": True}}
    said: dict[str, Any] = {}
    dialect = Dialect(strict_tools=False, parameters_required=True)
    say_tools(said, Params({"tools": [tool, {"type": "web"}]}, "drop", "X"), dialect)
    parameters = {"type": "object", "properties": {}}
    assert said["tools"] == [
        {"type": "function", "function": {"name": "a", "parameters": parameters}},
        {"type": "web"},
    ]
    assert tool["function"] == {"name": "a", "strict": True}


def _format(wish: Any, **dialect: Any) -> tuple[Any, str]:
    said: dict[str, Any] = {}
    told = say_response_format(said, Params({"response_format": wish}, "drop", "X"), Dialect(**dialect))
    return said.get("response_format"), told


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("native", WISH),
        ("schema", {"type": "json_schema", "schema": SCHEMA}),
        ("object", {"type": "json_object", "schema": SCHEMA}),
    ],
)
def test_a_schema_is_asked_for_in_the_providers_form(form: str, sent: dict[str, Any]) -> None:
    assert _format(WISH, json_schema=form) == (sent, "")


@pytest.mark.parametrize("form", ["native", "word"])
def test_who_knows_no_schemas_is_told_the_schema(form: str) -> None:
    sent, told = _format(WISH, json_schema="none", json_object=form)
    assert sent == {"type": "json_object"}
    assert told.endswith('schema describes: {"type":"object","properties":{"x":{"type":"string"}}}')


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("native", {"type": "json_object"}),
        ("word", {"type": "json_object"}),
        (
            "schema",
            {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}},
        ),
    ],
)
def test_any_object_is_asked_for_in_the_providers_form(form: str, sent: dict[str, Any]) -> None:
    told = "Answer with a JSON object." if form == "word" else ""
    assert _format({"type": "json_object"}, json_object=form) == (sent, told)


@pytest.mark.parametrize("wish", [WISH, {"type": "json_object"}])
def test_a_format_that_cannot_be_asked_for_is_an_error(wish: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        _format(wish, json_schema="none", json_object="none")
    assert caught.value.param == "response_format"


def test_text_is_asked_for_everywhere() -> None:
    assert _format({"type": "text"}, json_object="none") == ({"type": "text"}, "")
    assert _format(None) == (None, "")
