"""Parameters as fields of the body, by what the model takes."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.anthropic.request import Written, write_request
from app.wire.format import Question, Unsupported

MESSAGES: list[dict[str, Any]] = [{"role": "user", "content": "Hello"}]
PLAIN = Abilities()
TOOLS = [{"type": "function", "function": {"name": "f"}}]


def write(unsupported: Unsupported = "drop", abilities: Abilities = PLAIN, **fields: Any) -> Written:
    document = {"model": "m", "messages": MESSAGES, **fields}
    question = Question(document=document, model="claude-x", abilities=abilities, unsupported=unsupported)
    return write_request(question, fetches=True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"max_tokens": 5}, {"max_tokens": 5}),
        ({"max_tokens": 5, "max_completion_tokens": 7}, {"max_tokens": 7}),
        ({"temperature": 2}, {"temperature": 1}),
        ({"temperature": 0.5, "top_p": 0.2, "top_k": 4}, {"temperature": 0.5, "top_p": 0.2, "top_k": 4}),
        ({"stop": "END"}, {"stop_sequences": ["END"]}),
        ({"stop": ["a", "\n", ""]}, {"stop_sequences": ["a"]}),
        ({"stop_sequences": ["a"]}, {"stop_sequences": ["a"]}),
        ({"stop": ["\n"]}, {}),
        ({"user": "u"}, {"metadata": {"user_id": "u"}}),
        ({"service_tier": "auto"}, {"service_tier": "auto"}),
        ({"service_tier": "fast"}, {"speed": "fast"}),
        ({"output_config": {"effort": "low"}}, {"output_config": {"effort": "low"}}),
        ({"cache_control": {"type": "ephemeral"}}, {"cache_control": {"type": "ephemeral"}}),
        ({"mcp_servers": [], "container": "c"}, {"mcp_servers": [], "container": "c"}),
        ({"n": 1, "seed": None, "logprobs": False}, {}),
    ],
)
def test_a_parameter_has_its_field(fields: dict[str, Any], said: dict[str, Any]) -> None:
    written = write(**fields)
    plain = {
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
    }
    assert written.body == {**plain, **said}
    assert written.dropped == ()


@pytest.mark.parametrize(
    ("abilities", "fields", "dropped"),
    [
        (Abilities(), {"service_tier": "flex", "seed": 3}, ("service_tier", "seed")),
        (Abilities(refused=("temperature", "top_p")), {"temperature": 1, "top_p": 0.5}, ("top_p",)),
        (Abilities(refused_while_thinking=("top_p",), always_thinks=True), {"top_p": 0.99}, ("top_p",)),
        (Abilities(refused=("stop",)), {"stop": "END"}, ("stop",)),
        (Abilities(refused=("top_k",)), {"top_k": 1}, ("top_k",)),
        (Abilities(temperature_or_top_p=True), {"temperature": 0, "top_p": 0.5}, ("top_p",)),
        (Abilities(always_thinks=True), {"temperature": 0.5, "top_p": 0.9}, ("temperature", "top_p")),
        (Abilities(always_thinks=True), {"temperature": 1, "top_p": 0.95, "top_k": 1}, ("top_k",)),
    ],
)
def test_what_the_model_does_not_take_is_named(
    abilities: Abilities, fields: dict[str, Any], dropped: tuple[str, ...]
) -> None:
    written = write(abilities=abilities, **fields)
    assert written.dropped == dropped
    assert not any(name in written.body for name in dropped)
    with pytest.raises(InvalidRequest) as caught:
        write("error", abilities=abilities, **fields)
    assert caught.value.param == dropped[0]
    passed = write("passthrough", abilities=abilities, **fields).body
    assert {name: passed.get(name) for name in dropped} == {name: fields[name] for name in dropped}


def test_of_temperature_and_top_p_the_one_that_says_something_is_sent() -> None:
    body = write(abilities=Abilities(temperature_or_top_p=True), temperature=1, top_p=0.5).body
    assert (body.get("temperature"), body["top_p"]) == (None, 0.5)


@pytest.mark.parametrize("fields", [{"n": 2}, {"tools": TOOLS, "tool_choice": "required"}])
def test_what_would_change_the_answer_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        write(abilities=Abilities(forced_tools=False), **fields)
    assert caught.value.param in fields


@pytest.mark.parametrize("thought", [{"reasoning_effort": "high"}, {"thinking": {"type": "adaptive"}}])
def test_a_forced_tool_wins_over_thinking(thought: dict[str, Any]) -> None:
    able = Abilities(thinking="adaptive")
    written = write(abilities=able, tools=TOOLS, tool_choice="required", **thought)
    assert "thinking" not in written.body
    assert written.body["tool_choice"] == {"type": "any"}
    assert written.dropped == tuple(thought)
    both = write(
        abilities=Abilities(thinking="adaptive", forced_tools_while_thinking=True),
        tools=TOOLS,
        tool_choice="required",
        **thought,
    )
    assert both.body["thinking"]["type"] == "adaptive"


def test_a_model_that_always_thinks_cannot_be_forced() -> None:
    with pytest.raises(InvalidRequest) as caught:
        write(abilities=Abilities(always_thinks=True), tools=TOOLS, tool_choice="required")
    assert caught.value.param == "tool_choice"


@pytest.mark.parametrize(
    "thought", [{"reasoning_effort": "high"}, {"thinking": {"type": "enabled", "budget_tokens": 1024}}]
)
def test_calls_without_a_thought_are_gone_on_with_without_thinking(thought: dict[str, Any]) -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}
    said: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "a", "content": "1"}
    block = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    able = Abilities(thinking="budget")
    for more, thinks in (
        ((said, result), False),
        (({**said, "thinking_blocks": [block]}, result), True),
        (({**said, "content_blocks": [block]}, result), True),
        ((said, result, MESSAGES[0]), True),
    ):
        written = write(abilities=able, messages=[*MESSAGES, *more], **thought)
        assert ("thinking" in written.body) is thinks
        assert written.dropped == (() if thinks else tuple(thought))


def test_a_tool_keeps_the_vendor_s_own_fields() -> None:
    own = {"defer_loading": True, "input_examples": [{}]}
    (tool,) = write(tools=[{**TOOLS[0], **own, "other": 1}]).body["tools"]
    assert tool == {**own, "name": "f", "input_schema": {"type": "object", "properties": {}}}


def test_an_answer_that_has_begun_needs_a_model_that_goes_on_with_it() -> None:
    begun = [*MESSAGES, {"role": "assistant", "content": "The"}]
    assert write(messages=begun).body["messages"][-1]["role"] == "assistant"
    with pytest.raises(InvalidRequest) as caught:
        write(abilities=Abilities(prefill=False), messages=begun)
    assert caught.value.param == "messages[1]"
    with pytest.raises(InvalidRequest, match=r"messages\[1\]"):
        write(abilities=Abilities(prefill=False), messages=[*begun, {"role": "system", "content": "Go on"}])


@pytest.mark.parametrize("fields", [{"betas": "b"}, {"betas": [1]}, {"output_config": 1}, {"thinking": 1}])
def test_the_vendor_s_own_fields_are_looked_at_where_we_add_to_them(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        write(**fields)
    assert caught.value.param in fields


def test_efforts_and_formats_share_their_object() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "null"}}}
    wish = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    written = write(abilities=Abilities(thinking="adaptive"), reasoning_effort="low", response_format=wish)
    assert set(written.body["output_config"]) == {"effort", "format"}


@pytest.mark.parametrize(
    "betas", [["a\r\nx: y"], ["a\n"], ["\x00"], ["\xe9"], ["a,b"], [""], ["a" * 101], ["a"] * 21]
)
def test_what_cannot_stand_in_a_header_is_no_beta(betas: list[str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        write(betas=betas)
    assert caught.value.param == "betas"


def test_betas_are_the_caller_s_and_those_a_field_needs() -> None:
    assert write(betas=["a"], service_tier="fast").betas == ("a", "fast-mode-2026-02-01")


def test_the_answer_is_read_as_it_was_asked_for() -> None:
    answer_tool = write(response_format={"type": "json_object"}).reading.answer_tool
    assert answer_tool is not None
    assert answer_tool.name == "json_output"
    legacy = write(functions=[{"name": "f"}])
    assert legacy.reading.is_legacy
    assert legacy.body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
