"""Questions and answers of Cohere's as files, and the vendors' own types as judges of both directions.

The answers are Cohere's documents; streams are made of them (`tests/emulators/cohere_events.py`). Both are
held against the cohere SDK's types, what becomes of them against the openai SDK's.
"""

import json
from typing import Any

import msgspec
import pytest
from cohere.v2.types import V2ChatResponse, V2ChatStreamResponse
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from app.wire.cohere.answer import Expected
from tests.emulators.cohere_events import events_of, stream_bytes
from tests.emulators.cohere_rules import faults
from tests.golden.cohere_cases import (
    ANSWERS,
    QUESTIONS,
    answer,
    asked,
    expected,
    load,
    read_stream,
    read_whole,
    released,
)
from tests.golden.openai_cases import fold, write
from tests.oracles import checker, violations

_EXPECTED = Expected(model="m", created=5, strict=True)
_TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
_WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
_OBJECTS = st.dictionaries(_WORDS, _TEXTS | st.integers(-9, 9), max_size=2)


@st.composite
def _answers(draw: st.DrawFn) -> dict[str, Any]:
    """Return an answer that ended well, as `V2ChatResponse` has it."""
    message: dict[str, Any] = {"role": "assistant"}
    kinds = draw(st.lists(st.sampled_from(["text", "thinking"]), max_size=3))
    message["content"] = [{"type": kind, kind: draw(_TEXTS)} for kind in kinds]
    names = draw(st.lists(_WORDS, max_size=2, unique=True))
    if names:
        message["tool_plan"] = draw(_TEXTS)
        message["tool_calls"] = [
            {
                "id": f"{name}_{number}",
                "type": "function",
                "function": {"name": name, "arguments": draw(_OBJECTS.map(json.dumps) | st.just(""))},
            }
            for number, name in enumerate(names)
        ]
    if "text" in kinds and draw(st.booleans()):
        source = {"type": "document", "id": "d", "document": draw(_OBJECTS) | {"url": "https://x"}}
        cited = {"start": 0, "end": 1, "text": draw(_TEXTS), "sources": [source]}
        message["citations"] = [{**cited, "content_index": kinds.index("text")}] * draw(st.integers(1, 2))
    reason = draw(st.sampled_from(["COMPLETE", "STOP_SEQUENCE", "MAX_TOKENS"]))
    count = draw(st.integers(0, 10**6))
    return {
        "id": draw(_WORDS),
        "finish_reason": "TOOL_CALL" if names else reason,
        "message": message,
        "usage": {"tokens": {"input_tokens": float(count), "output_tokens": 5.0}, "cached_tokens": 0.0},
    }


_HOWS = st.builds(
    lambda strict, legacy: msgspec.structs.replace(_EXPECTED, strict=strict, legacy=legacy),
    st.booleans(),
    st.booleans(),
)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_asked_as_reviewed_and_breaks_no_rule(name: str) -> None:
    found = asked(name)
    assert found == load(f"{name}.asked.json")
    assert faults(found["body"]) == []


@pytest.mark.parametrize("name", ANSWERS)
def test_the_answers_are_what_cohere_would_send(name: str) -> None:
    assert violations(checker(V2ChatResponse), answer(name)) == []
    assert _wrong_events(answer(name)) == []


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_becomes_the_document_reviewed_whole_or_streamed(name: str) -> None:
    folded = load(f"{name}.folded.json")
    assert fold(read_whole(answer(name), expected(name))) == folded
    assert fold(read_stream([stream_bytes(answer(name))], expected(name))) == folded


@pytest.mark.parametrize("name", ANSWERS)
def test_a_stream_is_written_as_reviewed(name: str) -> None:
    found = read_stream([stream_bytes(answer(name))], expected(name))
    assert write(found).decode() == released(name)


@pytest.mark.parametrize("name", ANSWERS)
def test_the_openai_sdk_knows_what_we_answer(name: str) -> None:
    assert _wrong_document(load(f"{name}.folded.json"), is_strict=expected(name).strict) == []
    assert _wrong_chunks(released(name), is_strict=expected(name).strict) == []


@pytest.mark.parametrize("name", ANSWERS)
def test_a_stream_may_be_cut_at_every_byte(name: str) -> None:
    data, how = stream_bytes(answer(name)), expected(name)
    whole = read_stream([data], how)
    for at in range(len(data)):
        assert read_stream([data[:at], data[at:]], how) == whole
    assert read_stream([data[at : at + 1] for at in range(len(data))], how) == whole


@given(_answers(), _HOWS)
def test_whole_or_streamed_an_answer_is_the_same(document: dict[str, Any], how: Expected) -> None:
    assert violations(checker(V2ChatResponse), document) == []
    assert _wrong_events(document) == []
    whole = fold(read_whole(document, how))
    assert fold(read_stream([stream_bytes(document)], how)) == whole
    assert _wrong_document(whole, is_strict=how.strict) == []


@given(_answers(), _HOWS, st.data())
def test_however_a_stream_is_cut_it_says_the_same(
    document: dict[str, Any], how: Expected, data: st.DataObject
) -> None:
    body = stream_bytes(document)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert read_stream(pieces, how) == read_stream([body], how)


def _wrong_events(document: dict[str, Any]) -> list[str]:
    judge = checker(V2ChatStreamResponse)
    return [wrong for event in events_of(document) for wrong in violations(judge, event)]


def _wrong_document(document: dict[str, Any], *, is_strict: bool) -> list[str]:
    """Return what the SDK's types hold against a document; Cohere's own finish reasons were asked for."""
    if not is_strict:
        for choice in document["choices"]:
            choice["finish_reason"] = "stop"
    return violations(_open(ChatCompletion), document)


def _wrong_chunks(stream: str, *, is_strict: bool) -> list[str]:
    wrong: list[str] = []
    for event in stream.split("\n\n")[:-2]:
        chunk = json.loads(event.removeprefix("data: "))
        for choice in chunk["choices"]:
            if not is_strict and choice["finish_reason"]:
                choice["finish_reason"] = "stop"
        wrong += violations(_open(ChatCompletionChunk), chunk)
    return wrong


def _open(type_: Any) -> Any:
    return checker(type_, close_open=False)
