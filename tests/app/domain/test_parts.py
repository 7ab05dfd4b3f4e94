"""Every text of a request is a part, and finds its way back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.part_list import TooManyTexts
from app.domain.parts import redact_request, request_parts
from guardrails.part import PartKind

SECRET = "canary-7f3a"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def request(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"model": "@a/b", "messages": list(messages), **fields}


PLACES = {
    "a system prompt": request({"role": "system", "content": SECRET}),
    "an earlier turn": request({"role": "user", "content": SECRET}, {"role": "user", "content": "hi"}),
    "a text part": request({"role": "user", "content": [{"type": "text", "text": SECRET}]}),
    "an image's address": request(
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": f"https://x/{SECRET}"}}]}
    ),
    "a data url that is no base64": request(
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": f"data:text/plain,{SECRET}" * 90}}],
        }
    ),
    "a column of numbers as long as media": request(
        {"role": "user", "content": f"{SECRET}\n123-45-6789\n" * 60}
    ),
    "long base64 where no media belongs": request({"role": "user", "content": "iVBORw0KGgo" * 200 + SECRET}),
    "a float": request(x=[SECRET, 4111111111111111.0]),
    "digits without a break": request({"role": "user", "content": "4111111111111111" * 80 + SECRET}),
    "the type of a data url": request(
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": f"data:{SECRET} x;base64," + "iVBOR" * 300}}
            ],
        }
    ),
    "short base64": request(
        {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": SECRET}}]}
    ),
    "a refusal": request({"role": "assistant", "content": None, "refusal": SECRET}),
    "reasoning": request({"role": "assistant", "content": "", "reasoning_content": SECRET}),
    "a participant's name": request({"role": "user", "content": "hi", "name": SECRET}),
    "an id": request({"role": "tool", "content": "hi", "tool_call_id": SECRET}),
    "the type of a part": request({"role": "user", "content": [{"type": SECRET}]}),
    "a tool's result": request({"role": "tool", "content": SECRET, "tool_call_id": "1"}),
    "a tool's result, escaped": request(
        {"role": "tool", "content": '{"x": "canary\\u002d7f3a"}', "tool_call_id": "1"}
    ),
    "arguments in the history": request(
        {
            "role": "assistant",
            "tool_calls": [{"function": {"name": "f", "arguments": json.dumps({"x": SECRET})}}],
        }
    ),
    "arguments under a key that looks like a path": request(
        **{'f#g["': {"arguments": json.dumps({"x#y": SECRET, SECRET: 1})}}
    ),
    "a key of arguments": request(
        {
            "role": "assistant",
            "tool_calls": [{"function": {"name": "f", "arguments": json.dumps({SECRET: 1})}}],
        }
    ),
    "a function call": request({"role": "assistant", "function_call": {"name": SECRET, "arguments": "{}"}}),
    "an unknown field of a message": request({"role": "user", "content": "hi", "x": {"y": [SECRET]}}),
    "an unknown field": request(x=[{"y": SECRET}]),
    "the name of an unknown field": request(**{SECRET: 1}),
    "metadata": request(metadata={"k": SECRET}),
    "a tool's description": request(
        tools=[{"type": "function", "function": {"name": "f", "description": SECRET}}]
    ),
    "a schema": request(
        response_format={"type": "json_schema", "json_schema": {"schema": {"const": SECRET}}}
    ),
    "the user": request(user=SECRET),
    "a stop word": request(stop=["a", SECRET]),
    "a prediction": request(prediction={"type": "content", "content": SECRET}),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_text_is_found_wherever_it_stands_and_can_be_replaced(place: str) -> None:
    document = PLACES[place]
    before = json.dumps(document)
    guilty = [part for part in request_parts(document) if SECRET in part.text]
    assert guilty
    redacted = redact_request(document, {part.path: "[X]" for part in guilty})
    assert SECRET not in json.dumps(redacted)
    assert "canary" not in json.dumps(redacted)
    assert json.dumps(document) == before


def test_long_base64_and_the_protocol_s_own_words_are_no_texts() -> None:
    image = "data:image/png;base64," + "iVBORw0KGgo" * 200
    document = request(
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": image, "detail": "high"}}]},
        tool_choice="auto",
    )
    assert request_parts(document) == ()


def test_parts_know_their_role_and_kind() -> None:
    parts = request_parts(
        request(
            {"role": "system", "content": "be brief"},
            {"role": "assistant", "content": "x", "reasoning_content": "hm"},
            {"role": "tool", "content": "42 degrees"},
            user="u-1",
        )
    )
    assert [(part.path, part.kind, part.role) for part in parts] == [
        ("messages[0].content", PartKind.TEXT, "system"),
        ("messages[1].content", PartKind.TEXT, "assistant"),
        ("messages[1].reasoning_content", PartKind.REASONING, "assistant"),
        ("messages[2].content", PartKind.TOOL_RESULT, "tool"),
        ("user", PartKind.FIELD, ""),
    ]


def test_what_tools_can_do_is_nobody_s_words() -> None:
    schema = {"type": "object", "properties": {"to": {"type": "string", "description": "jane@example.com"}}}
    function = {"name": "mail", "description": "Ask jane@example.com.", "parameters": schema}
    parts = request_parts(
        request({"role": "user", "content": "hi"}, tools=[{"type": "function", "function": function}])
    )
    told = [part for part in parts if "jane" in part.text]
    assert len(told) == 2
    assert {(part.kind, part.role) for part in told} == {(PartKind.FIELD, "")}


def test_a_number_long_enough_to_be_a_card_is_replaced_by_text() -> None:
    document = request(metadata={"card": 4111111111111111})
    assert redact_request(document, {"metadata.card": "[CARD]"})["metadata"] == {"card": "[CARD]"}


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_a_request_without_findings_is_the_very_same(fields: dict[str, Any]) -> None:
    document = request(
        {"role": "user", "content": "hi", "z": fields}, **{k: v for k, v in fields.items() if k}
    )
    assert redact_request(document, {}) is document
    assert redact_request(document, {"nowhere": "x"}) == document


def test_a_whole_number_written_as_a_float_is_the_same_number() -> None:
    texts = [part.text for part in request_parts(request(metadata={"card": 4111111111111111.0}))]
    assert texts == ["card", "4111111111111111"]


def test_long_keys_do_not_multiply_in_the_paths_below_them() -> None:
    parts = request_parts(request(x={"K" * 300_000: ["a"] * 800, "K" * 300_001: ["b"]}))
    assert sum(len(part.path) for part in parts) < 800 * 200
    assert len({part.path for part in parts}) == len(parts)


def test_more_texts_than_can_be_screened_are_refused() -> None:
    with pytest.raises(TooManyTexts):
        request_parts(request(x=["a"] * 100_001))


def _roles_of_new(*roles: str) -> list[str]:
    messages = [{"role": role, "content": f"text {i}"} for i, role in enumerate(roles)]
    parts = request_parts({"messages": messages, "tools": [{"function": {"description": "d"}}]})
    assert parts[-1].is_new, "what stands outside of messages is new"
    return [f"{part.role} {part.text[-1]}" for part in parts if part.is_new and part.role]


@pytest.mark.parametrize(
    ("roles", "new"),
    [
        (["user"], ["user 0"]),
        (["system", "user", "assistant", "user"], ["system 0", "user 3"]),
        (["user", "assistant", "tool", "tool"], ["tool 2", "tool 3"]),
        (["user", "assistant", "tool", "assistant", "user", "user"], ["user 4", "user 5"]),
        (["user", "assistant", "developer", "user"], ["developer 2", "user 3"]),
        (["user", "assistant"], ["user 0", "assistant 1"]),
        (["user", "assistant", "user", "assistant", "assistant"], ["user 2", "assistant 3", "assistant 4"]),
        (["assistant"], ["assistant 0"]),
        ([], []),
    ],
    ids=" ".join,
)
def test_new_is_what_the_assistant_has_not_answered(roles: list[str], new: list[str]) -> None:
    assert _roles_of_new(*roles) == new


def test_every_text_of_an_old_message_is_old() -> None:
    call = {"id": "x1", "function": {"name": "f", "arguments": '{"a": "b"}'}}
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "old"}], "odd": {"key": "old"}},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "x1", "content": '{"a": "\\u0041"}'},
    ]
    new = [part for part in request_parts({"messages": messages}) if part.is_new]
    assert {part.path.partition(".")[0] for part in new} == {"messages[2]"}
    assert len(new) < len(request_parts({"messages": messages}))


@pytest.mark.parametrize(
    "said",
    [
        {"content": [{"type": "refusal", "refusal": SECRET}]},
        {"reasoning": SECRET},
        {"thinking": [{"arguments": SECRET}]},
    ],
)
def test_what_a_user_says_is_said_by_him_whatever_he_calls_it(said: dict[str, Any]) -> None:
    for role, is_text in (("user", True), ("assistant", False)):
        (part,) = [one for one in request_parts(request({"role": role, **said})) if one.text == SECRET]
        assert (part.kind is PartKind.TEXT) is is_text
        assert part.role == role


def test_what_a_config_puts_into_a_request_is_told_apart_alike() -> None:
    document = {"messages": [{"role": "user", "content": SECRET}], "prompt": "p"}
    assert [(part.path, part.role) for part in request_parts(document, "config.x")] == [
        ("config.x.messages[0].content", "user"),
        ("config.x.prompt", "user"),
    ]
    assert [part.text for part in request_parts({"messages": [SECRET, {"role": "user"}]})] == [SECRET]
