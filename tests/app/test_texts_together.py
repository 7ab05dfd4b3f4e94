"""Texts that say something only with what stands beside them, through the whole pipeline."""

import json
from typing import Any

import pytest

from app.domain.errors import UpstreamBroken
from app.domain.events import Blocked, ChoiceFinished, Failed, ProviderEvent, ToolArguments, ToolCallStarted
from app.records.rows import Capture, rows_of
from tests.answers import call
from tests.fakes import FakeProvider, answer_of
from tests.pipelines import PRIVACY, Bench, body, stream_and_whole, text_of


@stream_and_whole
async def test_a_secret_known_by_its_name_is_found_in_tool_calls_and_fields(stream: bool) -> None:
    secrets = {"checks": [{"secrets": {}}], "action": "redact"}
    arguments = '{"password": "Tr0ub4dor&3xyzQ!", "path": "a"}'
    calls = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": arguments}}]
    bench = Bench(FakeProvider(*call(0, arguments), ChoiceFinished(0, "tool_calls", {})), secrets=secrets)
    messages = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "1", "content": arguments.replace("a", "\\u0061")},
    ]
    fields: dict[str, Any] = {"messages": messages, "x": {"password": "Tr0ub4dor&3xyzQ!"}}
    events = await bench.run(body(stream=stream, **fields))
    ((asked, _),) = bench.provider.requests
    assert "Tr0ub" not in json.dumps(asked.document)
    assert [one.text for one in events if isinstance(one, ToolArguments)] == [
        '{"password":"[CREDENTIAL]","path":"a"}'
    ]


@stream_and_whole
async def test_an_answer_with_more_texts_than_can_be_screened_is_none(stream: bool) -> None:
    arguments = json.dumps(["a"] * 100_001)
    answer: list[ProviderEvent] = [
        ToolCallStarted(0, 0, {"id": "1", "type": "function", "function": {"name": "f"}}),
        ToolArguments(0, 0, arguments),
        ChoiceFinished(0, "tool_calls", {}),
    ]
    bench = Bench(FakeProvider(*answer), privacy=PRIVACY)
    (event,) = await bench.run(body(stream=stream))
    assert isinstance(event, Failed)
    assert isinstance(event.error, UpstreamBroken)


@stream_and_whole
@pytest.mark.parametrize("action", ["redact", "block"])
async def test_a_value_in_two_parts_of_a_message_is_one(stream: bool, action: str) -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY | {"action": action})
    content = [{"type": "text", "text": "to alice@"}, {"type": "text", "text": "example.com now"}]
    fields: dict[str, Any] = {"messages": [{"role": "user", "content": content}]}
    events = await bench.run(body(stream=stream, **fields))
    assert isinstance(events[-1], Blocked) is (action == "block")
    if action == "redact":
        ((asked, _),) = bench.provider.requests
        said = [piece["text"] for piece in asked.document["messages"][0]["content"]]
        assert said == ["to [EMAIL]", " now"]
    rows = rows_of(bench.record, Capture("redacted", str))
    assert not any(half in str(rows.payloads) for half in ("alice@", "example.com"))


CARDS = {"checks": [{"pii": {"entities": ["card"]}}], "action": "redact"}


@stream_and_whole
async def test_json_stays_json_where_a_bare_number_is_redacted(stream: bool) -> None:
    said = '{"card": 4111111111111111, "n": "4111111111111111"}'
    bench = Bench(FakeProvider(*answer_of(*said)), privacy=CARDS)
    messages = [{"role": "user", "content": "x"}, {"role": "tool", "tool_call_id": "a", "content": said}]
    fields: dict[str, Any] = {"messages": messages, "response_format": {"type": "json_object"}}
    events = await bench.run(body(stream=stream, **fields))
    ((asked, _),) = bench.provider.requests
    for text in (asked.document["messages"][1]["content"], text_of(events)):
        assert json.loads(text) == {"card": "[CARD]", "n": "[CARD]"}
