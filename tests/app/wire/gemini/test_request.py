"""Parameters as `generationConfig`, and Google's types as the judge of every request."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.gemini.parts import Host
from tests.gemini import (
    GEMINI_2,
    GEMINI_3,
    asked,
    assistant,
    body,
    call,
    check,
    config,
    function,
    result,
    user,
)

SCHEMA = {"type": "object", "properties": {"title": {"type": "string", "title": "T"}}}


def test_the_judge_sees_what_is_wrong() -> None:
    good = body({})
    for wrong in (
        {"max_tokens": 5},
        {"generationConfig": {"maxTokens": 5}},
        {"generationConfig": {"mediaResolution": "HUGE"}},
        {"contents": [{"role": "user", "parts": [{"txt": "a"}]}]},
        {"toolConfig": {"functionCallingConfig": {"mode": "SOMETIMES"}}},
        {"serviceTier": "slow"},
    ):
        with pytest.raises((ValueError, UserWarning)):
            check({**good, **wrong})


@pytest.mark.parametrize(
    ("document", "meant"),
    [
        ({"temperature": 0.5, "top_p": 0.9, "top_k": 3}, {"temperature": 0.5, "topP": 0.9, "topK": 3}),
        ({"temperature": 0}, {"temperature": 0}),
        ({"max_tokens": 5}, {"maxOutputTokens": 5}),
        ({"max_tokens": 5, "max_completion_tokens": 6}, {"maxOutputTokens": 6}),
        ({"stop": "x"}, {"stopSequences": ["x"]}),
        ({"stop": ["x", "", "y"]}, {"stopSequences": ["x", "y"]}),
        ({"stop": ""}, {}),
        ({"n": 2, "seed": 7}, {"candidateCount": 2, "seed": 7}),
        ({"n": 1}, {}),
        (
            {"presence_penalty": 0.5, "frequency_penalty": -0.5},
            {"presencePenalty": 0.5, "frequencyPenalty": -0.5},
        ),
        ({"logprobs": True, "top_logprobs": 3}, {"responseLogprobs": True, "logprobs": 3}),
        ({"logprobs": False, "top_logprobs": 3}, {}),
        ({"modalities": ["text", "image"]}, {"responseModalities": ["TEXT", "IMAGE"]}),
        ({"modalities": ["text"]}, {}),
        ({"response_format": {"type": "text"}}, {}),
        ({"response_format": {"type": "json_object"}}, {"responseMimeType": "application/json"}),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}},
            {
                "responseMimeType": "application/json",
                "responseJsonSchema": {"type": "object", "properties": {"title": {"type": "string"}}},
            },
        ),
    ],
)
def test_a_parameter_has_its_place(document: dict[str, Any], meant: dict[str, Any]) -> None:
    assert config(document) == meant
    assert asked(document).dropped == ()


def test_a_tier_is_asked_for_by_name() -> None:
    assert body({"service_tier": "flex"})["serviceTier"] == "flex"
    assert body({"service_tier": "priority"})["serviceTier"] == "priority"
    assert "serviceTier" not in body({"service_tier": "auto"})
    assert asked({"service_tier": "scale"}).dropped == ("service_tier",)


def test_what_cannot_be_said_is_dropped_refused_or_passed() -> None:
    document = {"user": "u", "logit_bias": {"1": 2}, "store": False, "metadata": {}}
    assert set(asked(document).dropped) == {"user", "logit_bias"}
    with pytest.raises(InvalidRequest) as caught:
        asked(document, unsupported="error")
    assert caught.value.param == "user"
    assert caught.value.message.startswith("Gemini's gemini-2.5-flash cannot be asked for")
    assert b'"logit_bias"' in asked(document, unsupported="passthrough").content


def test_parallel_calls_cannot_be_switched_off() -> None:
    document = {"tools": [function()], "parallel_tool_calls": False}
    assert asked(document).dropped == ("parallel_tool_calls",)
    assert asked({"parallel_tool_calls": False}).dropped == ()


def test_what_a_model_refuses_is_not_said() -> None:
    refusing = Abilities(refused=("presence_penalty", "seed"))
    found = asked({"presence_penalty": 1, "temperature": 1}, abilities=refusing)
    assert found.dropped == ("presence_penalty",)
    assert config({"presence_penalty": 1, "temperature": 1}, abilities=refusing) == {"temperature": 1}


def test_a_model_that_does_not_go_on_is_not_asked_to() -> None:
    messages = [user("a"), assistant("b")]
    assert body({"messages": messages})["contents"][-1]["role"] == "model"
    with pytest.raises(InvalidRequest) as caught:
        body({"messages": messages}, abilities=Abilities(prefill=False))
    assert caught.value.param == "messages[1]"


TEXT = st.text(max_size=5)
PART = st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}) | st.just(
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk=", "detail": "low"}}
)
CONTENT = TEXT | st.lists(PART, max_size=3)


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Make messages in which every call is answered, in any order and with a word in between."""
    messages = draw(st.lists(st.builds(lambda text: {"role": "system", "content": text}, TEXT), max_size=1))
    messages.append(user("hi"))
    for _ in range(draw(st.integers(0, 4))):
        ids = draw(st.lists(st.sampled_from(["call_1", "call_2", "g1", "toolu_1"]), max_size=3, unique=True))
        signed = {"extra_content": {"google": {"thought_signature": "c2ln"}}}
        calls = [
            call(name, draw(st.sampled_from(["f", "g"])), "{}", **draw(st.sampled_from([{}, signed])))
            for name in ids
        ]
        messages.append(assistant(draw(st.none() | TEXT), *calls))
        messages += [result(name, draw(CONTENT)) for name in draw(st.permutations(ids))]
        messages += [user(content) for content in draw(st.lists(CONTENT, max_size=2))]
    return messages


PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.floats(0, 2),
        "max_tokens": st.integers(1, 99),
        "stop": TEXT | st.lists(TEXT, max_size=3),
        "reasoning_effort": st.sampled_from(["none", "low", "high", "max"]),
        "tools": st.just([function("f", SCHEMA, strict=True), function("g")]),
        "response_format": st.just({"type": "json_object"}),
        "n": st.integers(1, 3),
        "service_tier": st.sampled_from(["auto", "flex"]),
        "logprobs": st.booleans(),
    },
)


@given(
    conversations(),
    PARAMS,
    st.sampled_from([GEMINI_2, GEMINI_3]),
    st.sampled_from(["gemini", "vertex"]),
)
def test_every_conversation_is_a_request_by_googles_types_and_rules(
    messages: list[dict[str, Any]], params: dict[str, Any], abilities: Abilities, host: Host
) -> None:
    found = body({**params, "messages": messages}, abilities=abilities, host=host)
    contents = found["contents"]
    assert contents
    assert all(content["parts"] for content in contents)
    assert [content["role"] for content in contents] == [
        ("user", "model")[place % 2] for place in range(len(contents))
    ]
    assert "thinkingLevel" not in (config := found.get("generationConfig", {}).get("thinkingConfig", {})) or (
        "thinkingBudget" not in config
    )
    said = sum(
        len(part) for message in messages for part in [message["content"] or ""] if isinstance(part, str)
    )
    assert sum(len(part.get("text", "")) for content in contents for part in content["parts"]) <= said + 99
