"""A message of Anthropic's read into events: whole and streamed alike, by the vendor's own models."""

import json
from typing import Any

import pytest
from anthropic.types import Message, RawMessageStreamEvent
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion
from pydantic import TypeAdapter

from app.domain.errors import UpstreamBroken
from app.domain.events import Extra, ProviderEvent, Started, TextDelta, ToolCallStarted, UsageReported
from app.wire.answer_tool import AnswerTool
from app.wire.anthropic.answer import MessageReader, Reading
from tests.emulators.anthropic_events import events_of, stream_bytes
from tests.golden import anthropic_cases as cases
from tests.golden.openai_cases import fold, write
from tests.oracles import checker, violations

EVENT: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
PLAIN = Reading()
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9)
INPUT = st.dictionaries(TEXT, TEXT | st.integers(-9, 9) | st.none() | st.lists(TEXT, max_size=2), max_size=2)
BLOCK = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, TEXT),
    st.builds(lambda text: {"type": "thinking", "thinking": text, "signature": "c2ln"}, TEXT),
    st.just({"type": "redacted_thinking", "data": "ZGF0YQ=="}),
    st.builds(lambda name, given: {"type": "tool_use", "id": "t", "name": name, "input": given},
              st.sampled_from(["weather", "json_output"]), INPUT),
    st.builds(lambda given: {"type": "server_tool_use", "id": "s", "name": "a", "input": given}, INPUT),
)  # fmt: skip
READING = st.builds(
    Reading,
    strict=st.booleans(),
    answer_tool=st.none() | st.builds(AnswerTool, st.just("json_output"), is_wrapped=st.booleans()),
    is_legacy=st.booleans(),
)


def message(*content: dict[str, Any], **fields: Any) -> dict[str, Any]:
    usage = {"input_tokens": 3, "output_tokens": 5}
    plain = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "stop_sequence": None,
    }
    return {**plain, "content": list(content), "stop_reason": "end_turn", "usage": usage, **fields}


def whole(document: dict[str, Any], reading: Reading = PLAIN) -> list[ProviderEvent]:
    return cases.read([json.dumps(document).encode()], reading, cases.WHOLE)


@pytest.mark.parametrize("name", cases.ANSWERS)
def test_an_answer_becomes_what_was_reviewed_whole_and_streamed(name: str) -> None:
    said, reading = cases.message(name), cases.reading(name)
    Message.model_validate(said)
    for event in events_of(said):
        if event["type"] != "ping":
            EVENT.validate_python(event)
    streamed = cases.read([stream_bytes(said)], reading)
    assert fold(streamed) == cases.load(f"{name}.folded.json")
    assert fold(whole(said, reading)) == cases.load(f"{name}.folded.json")
    assert write(streamed).decode() == cases.released(name)


@pytest.mark.parametrize("name", [name for name in cases.ANSWERS if cases.reading(name).strict])
def test_the_document_is_one_of_openai_s(name: str) -> None:
    document = cases.load(f"{name}.folded.json")
    parsed = ChatCompletion.model_validate(document)
    assert parsed.choices[0].message.content == document["choices"][0]["message"]["content"]
    assert violations(checker(ChatCompletion, close_open=False), document) == []


@settings(deadline=None)
@given(st.lists(BLOCK, max_size=5), READING, st.integers(1, 7))
def test_how_a_message_comes_makes_no_difference(
    content: list[dict[str, Any]], reading: Reading, size: int
) -> None:
    said = message(*content, stop_reason="tool_use")
    assert fold(cases.read([stream_bytes(said, size)], reading)) == fold(whole(said, reading))


@pytest.mark.parametrize("name", ["tools", "thinking", "citations", "server_tools", "json_array_by_tool"])
def test_a_stream_cut_at_any_byte_gives_the_same_events(name: str) -> None:
    reading, data = cases.reading(name), stream_bytes(cases.message(name), 20)
    expected = cases.read([data], reading)
    for cut in range(len(data)):
        assert cases.read([data[:cut], data[cut:]], reading) == expected


def test_thoughts_go_back_as_they_came() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    secret = {"type": "redacted_thinking", "data": "ZGF0YQ=="}
    events = whole(message(thought, secret, {"type": "text", "text": "Hi"}))
    extras = [event.fields["thinking_blocks"] for event in events if isinstance(event, Extra)]
    assert extras == [[{**thought, "index": 0}], [{**secret, "index": 1}]]
    assert TextDelta(0, "reasoning_content", "hm") in events


def test_calls_count_from_zero_wherever_their_blocks_stand() -> None:
    call = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
    events = whole(message({"type": "text", "text": "Hi"}, call, {**call, "id": "t2"}))
    assert [event.index for event in events if isinstance(event, ToolCallStarted)] == [0, 1]


def test_of_two_answers_by_tool_the_first_counts() -> None:
    calls = [{"type": "tool_use", "id": n, "name": "json_output", "input": {"n": n}} for n in ("1", "2")]
    found = fold(
        whole(message(*calls, stop_reason="tool_use"), Reading(answer_tool=AnswerTool("json_output")))
    )
    assert found["choices"][0]["message"]["content"] == '{"n":"1"}'
    assert found["choices"][0]["finish_reason"] == "stop"


def test_a_call_beside_an_answer_by_tool_is_a_call() -> None:
    answer = {"type": "tool_use", "id": "1", "name": "json_output", "input": {"a": 1}}
    call = {"type": "tool_use", "id": "2", "name": "f", "input": {}}
    found = fold(
        whole(message(answer, call, stop_reason="tool_use"), Reading(answer_tool=AnswerTool("json_output")))
    )
    assert found["choices"][0]["finish_reason"] == "tool_calls"
    assert [call["id"] for call in found["choices"][0]["message"]["tool_calls"]] == ["2"]


def test_an_answer_that_was_to_be_wrapped_and_is_not_is_taken_as_it_is() -> None:
    reader = MessageReader(Reading(answer_tool=AnswerTool("a", is_wrapped=True)))
    events = [
        *reader.start(message()),
        *reader.begin(0, {"type": "tool_use", "name": "a", "id": "1", "input": {}}),
    ]
    reader.piece(0, {"type": "input_json_delta", "partial_json": '{"valu'})
    events += reader.end(0)
    assert TextDelta(0, "content", '{"valu') in events


def test_counts_are_cumulative_and_the_last_that_is_one_counts() -> None:
    reader = MessageReader(Reading())
    reader.start(message(usage={"input_tokens": 7, "cache_read_input_tokens": 2, "output_tokens": 1}))
    reader.go_on({"stop_reason": "end_turn"}, {"output_tokens": 4, "input_tokens": None})
    reader.go_on({}, {"output_tokens": 9})
    usage = next(event for event in reader.close() if isinstance(event, UsageReported)).fields
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (9, 9, 18)


def test_the_answer_is_dated_by_the_clock() -> None:
    (started,) = MessageReader(Reading(), lambda: 12.7).start(message())
    assert started == Started({"id": "msg_1", "created": 12, "model": "claude-x"})


def test_blocks_and_deltas_nobody_has_documented_ride_along() -> None:
    reader = MessageReader(Reading())
    reader.start(message())
    reader.begin(0, {"type": "compaction", "content": "a"})
    reader.piece(0, {"type": "compaction_delta", "content": "b", "more": 1})
    assert reader.close()[0] == Extra(
        0, {"other_blocks": [{"type": "compaction", "content": "ab", "more": 1, "index": 0}]}
    )


@pytest.mark.parametrize("reason", ["novel", None])
def test_a_reason_nobody_knows_is_a_stop(reason: str | None) -> None:
    found = fold(whole(message({"type": "text", "text": "a"}, stop_reason=reason)))
    assert found["choices"][0]["finish_reason"] == "stop"
    assert found["choices"][0].get("native_finish_reason") == reason


@pytest.mark.parametrize(
    "misuse",
    [
        lambda reader: reader.begin(0, {"type": "text"}),
        lambda reader: reader.start("x"),
        lambda reader: reader.piece(0, {"type": "text_delta", "text": "a"}),
        lambda reader: reader.close(),
    ],
)
def test_what_comes_out_of_order_is_broken(misuse: Any) -> None:
    with pytest.raises(UpstreamBroken):
        misuse(MessageReader(Reading()))


def test_values_of_the_wrong_type_are_left_out() -> None:
    block = {"type": "text", "text": 5, "citations": [7]}
    call = {"type": "tool_use", "id": None, "name": None, "input": None}
    found = fold(whole(message(block, call, {"type": 3}, usage={"input_tokens": "x"}, model=None)))
    assert found["choices"][0]["message"]["content"] is None
    assert "usage" not in found
