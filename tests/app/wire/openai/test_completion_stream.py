"""Streams of completions as callers read them, the `openai` SDK among them."""

import json
from typing import Any

import openai
import pytest

from app.domain.errors import UpstreamTimeout
from app.domain.events import (
    COMPLETION_TEXT,
    Blocked,
    ChoiceFinished,
    Embedded,
    Event,
    Extra,
    Failed,
    Started,
    TextDelta,
    UsageReported,
)
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.wire.openai.completion_stream import CompletionWriter, writer_of
from app.wire.openai.stream import ChunkWriter
from guardrails import Action, Decision, Mode, Side, Verdict
from tests.upstreams import Upstream, stream

STARTED = Started({"id": "cmpl-1", "created": 7, "model": "m"})
HEAD = {"id": "cmpl-1", "object": "text_completion", "created": 7, "model": "m"}
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
VERDICT = Verdict("g", Side.OUTPUT, Decision.BLOCK, Action.BLOCK, Mode.ENFORCE, blocked=True)


def text(piece: str, choice: int = 0, logprobs: Any = None) -> TextDelta:
    return TextDelta(choice, COMPLETION_TEXT, piece, logprobs)


def written(*events: Event, include_usage: bool = False) -> list[bytes]:
    writer = CompletionWriter(include_usage=include_usage)
    sent = b"".join(map(writer.write, (STARTED, *events))) + writer.close()
    return [one.removeprefix(b"data: ") for one in sent.split(b"\n\n") if one]


def documents(*events: Event, **options: bool) -> list[Any]:
    return [json.loads(one) for one in written(*events, **options) if one != b"[DONE]"]


def choice(piece: str, index: int = 0, **said: Any) -> dict[str, Any]:
    return {"text": piece, "index": index, "logprobs": None, "finish_reason": None, **said}


def test_each_piece_is_a_chunk_of_the_older_kind() -> None:
    events = (
        text("a"),
        text("b", logprobs={"tokens": ["b"]}),
        ChoiceFinished(0, "stop", {"stop_reason": None}),
    )
    assert documents(*events) == [
        {**HEAD, "choices": [choice("a")]},
        {**HEAD, "choices": [choice("b", logprobs={"tokens": ["b"]})]},
        {**HEAD, "choices": [choice("", finish_reason="stop", stop_reason=None)]},
    ]
    assert written(*events)[-1] == b"[DONE]"


def test_usage_comes_where_it_was_asked_for() -> None:
    events = (text("a"), UsageReported(USAGE))
    assert [one["usage"] for one in documents(*events, include_usage=True)] == [None, USAGE]
    assert all("usage" not in one for one in documents(*events))


def test_fields_of_the_top_go_out_with_the_next_chunk_or_alone() -> None:
    found = documents(Extra(None, {"a": 1, "choices": "ours"}), text("x"), Extra(None, {"b": 2}))
    assert found == [{**HEAD, "a": 1, "choices": [choice("x")]}, {**HEAD, "b": 2, "choices": []}]


def test_fields_of_a_choice_are_a_chunk_of_their_own() -> None:
    assert documents(Extra(1, {"note": 1, "index": 9})) == [{**HEAD, "choices": [choice("", 1, note=1)]}]


def test_an_error_is_the_end() -> None:
    *_, last = written(text("a"), Failed(UpstreamTimeout("Too slow.")))
    assert json.loads(last)["error"]["code"] == "upstream_timeout"


def test_a_block_ends_every_open_choice_and_says_why() -> None:
    found = documents(
        text("a"), text("b", 1), ChoiceFinished(1, "stop", {}), Extra(None, {"x": 1}), Blocked(VERDICT)
    )
    assert found[-2] == {**HEAD, "choices": [choice("", finish_reason="content_filter")]}
    assert found[-1]["error"]["code"] == "guardrail_blocked"


def test_what_only_other_answers_have_is_not_written() -> None:
    assert documents(Embedded(0, [1.0])) == []


@pytest.mark.parametrize(
    ("operation", "kind"), [(Operation.CHAT, ChunkWriter), (Operation.COMPLETION, CompletionWriter)]
)
def test_each_kind_of_answer_has_its_writer(operation: Operation, kind: type) -> None:
    assert isinstance(writer_of(ModelRequest({}, "m", stream=True, operation=operation)), kind)


async def test_the_sdk_reads_it() -> None:
    pieces = written(
        text("Hello"), text(" world"), ChoiceFinished(0, "stop", {}), UsageReported(USAGE), include_usage=True
    )
    async with (
        Upstream(stream([b"data: %b\n\n" % one for one in pieces])) as upstream,
        openai.AsyncOpenAI(base_url=upstream.base_url, api_key="k", max_retries=0) as client,
    ):
        chunks = [one async for one in await client.completions.create(model="m", prompt="x", stream=True)]
    assert "".join(one.choices[0].text for one in chunks if one.choices) == "Hello world"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 3
