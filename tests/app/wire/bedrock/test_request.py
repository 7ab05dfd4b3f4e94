"""Whole requests: what Hypothesis makes of conversations is valid for Converse, and golden ones stay."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.bedrock.format import BedrockFormat
from app.wire.bedrock.request import write_request
from app.wire.format import Question
from tests.bedrock_model import MODEL, on_the_wire
from tests.conversations import documents
from tests.emulators.bedrock_rules import faults
from tests.golden import bedrock_cases as cases

ABILITIES = st.builds(
    Abilities,
    temperature_or_top_p=st.booleans(),
    structured_output=st.sampled_from(["native", "tool"]),
    structured_output_with_tools=st.booleans(),
    strict_tools=st.booleans(),
    audio=st.just(True),
    thinking=st.sampled_from(["none", "budget", "adaptive", "level", "effort"]),
    text_with_tool_results=st.booleans(),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(
    document=documents(remote=False),
    abilities=ABILITIES,
    model=st.sampled_from([MODEL, "amazon.nova-pro-v1:0", "m"]),
)
def test_whatever_makes_sense_is_valid_for_converse(
    document: dict[str, Any], abilities: Abilities, model: str
) -> None:
    stream = document.get("stream", False)
    question = Question(document=document, model=model, stream=stream, abilities=abilities)
    try:
        asked = BedrockFormat(float).ask(question)
    except InvalidRequest as error:
        assert error.param, error  # noqa: PT017 (some have no words: forced choices while thinking, n, ...)
        return
    body = json.loads(asked.content)
    together = abilities.text_with_tool_results
    assert faults(body, stream=stream, model=model, text_with_results=together) == []
    assert on_the_wire(model, body, stream=stream) == (f"/{asked.path}", body)


def test_a_choice_of_none_leaves_no_tools_and_says_calls_as_text() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
    body = _body(
        [
            {"role": "user", "content": "Go"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "done"},
        ],
        tools=[{"type": "function", "function": {"name": "f"}}],
        tool_choice="none",
    )
    assert "toolConfig" not in body
    assert body["messages"][1]["content"] == [{"text": 'Called the tool f with {"a":1}'}]
    assert body["messages"][2]["content"] == [{"text": "The tool f answered:"}, {"text": "done"}]


def test_a_schema_is_sent_as_text_beside_the_effort() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    body = _body(
        [{"role": "user", "content": "Go"}],
        Abilities(thinking="adaptive"),
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": schema, "description": "d"},
        },
        reasoning_effort="minimal",
    )
    said = body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    assert json.loads(said["schema"]) == {**schema, "additionalProperties": False}
    assert (said["name"], said["description"]) == ("n", "d")
    assert body["outputConfig"]["effort"] == "low"
    assert body["additionalModelRequestFields"] == {"thinking": {"type": "adaptive", "display": "summarized"}}


def test_no_tokens_at_all_is_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        _body([{"role": "user", "content": "Go"}], max_tokens=0)
    assert caught.value.param == "max_tokens"


def test_what_the_model_refuses_is_left_out_and_named() -> None:
    abilities = Abilities(refused=("temperature", "top_k"))
    document = {"messages": [{"role": "user", "content": "Go"}], "temperature": 1, "top_k": 4, "top_p": 0.5}
    written = write_request(Question(document=document, model=MODEL, abilities=abilities))
    assert written.body["inferenceConfig"] == {"topP": 0.5}
    assert written.dropped == ("temperature", "top_k")


def test_what_nobody_knows_can_be_passed_among_the_models_own_fields() -> None:
    document = {"messages": [{"role": "user", "content": "Go"}], "seed": 7, "wild": {"a": 1}}
    written = write_request(Question(document=document, model=MODEL, unsupported="passthrough"))
    assert written.body["additionalModelRequestFields"] == {"seed": 7, "wild": {"a": 1}}
    assert written.dropped == ()


def test_what_nobody_knows_can_be_an_error() -> None:
    document = {"messages": [{"role": "user", "content": "Go"}], "seed": 7}
    with pytest.raises(InvalidRequest) as caught:
        write_request(Question(document=document, model=MODEL, unsupported="error"))
    assert (caught.value.param, caught.value.code) == ("seed", "unsupported_parameter")


def _body(
    messages: list[dict[str, Any]], abilities: Abilities | None = None, **fields: Any
) -> dict[str, Any]:
    document = {"messages": messages, **fields}
    question = Question(document=document, model=MODEL, abilities=abilities or Abilities())
    body = write_request(question).body
    assert faults(body) == []
    return body


@pytest.mark.parametrize("name", cases.REQUESTS)
def test_a_golden_request_stays_as_it_is_and_is_valid(name: str) -> None:
    asked, question = cases.asked(name), cases.question(name)
    assert asked == cases.load(f"{name}.converse.json")
    together = question.abilities.text_with_tool_results
    assert faults(asked["body"], model=question.model, text_with_results=together) == []
    assert on_the_wire(question.model, asked["body"]) == (f"/{asked['path']}", asked["body"])
