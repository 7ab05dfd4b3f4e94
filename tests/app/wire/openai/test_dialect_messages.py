"""Messages of a request in a dialect."""

import re
from typing import Any

import msgspec
import pytest

from app.catalogue.dialect import Dialect, ToolIds
from app.domain.errors import InvalidRequest
from app.wire.openai.dialect_messages import WANTS_JSON, MessageWriter, instructed

Messages = list[dict[str, Any]]
IMAGE = {"type": "image_url", "image_url": {"url": "https://x/y.png"}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}, "extra_content": 1}
TURN: Messages = [
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "call_1", "content": "42"},
]


def _write(messages: Messages, images: str = "url", policy: Any = "drop", **dialect: Any) -> Messages:
    before = msgspec.json.encode(messages)
    written = MessageWriter(Dialect(**dialect), images, policy, "X's m").write(messages)
    assert msgspec.json.encode(messages) == before, "the caller's messages were changed"
    return written


def test_what_no_data_speaks_of_is_sent_as_it_came() -> None:
    messages = [
        {"role": "developer", "content": "a", "name": "n"},
        *TURN,
        {"role": "user", "content": [IMAGE]},
    ]
    assert _write(messages) == messages


def test_roles_are_called_as_they_are_known() -> None:
    written = _write([{"role": "developer", "content": "a"}], roles={"developer": "system"})
    assert written == [{"role": "system", "content": "a"}]


def test_texts_become_one_where_content_must_be_flat() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert _write([{"role": "user", "content": parts}], flat_content=True)[0]["content"] == "a\nb"
    mixed = [{"role": "user", "content": [*parts, IMAGE]}]
    assert _write(mixed, flat_content=True) == mixed


@pytest.mark.parametrize(
    "part",
    [
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,AA=="}},
        {"type": "unheard-of"},
    ],
)
@pytest.mark.parametrize("policy", ["drop", "error", "passthrough"])
def test_a_part_of_an_unknown_type_is_an_error_that_names_it(part: dict[str, Any], policy: str) -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": "a"}, part]}]
    assert _write(messages, policy=policy) == messages
    with pytest.raises(InvalidRequest) as caught:
        _write(messages, policy=policy, parts=("text", "image_url"))
    assert (caught.value.param, caught.value.code) == ("messages[0].content[1]", "unsupported_parameter")


def test_a_refusal_is_a_text_where_it_is_no_part() -> None:
    messages = [{"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}]
    assert _write(messages) == messages
    assert _write(messages, parts=("text",))[0]["content"] == [{"type": "text", "text": "No."}]
    assert _write(messages, parts=("text",), flat_content=True)[0]["content"] == "No."


@pytest.mark.parametrize("images", ["none", "data"])
def test_an_image_that_cannot_be_sent_is_an_error_with_its_place(images: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        _write([{"role": "user", "content": [{"type": "text", "text": "a"}, IMAGE]}], images)
    assert caught.value.param == "messages[0].content[1]"


@pytest.mark.parametrize("url", ["data:image/png;base64,AA", {"url": "DATA:image/png;base64,AA"}])
def test_an_image_with_its_data_goes_where_data_is_taken(url: Any) -> None:
    messages = [{"role": "user", "content": [{"type": "image_url", "image_url": url}]}]
    assert _write(messages, "data") == messages


def test_turns_of_one_role_become_one() -> None:
    written = _write(
        [
            {"role": "user", "content": "a"},
            {"role": "user", "content": "b"},
            {"role": "user", "content": [IMAGE]},
            {"role": "assistant", "content": "c"},
        ],
        alternate_roles=True,
    )
    assert [message["role"] for message in written] == ["user", "assistant"]
    assert written[0]["content"] == [{"type": "text", "text": "a\n\nb"}, IMAGE]


def test_instructions_in_between_go_to_the_front_where_roles_alternate() -> None:
    messages = [
        {"role": "system", "content": "a"},
        {"role": "user", "content": "b"},
        {"role": "developer", "content": "c"},
        {"role": "user", "content": "d"},
    ]
    written = _write(messages, alternate_roles=True, roles={"developer": "system"})
    assert written == [{"role": "system", "content": "a\n\nc"}, {"role": "user", "content": "b\n\nd"}]
    assert len(_write(messages)) == 4


def test_an_error_names_the_place_a_message_had_before_it_moved() -> None:
    messages: Messages = [
        {"role": "system", "content": "a"},
        {"role": "user", "content": [IMAGE]},
        {"role": "system", "content": "b"},
    ]
    with pytest.raises(InvalidRequest) as caught:
        _write(messages, images="none", alternate_roles=True)
    assert caught.value.param == "messages[1].content[0]"


def test_turns_with_calls_stay_apart() -> None:
    assert _write([*TURN, *TURN], alternate_roles=True) == [*TURN, *TURN]


def test_the_assistant_speaks_between_a_tool_and_a_user() -> None:
    written = _write([*TURN, {"role": "user", "content": "Go on"}], bridge_tool_to_user=".")
    assert [message["role"] for message in written] == ["assistant", "tool", "assistant", "user"]
    assert written[2]["content"] == "."


def test_a_result_names_its_function() -> None:
    assert _write(TURN, tool_names=True)[1]["name"] == "f"


def test_ids_are_the_same_in_calls_and_results() -> None:
    call, result = _write(TURN, tool_ids=ToolIds(pattern="[A-Za-z0-9]{9}", length=9))
    assert re.fullmatch("[A-Za-z0-9]{9}", result["tool_call_id"])
    assert call["tool_calls"][0]["id"] == result["tool_call_id"]


def test_members_that_are_not_known_are_left_out_and_named() -> None:
    message: dict[str, Any] = {
        "role": "user",
        "content": "a",
        "name": "Ann",
        "refusal": None,
        "annotations": [],
    }
    writer = MessageWriter(Dialect(message_fields=("role", "content")), "url", "drop", "X")
    assert writer.write([message]) == [{"role": "user", "content": "a"}]
    assert writer.dropped == ["messages[0].name"]


def test_members_of_calls_that_are_not_known_are_left_out() -> None:
    fields = ("role", "content", "tool_calls", "tool_call_id")
    assert _write(TURN, message_fields=fields)[0]["tool_calls"][0].keys() == {"id", "type", "function"}


def test_a_refused_member_is_an_error_or_sent_as_configured() -> None:
    messages = [{"role": "user", "content": "a", "name": "Ann"}]
    assert _write(messages, policy="passthrough", message_drop=("name",)) == messages
    with pytest.raises(InvalidRequest) as caught:
        _write(messages, policy="error", message_drop=("name",))
    assert caught.value.param == "messages[0].name"


THOUGHT: Messages = [
    {
        "role": "assistant",
        "content": "b",
        "reasoning_content": "Why?",
        "thinking_blocks": [{}],
        "reasoning_details": [1],
    }
]


@pytest.mark.parametrize(
    ("dialect", "sent"),
    [
        ({}, THOUGHT[0]),
        (
            {"reasoning_field": "reasoning"},
            {"role": "assistant", "content": "b", "reasoning": "Why?", "reasoning_details": [1]},
        ),
        ({"reasoning_replay": "strip"}, {"role": "assistant", "content": "b"}),
        (
            {"reasoning_replay": "parts"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "Why?"}]},
                    {"type": "text", "text": "b"},
                ],
            },
        ),
    ],
)
def test_reasoning_is_sent_back_as_the_provider_wants_it(
    dialect: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert _write(THOUGHT, **dialect) == [sent]


def test_instructions_speak_of_json_where_nobody_does() -> None:
    asked = {"role": "user", "content": "Give me json"}
    assert instructed([asked], WANTS_JSON) == [asked]
    plain = {"role": "user", "content": [{"type": "text", "text": "Hello"}, IMAGE]}
    assert instructed([plain], WANTS_JSON)[0] == {"role": "system", "content": "Answer with a JSON object."}
    told = instructed([{"role": "system", "content": "Be brief."}, plain], WANTS_JSON)
    assert told[0]["content"] == "Be brief.\n\nAnswer with a JSON object."
    assert len(told) == 2


def test_other_instructions_are_given_in_any_case() -> None:
    asked = {"role": "user", "content": "Give me json"}
    assert instructed([asked], "Be it so.") == [{"role": "system", "content": "Be it so."}, asked]
