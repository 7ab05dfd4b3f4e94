import json
from typing import Any

import pytest

from app.domain.errors import InternalError, UpstreamBroken
from app.domain.events import (
    FUNCTION_CALL,
    Blocked,
    ChoiceFinished,
    Event,
    Extra,
    Failed,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.wire.openai.stream import ChunkWriter
from guardrails.verdict import Action, Decision, Finding, Mode, Side, Verdict

BEGIN = Started({"id": "a", "created": 1, "model": "m"})
HEAD = {"id": "a", "object": "chat.completion.chunk", "created": 1, "model": "m"}
FINDING = Finding("secrets", "aws_access_key_id", "choices[0].message.content", 0, 20, 1.0, "0" * 32)
BLOCK = Blocked(
    Verdict("no-secrets", Side.OUTPUT, Decision.BLOCK, Action.BLOCK, Mode.ENFORCE, True, (FINDING,))
)
END = ChoiceFinished(0, "stop", {})


def write(*events: Event, include_usage: bool = False) -> list[Any]:
    """Return the data of the events written; `[DONE]` as text."""
    writer = ChunkWriter(include_usage=include_usage)
    data = b"".join(writer.write(event) for event in events) + writer.close()
    assert data.endswith(b"\n\n") or not data
    lines = data.decode().split("\n\n")[:-1]
    assert all(line.startswith("data: ") and "\n" not in line for line in lines)
    return [json.loads(line[6:]) if line != "data: [DONE]" else "[DONE]" for line in lines]


def chunk(delta: dict[str, Any], finish: str | None = None, index: int = 0, **more: Any) -> dict[str, Any]:
    return {**HEAD, "choices": [{"index": index, "delta": delta, "finish_reason": finish}], **more}


FIRST = {"role": "assistant", "content": ""}


def test_a_text_is_role_pieces_finish_done() -> None:
    assert write(BEGIN, TextDelta(0, "content", 'a"\n'), TextDelta(0, "content", "é"), END) == [
        chunk(FIRST),
        chunk({"content": 'a"\n'}),
        chunk({"content": "é"}),
        chunk({}, "stop"),
        "[DONE]",
    ]


def test_every_piece_goes_out_at_once() -> None:
    writer = ChunkWriter(include_usage=False)
    assert writer.write(BEGIN) == b""
    assert b'"content":"a"' in writer.write(TextDelta(0, "content", "a"))
    assert b'"content":"b"' in writer.write(TextDelta(0, "content", "b"))


def test_usage_has_a_chunk_without_choices_and_is_null_in_every_other() -> None:
    usage = {"total_tokens": 3}
    *others, last, done = write(
        BEGIN, TextDelta(0, "content", "a"), END, UsageReported(usage), include_usage=True
    )
    assert [other["usage"] for other in others] == [None] * 3
    assert (last, done) == ({**HEAD, "choices": [], "usage": usage}, "[DONE]")


def test_usage_that_was_not_asked_for_is_not_told() -> None:
    assert "usage" not in str(write(BEGIN, TextDelta(0, "content", "a"), END, UsageReported({"a": 1})))


def test_a_tool_call_begins_with_everything_but_its_arguments() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f"}, "extra": 1}
    custom = {"id": "d", "type": "custom", "custom": {"name": "g"}}
    written = write(
        BEGIN,
        ToolCallStarted(0, 0, call),
        ToolArguments(0, 0, '{"a"'),
        ToolArguments(0, 0, ""),
        ToolArguments(0, 0, ":1}"),
        ToolCallStarted(0, 1, custom),
        ToolArguments(0, 1, "text"),
        ChoiceFinished(0, "tool_calls", {}),
    )
    begun = {"index": 0, **call, "function": {"name": "f", "arguments": ""}}
    assert written == [
        chunk({"role": "assistant", "content": None}),
        chunk({"tool_calls": [begun]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]}),
        chunk({"tool_calls": [{"index": 1, **custom, "custom": {"name": "g", "input": ""}}]}),
        chunk({"tool_calls": [{"index": 1, "custom": {"input": "text"}}]}),
        chunk({}, "tool_calls"),
        "[DONE]",
    ]


def test_the_deprecated_function_call_has_its_own_place() -> None:
    written = write(
        BEGIN, ToolCallStarted(0, FUNCTION_CALL, {"name": "f"}), ToolArguments(0, FUNCTION_CALL, "{}")
    )
    assert written[1:3] == [
        chunk({"function_call": {"name": "f", "arguments": ""}}),
        chunk({"function_call": {"arguments": "{}"}}),
    ]


def test_each_choice_has_its_own_first_and_last_chunk() -> None:
    written = write(
        BEGIN,
        TextDelta(0, "content", "a"),
        TextDelta(1, "refusal", "b"),
        END,
        ChoiceFinished(1, "length", {"stop_reason": 5}),
    )
    assert written == [
        chunk(FIRST),
        chunk({"content": "a"}),
        chunk({"role": "assistant", "content": None}, index=1),
        chunk({"refusal": "b"}, index=1),
        chunk({}, "stop"),
        {**HEAD, "choices": [{"index": 1, "delta": {}, "stop_reason": 5, "finish_reason": "length"}]},
        "[DONE]",
    ]


def test_a_choice_in_which_nothing_is_said_has_a_first_chunk_too() -> None:
    assert write(BEGIN, END) == [chunk(FIRST), chunk({}, "stop"), "[DONE]"]


def test_fields_of_a_message_come_with_the_first_chunk_if_they_come_first() -> None:
    written = write(BEGIN, Extra(0, {"content": None, "refusal": None, "annotations": []}), END)
    assert written[0] == chunk({"role": "assistant", "content": None, "refusal": None, "annotations": []})


def test_later_nulls_say_nothing() -> None:
    later = Extra(0, {"refusal": None, "citations": ["u"]})
    written = write(BEGIN, TextDelta(0, "content", "a"), Extra(0, {"refusal": None}), later, END)
    assert written[2:4] == [chunk({"citations": ["u"]}), chunk({}, "stop")]


def test_top_level_fields_ride_on_the_next_chunk() -> None:
    written = write(BEGIN, Extra(None, {"provider": "p"}), TextDelta(0, "content", "a"), END)
    assert written[:2] == [chunk(FIRST, provider="p"), chunk({"content": "a"})]


@pytest.mark.parametrize("include_usage", [True, False])
def test_top_level_fields_behind_the_end_ride_on_the_finish_chunk(include_usage: bool) -> None:
    events: list[Event] = [
        BEGIN,
        TextDelta(0, "content", "a"),
        END,
        Extra(None, {"timings": {"t": 1}}),
        UsageReported({"n": 1}),
    ]
    written = write(*events, include_usage=include_usage)
    assert written[2]["timings"] == {"t": 1}
    assert written[2]["choices"][0]["finish_reason"] == "stop"


def test_fields_that_every_chunk_repeats_change_from_then_on() -> None:
    begin = Started({**BEGIN.fields, "service_tier": None})
    written = write(begin, TextDelta(0, "content", "a"), Extra(None, {"service_tier": "flex"}), END)
    assert [one["service_tier"] for one in written[:-1]] == [None, None, "flex"]


def test_a_providers_fields_overwrite_none_of_ours() -> None:
    bad = {"choices": "x", "usage": "x", "object": "x", "fine": 1}
    written = write(
        Started({**BEGIN.fields, "object": "x"}), Extra(None, bad), TextDelta(0, "content", "a"), END
    )
    assert written[0] == chunk(FIRST, fine=1)


def test_log_probabilities_stand_beside_the_text_they_spell() -> None:
    logprobs = {"content": [{"token": "a"}], "refusal": None}
    written = write(BEGIN, TextDelta(0, "content", "a", logprobs), TextDelta(0, "content", "", logprobs), END)
    told = [
        {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": None}
        for delta in ({"content": "a"}, {})
    ]
    assert [one["choices"][0] for one in written[1:3]] == told


def test_a_failure_is_an_error_event_and_the_end() -> None:
    error = UpstreamBroken("cut")
    written = write(BEGIN, TextDelta(0, "content", "a"), Failed(error), include_usage=True)
    assert written[2:] == [error.body()]


def test_a_failure_after_the_finish_tells_both() -> None:
    written = write(BEGIN, TextDelta(0, "content", "a"), END, Failed(InternalError("x")))
    assert written[2:] == [chunk({}, "stop"), InternalError("x").body()]


def test_a_block_ends_every_choice_that_has_not_ended_and_says_why() -> None:
    written = write(BEGIN, TextDelta(0, "content", "a"), TextDelta(1, "content", "b"), BLOCK)
    assert written[4:] == [
        chunk({}, "content_filter"),
        chunk({}, "content_filter", index=1),
        {
            "error": {
                "message": "Blocked by guardrail 'no-secrets' (output): secrets/aws_access_key_id at "
                "choices[0].message.content.",
                "type": "hooks_failed",
                "param": "choices[0].message.content",
                "code": "guardrail_blocked",
            }
        },
    ]


@pytest.mark.parametrize("begun", [(), (BEGIN,)])
def test_a_block_before_anything_was_said_ends_the_first_choice(begun: tuple[Event, ...]) -> None:
    first, finish, error = write(*begun, BLOCK)
    assert first["choices"][0]["delta"] == FIRST
    assert finish["choices"] == [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]
    assert error["error"]["type"] == "hooks_failed"


def test_a_block_right_behind_a_finish_replaces_it_and_drops_what_was_kept() -> None:
    written = write(BEGIN, TextDelta(0, "content", "a"), END, Extra(None, {"canary": 1}), BLOCK)
    assert [one["choices"][0]["finish_reason"] for one in written[:-1]] == [None, None, "content_filter"]
    assert "canary" not in str(written)


def test_a_choice_begins_behind_those_with_lower_numbers() -> None:
    chunks = write(BEGIN, TextDelta(2, "content", "c"), TextDelta(0, "content", "a"), END)
    begun = [
        choice["index"] for chunk in chunks[:-1] for choice in chunk["choices"] if "role" in choice["delta"]
    ]
    assert begun == [0, 1, 2]


def test_a_block_does_not_end_again_what_has_been_ended() -> None:
    events = (BEGIN, TextDelta(0, "content", "a"), END, TextDelta(1, "content", "b"), BLOCK)
    ends = [
        (one["choices"][0]["index"], one["choices"][0]["finish_reason"])
        for one in write(*events)[:-1]
        if one["choices"][0]["finish_reason"]
    ]
    assert ends == [(0, "stop"), (1, "content_filter")]
