"""Functions, which of them may be called, and the one that stands in for a schema."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.domain.events import TextDelta
from app.wire.openai.fold import Fold
from tests.gemini import GEMINI_2, GEMINI_3, body, function, response, streamed

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
TWO = [function("one", SCHEMA), function("two", description="second")]
ANSWER = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}


def calling(choice: Any, tools: list[Any] | None = None, **fields: Any) -> Any:
    document = {"tools": tools or TWO} | ({} if choice is None else {"tool_choice": choice})
    return body(document, **fields)["toolConfig"]["functionCallingConfig"]


def test_all_functions_stand_in_one_tool() -> None:
    assert body({"tools": TWO})["tools"] == [
        {
            "functionDeclarations": [
                {"name": "one", "parametersJsonSchema": SCHEMA},
                {"name": "two", "description": "second"},
            ]
        }
    ]


def named(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


def allowed(mode: str, *names: str) -> dict[str, Any]:
    return {
        "type": "allowed_tools",
        "allowed_tools": {"mode": mode, "tools": [named(name) for name in names]},
    }


@pytest.mark.parametrize(
    ("choice", "meant"),
    [
        (None, {"mode": "AUTO"}),
        ("auto", {"mode": "AUTO"}),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        (named("two"), {"mode": "ANY", "allowedFunctionNames": ["two"]}),
        (allowed("required", "one", "two"), {"mode": "ANY", "allowedFunctionNames": ["one", "two"]}),
        (allowed("auto", "one"), {"mode": "VALIDATED", "allowedFunctionNames": ["one"]}),
    ],
)
def test_a_choice_is_a_mode(choice: Any, meant: dict[str, Any]) -> None:
    assert calling(choice) == meant


def test_a_strict_function_is_validated_where_that_is_understood() -> None:
    strict = [function("one", SCHEMA, strict=True)]
    assert calling("auto", strict) == {"mode": "VALIDATED"}
    assert calling("auto", strict, abilities=Abilities(strict_tools=False)) == {"mode": "AUTO"}


def test_without_validation_only_the_allowed_functions_are_told() -> None:
    found = body(
        {"tools": TWO, "tool_choice": allowed("auto", "two")}, abilities=Abilities(strict_tools=False)
    )
    assert [tool["name"] for tool in found["tools"][0]["functionDeclarations"]] == ["two"]
    assert found["toolConfig"]["functionCallingConfig"] == {"mode": "AUTO"}


def test_a_model_that_cannot_be_forced_is_not_asked_to() -> None:
    with pytest.raises(InvalidRequest) as caught:
        calling("required", abilities=Abilities(forced_tools=False))
    assert caught.value.param == "tool_choice"


def test_deprecated_functions_are_tools() -> None:
    found = body({"functions": [{"name": "one", "parameters": SCHEMA}], "function_call": {"name": "one"}})
    assert found["tools"][0]["functionDeclarations"][0]["name"] == "one"
    assert found["toolConfig"]["functionCallingConfig"] == {"mode": "ANY", "allowedFunctionNames": ["one"]}


@pytest.mark.parametrize(
    ("tool", "native"),
    [
        ({"type": "google_search"}, {"googleSearch": {}}),
        ({"type": "code_execution"}, {"codeExecution": {}}),
        ({"type": "googleMaps"}, {"googleMaps": {}}),
        (
            {"type": "google_search", "google_search": {"excludeDomains": ["a"]}},
            {"googleSearch": {"excludeDomains": ["a"]}},
        ),
        (function("google_search"), {"googleSearch": {}}),
        (function("urlContext", {}), {"urlContext": {}}),
    ],
)
def test_googles_own_tools_stand_beside_the_functions(tool: Any, native: Any) -> None:
    assert body({"tools": [tool]})["tools"] == [native]
    assert body({"tools": [TWO[1], tool]})["tools"][1:] == [native]


def test_a_function_with_parameters_is_the_callers_own_whatever_its_name() -> None:
    found = body({"tools": [function("google_search", SCHEMA)]})
    assert found["tools"][0]["functionDeclarations"][0]["name"] == "google_search"


def test_other_tools_are_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        body({"tools": [{"type": "custom", "custom": {"name": "c"}}]})
    assert caught.value.param == "tools[0]"


def emulated(choice: Any = None, response_format: Any = ANSWER, tools: Any = TWO, **fields: Any) -> Any:
    document = {"tools": tools, "response_format": response_format}
    return body(
        document | ({} if choice is None else {"tool_choice": choice}), **({"abilities": GEMINI_2} | fields)
    )


def test_a_schema_beside_functions_is_one_more_function_for_gemini_2() -> None:
    found = emulated()
    assert "generationConfig" not in found
    declared = found["tools"][0]["functionDeclarations"]
    assert [tool["name"] for tool in declared] == ["one", "two", "json_output"]
    assert declared[2]["parametersJsonSchema"] == SCHEMA
    assert found["toolConfig"]["functionCallingConfig"] == {
        "mode": "ANY",
        "allowedFunctionNames": ["one", "two", "json_output"],
    }


def test_gemini_3_takes_both() -> None:
    found = emulated(abilities=GEMINI_3)
    assert found["generationConfig"] == {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA}
    assert len(found["tools"][0]["functionDeclarations"]) == 2


def test_where_no_function_may_be_called_the_answer_still_may() -> None:
    config = emulated("none")["toolConfig"]["functionCallingConfig"]
    assert config == {"mode": "ANY", "allowedFunctionNames": ["json_output"]}


def test_where_a_function_must_be_called_no_json_is_asked_for() -> None:
    found = emulated("required")
    assert "generationConfig" not in found
    assert len(found["tools"][0]["functionDeclarations"]) == 2
    assert found["toolConfig"]["functionCallingConfig"] == {"mode": "ANY"}


def test_a_model_without_schemas_gets_the_function_alone() -> None:
    found = emulated(
        tools=[], response_format={"type": "json_object"}, abilities=Abilities(structured_output="tool")
    )
    assert found["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"] == {"type": "object"}


def test_the_function_has_a_name_of_its_own() -> None:
    found = emulated(tools=[function("json_output", SCHEMA)])
    assert found["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"] == [
        "json_output",
        "json_output_",
    ]


def test_its_call_is_content_again() -> None:
    made = {"functionCall": {"name": "json_output", "args": {"a": 1}}, "thoughtSignature": "c2ln"}
    events = streamed(
        response(made, {"functionCall": {"name": "json_output", "args": {"a": 2}}}, finish="STOP"),
        document={"tools": TWO, "response_format": ANSWER},
        abilities=GEMINI_2,
    )
    fold = Fold()
    for event in events:
        fold.add(event)
    choice = fold.document()["choices"][0]
    assert choice["message"] == {"role": "assistant", "content": '{"a":1}'}
    assert choice["finish_reason"] == "stop"


def test_an_answer_that_is_no_object_is_wrapped_and_unwrapped() -> None:
    schema = {"type": "array", "items": {"$ref": "#/$defs/A"}, "$defs": {"A": {"type": "string"}}}
    wish = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    declared = emulated(response_format=wish)["tools"][0]["functionDeclarations"][2]
    assert declared["parametersJsonSchema"] == {
        "type": "object",
        "properties": {"value": {"type": "array", "items": {"$ref": "#/$defs/A"}}},
        "required": ["value"],
        "$defs": {"A": {"type": "string"}},
    }
    events = streamed(
        response({"functionCall": {"name": "json_output", "args": {"value": ["x"]}}}, finish="STOP"),
        document={"tools": TWO, "response_format": wish},
        abilities=GEMINI_2,
    )
    assert [event.text for event in events if isinstance(event, TextDelta)] == ['["x"]']
