from typing import Any

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import (
    ChoiceFinished,
    Extra,
    ProviderEvent,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.wire.openai.chunks import ChunkReader
from tests.golden.openai_cases import STREAMS, chunks, events, fold, folded, released, stream_bytes, write

HEAD = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def chunk(delta: Any, finish: str | None = None, **top: Any) -> dict[str, Any]:
    return {**HEAD, **top, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def read(*found: dict[str, Any], said_done: bool = True) -> list[ProviderEvent]:
    reader = ChunkReader()
    return [event for one in found for event in reader.events(one)] + list(reader.close(said_done=said_done))


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_folds_to_the_document_it_means(name: str) -> None:
    assert fold(read(*chunks(name))) == folded(name)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_written_as_openai_would(name: str) -> None:
    assert write(read(*chunks(name))).decode() == released(name)


@pytest.mark.parametrize("name", STREAMS)
def test_our_own_stream_read_again_means_the_same(name: str) -> None:
    again, meant = fold(events([released(name).encode()])), folded(name)
    for choice in meant["choices"]:
        choice["message"].setdefault("content", None)  # a first chunk always says something about it
    assert again == meant


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_cut_at_every_byte_gives_the_same_events(name: str) -> None:
    stream = stream_bytes(name)
    assert events(stream[i : i + 1] for i in range(len(stream))) == events([stream])


@pytest.mark.parametrize("name", ["text", "tools_parallel"])
def test_a_stream_cut_once_anywhere_gives_the_same_events(name: str) -> None:
    stream = stream_bytes(name)
    whole = events([stream])
    assert all(events([stream[:i], stream[i:]]) == whole for i in range(len(stream)))


def test_reading_changes_no_chunk() -> None:
    found = chunks("text")
    read(*found)
    assert found == chunks("text")


def test_the_events_of_a_stream_stand_in_the_order_of_the_grammar() -> None:
    usage = {"total_tokens": 3}
    found = read(
        chunk({"role": "assistant", "content": ""}, usage=usage),
        chunk({"content": "a"}, "stop", usage=None),
        chunk({"content": "b"}, timings={"t": 1}),
        {**HEAD, "choices": []},
    )
    assert found == [
        Started({"id": "c", "created": 1, "model": "m"}),
        TextDelta(0, "content", ""),
        TextDelta(0, "content", "a"),
        Extra(None, {"timings": {"t": 1}}),
        TextDelta(0, "content", "b"),
        ChoiceFinished(0, "stop", {}),
        UsageReported(usage),
    ]


def test_the_first_id_holds_where_every_chunk_has_its_own() -> None:
    found = read(chunk({"content": "a"}), chunk({"content": "b"}, "stop", id="d", created=2, model="n"))
    assert found[0] == Started({"id": "c", "created": 1, "model": "m"})
    assert not any(isinstance(event, Extra) for event in found)


def test_a_service_tier_that_is_known_late_is_told_late() -> None:
    found = read(chunk({"content": "a"}, service_tier=None), chunk({}, "stop", service_tier="flex"))
    assert Extra(None, {"service_tier": "flex"}) in found
    assert fold(found)["service_tier"] == "flex"


def test_ids_and_names_that_are_repeated_are_said_once() -> None:
    call = {"index": 0, "id": "t", "type": "function", "function": {"name": "f", "arguments": "{"}}
    found = read(chunk({"tool_calls": [call]}), chunk({"tool_calls": [call]}, "tool_calls"))
    assert found[1:4] == [
        ToolCallStarted(0, 0, {"id": "t", "type": "function", "function": {"name": "f"}}),
        ToolArguments(0, 0, "{"),
        ToolArguments(0, 0, "{"),
    ]


def test_an_id_that_changes_with_every_delta_makes_no_new_call() -> None:
    found = read(
        chunk({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}}]}),
        chunk({"tool_calls": [{"index": 0, "id": "b", "function": {"arguments": "{}"}}]}, "tool_calls"),
    )
    calls = fold(found)["choices"][0]["message"]["tool_calls"]
    assert calls == [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]


def test_what_comes_late_for_a_call_is_kept() -> None:
    found = read(
        chunk({"tool_calls": [{"index": 3, "id": "a", "type": "function", "function": {"arguments": "{"}}]}),
        chunk({"tool_calls": [{"index": 3, "function": {"name": "f", "arguments": "}"}, "extra": {"s": 1}}]}),
        chunk({}, "tool_calls"),
    )
    function = {"name": "f", "arguments": "{}"}
    calls = fold(found)["choices"][0]["message"]["tool_calls"]
    assert calls == [{"id": "a", "type": "function", "function": function, "extra": {"s": 1}}]
    again = fold(events([write(found)]))["choices"][0]["message"]["tool_calls"]
    assert again == calls


def test_calls_without_index_and_id_are_told_apart_by_their_names() -> None:
    whole = [{"function": {"name": name, "arguments": "{}"}} for name in "fg"]
    calls = fold(read(chunk({"tool_calls": whole}, "tool_calls")))["choices"][0]["message"]["tool_calls"]
    assert [call["function"]["name"] for call in calls] == ["f", "g"]


@pytest.mark.parametrize("value", [5, {"a": 1}, [{"type": "text", "text": "x"}], True])
@pytest.mark.parametrize("key", ["content", "refusal", "reasoning", "tool_calls", "function_call", "new"])
def test_a_value_of_the_wrong_type_is_kept(key: str, value: Any) -> None:
    message = fold(read(chunk({key: value}), chunk({}, "stop")))["choices"][0]["message"]
    assert key in message


def test_lists_beside_the_delta_go_on() -> None:
    one = {
        **HEAD,
        "choices": [{"index": 0, "delta": {"content": "a"}, "token_ids": [1], "stop_reason": None}],
    }
    two = {**HEAD, "choices": [{"index": 0, "token_ids": [2], "stop_reason": 5, "finish_reason": "stop"}]}
    assert read(one, two)[-1] == ChoiceFinished(0, "stop", {"token_ids": [1, 2], "stop_reason": 5})


def test_a_whole_document_as_the_only_chunk_is_read() -> None:
    whole = {**HEAD, "choices": [{"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}]}
    assert fold(read(whole))["choices"][0]["message"] == {"role": "assistant", "content": "a"}


def test_without_done_finish_reasons_say_that_the_answer_is_complete() -> None:
    assert read(chunk({"content": "a"}, "stop"), said_done=False)[-1] == ChoiceFinished(0, "stop", {})


def test_done_after_calls_says_that_they_are_why_it_ended() -> None:
    call = {"index": 0, "id": "t", "function": {"name": "f", "arguments": "{}"}}
    assert read(chunk({"tool_calls": [call]}))[-1] == ChoiceFinished(0, "tool_calls", {})


@pytest.mark.parametrize(
    ("found", "said_done"),
    [
        ([], True),
        ([{**HEAD, "choices": []}], True),
        ([chunk({"content": "a"})], True),
        ([chunk({"content": "a"})], False),
        ([chunk({"tool_calls": [{"index": 0, "function": {"name": "f"}}]})], False),
        ([chunk({}, "stop"), {"choices": [{"index": 1, "delta": {"content": "b"}}]}], True),
    ],
)
def test_a_stream_that_stops_half_way_is_broken(found: list[dict[str, Any]], said_done: bool) -> None:
    with pytest.raises(UpstreamBroken, match="before its answer was complete"):
        read(*found, said_done=said_done)


@pytest.mark.parametrize(
    "found",
    [[], "x", {"choices": 5}, {"choices": [5]}, {"choices": [{"delta": "x"}]}, {"choices": {"0": {}}}],
)
def test_what_is_no_chunk_is_refused(found: Any) -> None:
    with pytest.raises(UpstreamBroken):
        read(found)


def test_an_error_in_a_chunk_is_an_error() -> None:
    reader = ChunkReader()
    reader.events(chunk({"content": "a"}))
    with pytest.raises(UpstreamRefused) as caught:
        reader.events({"id": "c", "error": {"message": "overloaded", "code": 503, "type": "server_error"}})
    assert (caught.value.status, caught.value.message) == (503, "overloaded")
