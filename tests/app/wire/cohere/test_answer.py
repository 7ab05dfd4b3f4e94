"""What an answer means, told piece by piece; its bytes are in test_body.py."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec
import pytest

from app.domain.errors import UpstreamBroken, UpstreamError, UpstreamRefused, UpstreamTimeout
from app.domain.events import (
    FUNCTION_CALL,
    ChoiceFinished,
    Extra,
    ProviderEvent,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.wire.answer_tool import AnswerTool
from app.wire.cohere.answer import CohereAnswer, Expected

EXPECTED = Expected(model="m", created=5, strict=True)
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}


def answer(**changes: Any) -> CohereAnswer:
    return CohereAnswer(msgspec.structs.replace(EXPECTED, **changes))


def told(*pieces: Iterable[ProviderEvent]) -> list[ProviderEvent]:
    return list(chain(*pieces))


def calls(read: CohereAnswer, *items: Any) -> Iterator[ProviderEvent]:
    for index, item in enumerate(items):
        yield from read.call(index, item)


def test_an_answer_begins_once_and_has_a_name_whatever_comes() -> None:
    read = answer()
    assert told(read.start("i"), read.start("j")) == [Started({"id": "i", "created": 5, "model": "m"})]
    assert told(answer(request_id="r").start(None)) == [Started({"id": "r", "created": 5, "model": "m"})]
    assert told(answer().start("")) == [Started({"id": "cohere-5", "created": 5, "model": "m"})]


def test_thoughts_plans_and_words_have_channels_of_their_own() -> None:
    read = answer()
    assert told(
        read.plan("p"), read.plan(""), read.text(0, {"thinking": "t"}), read.text(1, {"text": "w"})
    ) == [
        TextDelta(0, "reasoning_content", "p"),
        TextDelta(0, "reasoning_content", "t"),
        TextDelta(0, "content", "w"),
    ]


def test_calls_are_numbered_as_they_come() -> None:
    read = answer()
    other = {"id": "d", "type": "function", "function": {"name": "g", "arguments": "{}"}}
    assert told(
        read.call(3, CALL),
        read.arguments(3, '{"a'),
        read.arguments(3, '":1}'),
        read.call(7, other),
        read.end("TOOL_CALL", None),
    ) == [
        ToolCallStarted(0, 0, {"id": "c", "type": "function", "function": {"name": "f"}}),
        ToolArguments(0, 0, '{"a'),
        ToolArguments(0, 0, '":1}'),
        ToolCallStarted(0, 1, {"id": "d", "type": "function", "function": {"name": "g"}}),
        ToolArguments(0, 1, "{}"),
        Extra(0, {"content": None}),
        ChoiceFinished(0, "tool_calls", {"native_finish_reason": "TOOL_CALL"}),
    ]


def test_a_call_without_arguments_has_an_empty_object_of_them() -> None:
    read = answer()
    *_, said = told(read.call(0, CALL), read.call_done(0), read.call_done(0))
    assert said == ToolArguments(0, 0, "{}")
    *_, said, _, _ = told(calls(answer_ := answer(), CALL), answer_.end("TOOL_CALL", None))
    assert said == ToolArguments(0, 0, "{}")


def test_a_call_without_an_id_gets_one() -> None:
    [begun] = told(answer().call(0, {"function": {"name": "f"}}))
    assert begun == ToolCallStarted(0, 0, {"id": "call_0", "type": "function", "function": {"name": "f"}})


@pytest.mark.parametrize("item", [None, "x", {}, {"function": "f"}])
def test_a_call_of_nothing_is_broken(item: Any) -> None:
    with pytest.raises(UpstreamBroken):
        told(answer().call(0, item))


def test_arguments_of_no_call_are_broken() -> None:
    with pytest.raises(UpstreamBroken):
        told(answer().arguments(0, "{}"))


def test_the_made_up_call_is_the_answer() -> None:
    read = answer(answer_tool=AnswerTool("json_output"))
    made_up = {"id": "c", "function": {"name": "json_output", "arguments": '{"a"'}}
    assert told(read.call(0, made_up), read.arguments(0, ":1}"), read.end("TOOL_CALL", None)) == [
        TextDelta(0, "content", '{"a"'),
        TextDelta(0, "content", ":1}"),
        ChoiceFinished(0, "stop", {"native_finish_reason": "COMPLETE"}),
    ]


def test_of_two_made_up_calls_the_first_is_the_answer() -> None:
    read = answer(answer_tool=AnswerTool("json_output"))
    calls = [{"id": "c", "function": {"name": "json_output", "arguments": text}} for text in ("[1]", "[2]")]
    events = told(read.call(0, calls[0]), read.call(1, calls[1]), read.end("TOOL_CALL", None))
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["[1]"]


def test_a_call_beside_the_made_up_one_stays_a_call() -> None:
    read = answer(answer_tool=AnswerTool("json_output"))
    made_up = {"id": "c", "function": {"name": "json_output", "arguments": "{}"}}
    events = told(calls(read, made_up, CALL), read.end("TOOL_CALL", None))
    assert [type(event).__name__ for event in events] == [
        "TextDelta",
        "ToolCallStarted",
        "ToolArguments",
        "ChoiceFinished",
    ]
    assert events[-1] == ChoiceFinished(0, "tool_calls", {"native_finish_reason": "TOOL_CALL"})


def test_who_speaks_of_functions_gets_a_function_call() -> None:
    read = answer(legacy=True)
    events = told(calls(read, CALL), read.arguments(0, "{}"), read.end("TOOL_CALL", None))
    assert events == [
        ToolCallStarted(0, FUNCTION_CALL, {"name": "f"}),
        ToolArguments(0, FUNCTION_CALL, "{}"),
        Extra(0, {"content": None}),
        ChoiceFinished(0, "function_call", {"native_finish_reason": "TOOL_CALL"}),
    ]


@pytest.mark.parametrize(
    ("native", "reason"),
    [
        ("COMPLETE", "stop"),
        ("STOP_SEQUENCE", "stop"),
        ("MAX_TOKENS", "length"),
        ("ERROR_LIMIT", "length"),
        ("SOMETHING_NEW", "stop"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_an_end_has_openais_word_or_coheres(native: str, reason: str, strict: bool) -> None:
    [empty, end] = told(answer(strict=strict).end(native, None))
    assert empty == TextDelta(0, "content", "")
    fields = {"native_finish_reason": native}
    assert end == (ChoiceFinished(0, reason, fields) if strict else ChoiceFinished(0, native, {}))


@pytest.mark.parametrize(
    ("native", "error", "class_", "status", "message"),
    [
        ("ERROR", "the model broke", UpstreamRefused, 502, "the model broke"),
        ("ERROR", None, UpstreamRefused, 502, "The provider could not finish its answer."),
        ("COMPLETE", "the model broke", UpstreamRefused, 502, "the model broke"),
        ("ERROR_TOXIC", None, UpstreamRefused, 502, "The provider could not finish its answer."),
        (
            "TIMEOUT",
            None,
            UpstreamTimeout,
            504,
            "The provider ran out of time before its answer was complete.",
        ),
        (None, None, UpstreamBroken, 502, "The provider's answer ended without a reason."),
    ],
)
def test_a_failure_does_not_look_like_an_end(
    native: object, error: object, class_: type[UpstreamError], status: int, message: str
) -> None:
    read = answer()
    told(read.text(0, {"text": "half"}))
    with pytest.raises(class_) as caught:
        told(read.end(native, None, error))
    assert (caught.value.status, caught.value.message) == (status, message)
    assert caught.value.retryable == (native != "ERROR_TOXIC")


def test_thoughts_are_blocks_too_for_who_asked_for_them() -> None:
    read = answer(strict=False)
    events = told(
        read.plan("p"),
        read.text(0, {"thinking": "a"}),
        read.text(0, {"thinking": "b"}),
        read.text_done(0),
        read.text(1, {"text": "c"}),
        read.end("COMPLETE", None),
    )
    assert [event.fields["content_blocks"] for event in events if isinstance(event, Extra)] == [
        [{"type": "thinking", "thinking": "ab", "index": 0}],
        [{"type": "thinking", "thinking": "p", "index": 1}],
        [{"type": "text", "text": "c", "index": 2}],
    ]


def test_counts_are_whole_numbers_and_what_is_billed_stands_beside() -> None:
    usage = {
        "billed_units": {"input_tokens": 3.0, "output_tokens": 4.0},
        "tokens": {"input_tokens": 70.0, "output_tokens": 4.0},
        "cached_tokens": 64.0,
    }
    *_, reported = told(answer().end("COMPLETE", usage))
    assert reported == UsageReported(
        {
            "prompt_tokens": 70,
            "completion_tokens": 4,
            "total_tokens": 74,
            "prompt_tokens_details": {"cached_tokens": 64},
            "billed_units": {"input_tokens": 3.0, "output_tokens": 4.0},
        }
    )


def test_log_probabilities_are_of_pieces_of_text() -> None:
    item = {"text": "né", "token_ids": [5, 6], "logprobs": [-0.5, -0.25]}
    [event] = told(answer().text(0, {"text": "né"}, item))
    assert event == TextDelta(
        0,
        "content",
        "né",
        {
            "content": [
                {
                    "token": "né",
                    "logprob": -0.75,
                    "bytes": [110, 195, 169],
                    "top_logprobs": [],
                    "token_ids": [5, 6],
                }
            ],
            "refusal": None,
        },
    )


def test_citations_of_pages_are_annotations_too() -> None:
    read = answer()
    told(read.text(0, {"thinking": "tt"}), read.text(1, {"text": "abc"}), read.text(2, {"text": "def"}))
    page = {"type": "document", "id": "d", "document": {"url": "https://x", "title": "X"}}
    paper = {"type": "document", "id": "e", "document": {"title": "no page"}}
    cited = {"start": 0, "end": 2, "text": "de", "sources": [page, paper], "content_index": 2}
    thought = {"start": 0, "end": 1, "text": "t", "sources": [page], "type": "THINKING_CONTENT"}
    annotation = {"start_index": 3, "end_index": 5, "title": "X", "url": "https://x"}
    named = {"type": "url_citation", "url_citation": annotation, "index": 0}
    assert told(read.cite([cited]), read.cite([thought]), read.cite([])) == [
        Extra(0, {"citations": [{**cited, "index": 0}], "annotations": [named]}),
        Extra(0, {"citations": [{**thought, "index": 1}]}),
    ]
