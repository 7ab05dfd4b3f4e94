"""Parameters of a question to Cohere, tools and JSON; messages are in test_messages.py."""

import json
from typing import Any

import pytest
from hypothesis import given

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.cohere.request import Said, say
from app.wire.format import Question, Unsupported
from tests.conversations import documents
from tests.emulators.cohere_rules import faults

HI = [{"role": "user", "content": "hi"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WISH = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA}}


def asked(
    *,
    abilities: Abilities | None = None,
    unsupported: Unsupported = "drop",
    stream: bool = False,
    **fields: Any,
) -> Said:
    document = {"model": "caller's", "messages": HI, **fields}
    return say(
        Question(
            document=document,
            model="command-a-03-2025",
            stream=stream,
            abilities=abilities or Abilities(),
            unsupported=unsupported,
        )
    )


def body(**options: Any) -> dict[str, Any]:
    """Return a body that breaks no rule, without what all have."""
    found: dict[str, Any] = json.loads(asked(**options).content)
    assert faults(found) == []
    assert found.pop("model") == "command-a-03-2025"
    del found["messages"]
    return found


@pytest.mark.parametrize("value", ["x", [1], {"a": 1}])
def test_a_bound_is_a_number_s(value: object) -> None:
    assert refused(top_k=value).param == "top_k"


def refused(**options: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        asked(**options)
    return caught.value


def function(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, **fields}}


def tools_of(found: dict[str, Any]) -> list[str]:
    return [tool["function"]["name"] for tool in found["tools"]]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, {}),
        ({"max_tokens": 5}, {"max_tokens": 5}),
        ({"max_tokens": 5, "max_completion_tokens": 6}, {"max_tokens": 6}),
        ({"temperature": 0.5}, {"temperature": 0.5}),
        ({"temperature": 1.7}, {"temperature": 1.0}),
        ({"top_p": 0.5, "top_k": 7}, {"p": 0.5, "k": 7}),
        ({"top_p": 1, "top_k": 9000}, {"p": 0.99, "k": 500}),
        ({"top_p": 0}, {"p": 0.01}),
        ({"p": 0.3, "k": 3, "top_p": 0.4}, {"p": 0.3, "k": 3}),
        ({"seed": 7}, {"seed": 7}),
        (
            {"frequency_penalty": 0.5, "presence_penalty": 2},
            {"frequency_penalty": 0.5, "presence_penalty": 1.0},
        ),
        ({"stop": "a"}, {"stop_sequences": ["a"]}),
        ({"stop": ["a", "", "b"]}, {"stop_sequences": ["a", "b"]}),
        ({"stop": ""}, {}),
        ({"logprobs": True}, {"logprobs": True}),
        ({"logprobs": False, "top_logprobs": 0, "n": 1, "store": False}, {}),
        ({"response_format": {"type": "text"}}, {}),
        ({"safety_mode": "STRICT", "priority": 3}, {"safety_mode": "STRICT", "priority": 3}),
        ({"documents": ["a"], "citation_options": {"mode": "FAST"}},) * 2,
        ({"thinking": {"type": "enabled", "token_budget": 9}},) * 2,
        ({"thinking": {"type": "disabled"}, "reasoning_effort": "high"}, {"thinking": {"type": "disabled"}}),
    ],
)
def test_parameters_have_coheres_names_and_bounds(fields: dict[str, Any], said: dict[str, Any]) -> None:
    assert body(**fields) == said
    assert asked(**fields).dropped == ()


def test_a_stream_is_asked_for_in_the_body() -> None:
    assert body(stream=True, stream_options={"include_usage": True}) == {"stream": True}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"user": "u"}, "user"),
        ({"logprobs": True, "top_logprobs": 3}, "top_logprobs"),
        ({"logit_bias": {"5": 1}}, "logit_bias"),
        ({"presence_penalty": -1}, "presence_penalty"),
        ({"reasoning_effort": "high"}, "reasoning_effort"),
        ({"tools": [function("f")], "parallel_tool_calls": False}, "parallel_tool_calls"),
        ({"nobody_knows": 1}, "nobody_knows"),
    ],
)
def test_what_cohere_has_no_word_for_is_left_out_and_named(fields: dict[str, Any], param: str) -> None:
    assert asked(**fields).dropped == (param,)
    body(**fields)
    assert refused(**fields, unsupported="error").param == param


def test_a_parameter_the_model_refuses_is_left_out_and_named() -> None:
    said = asked(abilities=Abilities(refused=("temperature",)), temperature=0.5, seed=1)
    assert (said.dropped, json.loads(said.content).get("temperature")) == (("temperature",), None)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"stop": ["a", "b", "c", "d", "e", "f"]}, "stop"),
        ({"tools": [{"type": "custom", "custom": {"name": "c"}}]}, "tools[0]"),
        ({"response_format": WISH, "documents": ["d"]}, "response_format"),
        ({"response_format": {"type": "json_object"}, "tools": [function("f")]}, "response_format"),
        ({"response_format": {"type": "json_object"}}, "messages"),
    ],
)
def test_what_would_give_another_answer_is_refused(fields: dict[str, Any], param: str) -> None:
    error = refused(**fields)
    assert (error.status, error.param) == (400, param)


def test_a_schema_of_no_object_beside_tools_is_wrapped() -> None:
    array = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "array"}}}
    found = asked(response_format=array, tools=[function("f")])
    assert found.answer_tool is not None
    assert found.answer_tool.is_wrapped
    assert json.loads(found.content)["tools"][-1]["function"]["parameters"] == found.answer_tool.schema


@pytest.mark.parametrize(
    ("effort", "abilities", "said"),
    [
        ("low", Abilities(thinking="budget"), {"thinking": {"type": "enabled", "token_budget": 2048}}),
        ("xhigh", Abilities(thinking="budget"), {"thinking": {"type": "enabled", "token_budget": 31_000}}),
        ("max", Abilities(thinking="budget"), {"thinking": {"type": "enabled"}}),
        ("low", Abilities(thinking="effort"), {"thinking": {"type": "enabled"}}),
        ("none", Abilities(thinking="budget"), {"thinking": {"type": "disabled"}}),
        ("none", Abilities(), {}),
        ("none", Abilities(thinking="budget", always_thinks=True), {}),
    ],
)
def test_an_effort_is_a_budget(effort: str, abilities: Abilities, said: dict[str, Any]) -> None:
    assert body(reasoning_effort=effort, abilities=abilities) == said


def test_tools_have_parameters_whether_or_not_they_take_any() -> None:
    found = body(tools=[function("f"), function("g", description="d", parameters=SCHEMA)])
    assert [tool["function"] for tool in found["tools"]] == [
        {"name": "f", "parameters": {"type": "object", "properties": {}}},
        {"name": "g", "parameters": SCHEMA, "description": "d"},
    ]
    assert set(found) == {"tools"}


def test_strictness_is_said_of_all_tools() -> None:
    tools = [function("f", strict=True, parameters=SCHEMA), function("g")]
    assert body(tools=tools)["strict_tools"] is True
    assert "strict_tools" not in body(tools=tools, abilities=Abilities(strict_tools=False))


@pytest.mark.parametrize(
    ("choice", "word", "names"),
    [
        ("auto", None, ["f", "g"]),
        ("none", "NONE", ["f", "g"]),
        ("required", "REQUIRED", ["f", "g"]),
        ({"type": "function", "function": {"name": "g"}}, "REQUIRED", ["g"]),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [function("f")]}},
            None,
            ["f"],
        ),
    ],
)
def test_a_choice_of_tools_is_a_word_and_which_are_there(
    choice: Any, word: str | None, names: list[str]
) -> None:
    found = body(tools=[function("f"), function("g")], tool_choice=choice)
    assert (found.get("tool_choice"), tools_of(found)) == (word, names)


def test_a_model_that_cannot_be_made_to_call_is_not_asked_to() -> None:
    error = refused(tools=[function("f")], tool_choice="required", abilities=Abilities(forced_tools=False))
    assert (error.param, error.code) == ("tool_choice", "unsupported_parameter")


def test_a_schema_is_coheres_own_where_there_are_no_tools() -> None:
    said = {"response_format": {"type": "json_object", "json_schema": SCHEMA}}
    assert body(response_format=WISH) == said
    assert body(response_format=WISH, tools=[function("f")], tool_choice="none") == said


def test_any_json_must_be_spoken_of() -> None:
    messages = [{"role": "system", "content": "Answer in JSON."}, *HI]
    assert body(messages=messages, response_format={"type": "json_object"}) == {
        "response_format": {"type": "json_object"}
    }


def test_a_schema_beside_tools_is_a_further_tool() -> None:
    options: dict[str, Any] = {"response_format": WISH, "tools": [function("f"), function("json_output")]}
    found = body(**options)
    assert (found["tool_choice"], tools_of(found)) == ("REQUIRED", ["f", "json_output", "json_output_"])
    assert found["tools"][-1]["function"]["parameters"] == SCHEMA
    ours = asked(**options).answer_tool
    assert ours is not None
    assert ours.name == "json_output_"


def test_a_schema_is_a_tool_where_the_model_keeps_to_none_else() -> None:
    found = body(response_format=WISH, abilities=Abilities(structured_output="tool"))
    assert (found["tool_choice"], tools_of(found)) == ("REQUIRED", ["json_output"])
    beside = body(
        response_format=WISH,
        tools=[function("f")],
        tool_choice="none",
        abilities=Abilities(structured_output="tool"),
    )
    assert tools_of(beside) == ["json_output"]


def test_a_schema_beside_a_call_that_must_come_is_no_matter() -> None:
    options: dict[str, Any] = {"response_format": WISH, "tools": [function("f")], "tool_choice": "required"}
    assert tools_of(body(**options)) == ["f"]
    assert asked(**options).answer_tool is None


def test_functions_are_tools_and_remembered() -> None:
    said = asked(functions=[{"name": "f"}], function_call={"name": "f"})
    assert said.legacy
    assert json.loads(said.content)["tool_choice"] == "REQUIRED"


@given(documents(files=False, audio=False))
def test_whatever_can_be_asked_breaks_no_rule_of_coheres(document: dict[str, Any]) -> None:
    question = Question(document=document, model="m", stream=bool(document.get("stream")))
    try:
        said = say(question)
    except InvalidRequest as error:
        assert error.param is not None  # noqa: PT017 (either is right)
        return
    assert faults(json.loads(said.content)) == []
