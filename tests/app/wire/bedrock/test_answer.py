"""What a model on Bedrock says, piece by piece."""

import pytest

from app.domain.errors import UpstreamBroken
from app.domain.events import ChoiceFinished, Extra, Started, TextDelta, ToolArguments, ToolCallStarted
from app.wire.answer_tool import AnswerTool
from app.wire.bedrock.answer import AnswerReader

JSON = AnswerTool("json_output")
WRAPPED = AnswerTool("json_output", is_wrapped=True)


def _reader(json_tool: AnswerTool | None = None, *, strict: bool = True) -> AnswerReader:
    reader = AnswerReader({"id": "a"}, json_tool, strict=strict)
    reader.begin()
    return reader


def _use(name: str, call_id: str = "t1") -> dict[str, object]:
    return {"toolUse": {"toolUseId": call_id, "name": name}}


def _finish(reader: AnswerReader, reason: str = "end_turn") -> ChoiceFinished:
    reader.stop({"stopReason": reason})
    return next(one for one in reader.end() if isinstance(one, ChoiceFinished))


def test_an_answer_begins_once() -> None:
    reader = AnswerReader({"id": "a"}, None, strict=True)
    assert reader.begin() == [Started({"id": "a"})]
    assert reader.begin() == []


def test_calls_are_counted_not_blocks() -> None:
    reader = _reader()
    reader.delta(0, {"text": "x"})
    first = reader.block_start(1, _use("f"))
    second = reader.block_start(4, _use("g", "t2"))
    assert first == [ToolCallStarted(0, 0, {"id": "t1", "type": "function", "function": {"name": "f"}})]
    assert second == [ToolCallStarted(0, 1, {"id": "t2", "type": "function", "function": {"name": "g"}})]
    assert reader.delta(4, {"toolUse": {"input": "{"}}) == [ToolArguments(0, 1, "{")]


def test_a_call_without_arguments_has_an_empty_object() -> None:
    reader = _reader()
    reader.block_start(0, _use("f"))
    reader.delta(0, {"toolUse": {"input": ""}})
    assert reader.block_stop(0) == [ToolArguments(0, 0, "{}")]


def test_a_call_that_never_stops_has_its_arguments_at_the_end() -> None:
    reader = _reader()
    reader.block_start(0, _use("f"))
    reader.stop({"stopReason": "tool_use"})
    assert ToolArguments(0, 0, "{}") in list(reader.end())


def test_arguments_without_a_call_are_broken() -> None:
    with pytest.raises(UpstreamBroken):
        _reader().delta(0, {"toolUse": {"input": "{"}})


@pytest.mark.parametrize(
    ("native", "reason"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("tool_use", "tool_calls"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("guardrail_intervened", "content_filter"),
        ("content_filtered", "content_filter"),
        ("malformed_model_output", "stop"),
        ("malformed_tool_use", "stop"),
        ("something_new", "stop"),
    ],
)
def test_reasons_are_openais_and_the_vendors_beside(native: str, reason: str) -> None:
    assert _finish(_reader(), native) == ChoiceFinished(0, reason, {"native_finish_reason": native})
    assert _finish(_reader(strict=False), native) == ChoiceFinished(0, native, {})


def test_an_answer_with_calls_ends_for_them_whatever_the_model_says() -> None:
    reader = _reader()
    reader.block_start(0, _use("f"))
    assert _finish(reader).reason == "tool_calls"


def test_an_answer_that_came_as_a_call_is_content() -> None:
    reader = _reader(JSON)
    assert reader.block_start(0, _use("json_output")) == []
    assert reader.delta(0, {"toolUse": {"input": '{"a"'}}) == [TextDelta(0, "content", '{"a"')]
    assert reader.delta(0, {"toolUse": {"input": ":1}"}}) == [TextDelta(0, "content", ":1}")]
    assert reader.block_stop(0) == []
    assert _finish(reader, "tool_use").reason == "stop"


def test_an_empty_answer_that_came_as_a_call_is_an_empty_object() -> None:
    reader = _reader(JSON)
    reader.block_start(0, _use("json_output"))
    assert reader.block_stop(0) == [TextDelta(0, "content", "{}")]


def test_a_second_answer_is_not_put_behind_the_first() -> None:
    reader = _reader(JSON)
    for index in (0, 1):
        reader.block_start(index, _use("json_output"))
        found = reader.delta(index, {"toolUse": {"input": "{}"}}) + reader.block_stop(index)
        assert found == ([TextDelta(0, "content", "{}")] if index == 0 else [])


def test_a_wrapped_answer_is_unwrapped_when_it_is_whole() -> None:
    reader = _reader(WRAPPED)
    reader.block_start(0, _use("json_output"))
    assert reader.delta(0, {"toolUse": {"input": '{"value": [1,'}}) == []
    assert reader.delta(0, {"toolUse": {"input": ' "é"]}'}}) == []
    assert reader.block_stop(0) == [TextDelta(0, "content", '[1,"é"]')]


def test_a_wrapped_answer_that_was_cut_short_is_given_as_it_is() -> None:
    reader = _reader(WRAPPED)
    reader.block_start(0, _use("json_output"))
    reader.delta(0, {"toolUse": {"input": '{"value": [1,'}})
    assert reader.block_stop(0) == [TextDelta(0, "content", '{"value": [1,')]


def test_words_before_the_answer_are_no_part_of_it() -> None:
    reader = _reader(JSON)
    assert reader.delta(0, {"text": "Here: "}) == []
    assert reader.block_start(1, _use("json_output")) == [TextDelta(0, "reasoning_content", "Here: ")]


def test_words_in_place_of_the_answer_are_the_answer() -> None:
    reader = _reader(JSON)
    reader.delta(0, {"text": '{"a":'})
    reader.delta(0, {"text": "1}"})
    reader.stop({"stopReason": "end_turn"})
    assert TextDelta(0, "content", '{"a":1}') in list(reader.end())


def test_other_calls_beside_the_answer_are_the_callers() -> None:
    reader = _reader(JSON)
    reader.block_start(0, _use("json_output"))
    assert reader.block_start(1, _use("f"))[0] == ToolCallStarted(
        0, 0, {"id": "t1", "type": "function", "function": {"name": "f"}}
    )
    assert _finish(reader, "tool_use").reason == "tool_calls"


def test_what_nobody_knows_of_a_block_is_kept() -> None:
    assert _reader().delta(0, {"smell": "rose"}) == [
        Extra(0, {"content_extras": [{"smell": "rose", "index": 0}]})
    ]
