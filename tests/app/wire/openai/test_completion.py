"""Completions of a prompt, whole and streamed, as an OpenAI-compatible provider writes them."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from openai.types import Completion, CompletionCreateParams

from app.catalogue.dialect import Dialect
from app.domain.errors import InvalidRequest, UpstreamBroken, UpstreamRefused
from app.domain.events import COMPLETION_TEXT, ProviderEvent, TextDelta
from app.domain.operation import Operation
from app.wire.anthropic.format import AnthropicFormat
from app.wire.bedrock.format import BedrockFormat
from app.wire.cohere.format import CohereFormat
from app.wire.format import AnswerHead, Asked, Question
from app.wire.gemini.format import GeminiFormat
from app.wire.openai.azure_format import AzureFormat
from app.wire.openai.completion import events_of_completion
from app.wire.openai.fold import Fold
from app.wire.openai.format import OpenAIFormat
from tests.oracles import checker, violations

JSON = AnswerHead(media_type="application/json")
SSE = AnswerHead(media_type="text/event-stream")
HEAD = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
LOGPROBS: dict[str, Any] = {
    "tokens": [" wor", "ld"],
    "token_logprobs": [-0.1, -0.2],
    "top_logprobs": [{" wor": -0.1}, {"ld": -0.2}],
    "text_offset": [0, 4],
}
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
CHOICES = [
    {"text": " world", "index": 0, "logprobs": LOGPROBS, "finish_reason": "stop"},
    {"text": " moon", "index": 1, "logprobs": None, "finish_reason": "length"},
]
DOCUMENT = {**HEAD, "choices": CHOICES, "usage": USAGE}


def question(*, stream: bool = False, **fields: Any) -> Question:
    return Question(
        document={"model": "@up/m", "prompt": "Hello", **({"stream": True} if stream else {}), **fields},
        model="m",
        stream=stream,
        operation=Operation.COMPLETION,
    )


def asked(dialect: Dialect | None = None, **fields: Any) -> Asked:
    return OpenAIFormat(dialect, name="It").ask(question(**fields))


def events(one: Asked, head: AnswerHead, pieces: Iterable[bytes]) -> list[ProviderEvent]:
    body = one.read(head)
    found = [event for piece in pieces for event in body.feed(piece)]
    return [*found, *body.close()]


def folded(found: Iterable[ProviderEvent]) -> dict[str, Any]:
    fold = Fold(Operation.COMPLETION)
    for event in found:
        fold.add(event)
    return fold.document()


def chunk(index: int, text: str, finish: str | None = None, logprobs: Any = None) -> dict[str, Any]:
    choice = {"text": text, "index": index, "logprobs": logprobs, "finish_reason": finish}
    return {**HEAD, "choices": [choice]}


def sse(*documents: Any) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in documents) + b"data: [DONE]\n\n"


def test_a_request_goes_out_as_it_came() -> None:
    fields: dict[str, Any] = {"suffix": "!", "echo": True, "best_of": 2, "logprobs": 1, "max_tokens": 5}
    one = asked(**fields, best="x")
    body = json.loads(one.content)
    assert (one.path, body) == ("completions", {"model": "m", "prompt": "Hello", **fields, "best": "x"})
    del body["best"]
    assert violations(checker(CompletionCreateParams), body) == []


def test_usage_is_asked_for_with_a_stream() -> None:
    body = json.loads(asked(stream=True).content)
    assert body["stream_options"] == {"include_usage": True}
    absent = Dialect(stream_usage="absent")
    assert "stream_options" not in json.loads(asked(absent, stream=True, stream_options={}).content)


def test_parameters_that_it_has_not_are_dropped() -> None:
    one = asked(Dialect(drop=("n", "logit_bias")), logit_bias={"5": 1})
    assert (one.dropped, "logit_bias" in json.loads(one.content)) == (("logit_bias",), False)


def test_a_whole_answer_is_openais() -> None:
    found = folded(events(asked(), JSON, [json.dumps(DOCUMENT).encode()]))
    assert found == DOCUMENT
    assert violations(checker(Completion), found) == []


def test_a_document_that_was_kept_is_read_back() -> None:
    assert folded(events_of_completion(DOCUMENT)) == DOCUMENT


def test_a_stream_says_the_same() -> None:
    halves = [{key: value[:1] for key, value in LOGPROBS.items()}, {k: v[1:] for k, v in LOGPROBS.items()}]
    stream = sse(
        chunk(0, " wor", logprobs=halves[0]),
        chunk(1, " moon"),
        chunk(0, "ld", "stop", halves[1]),
        chunk(1, "", "length"),
        {**HEAD, "choices": [], "usage": USAGE},
    )
    found = events(asked(stream=True), SSE, [stream[:50], stream[50:]])
    assert folded(found) == DOCUMENT
    assert {event.channel for event in found if isinstance(event, TextDelta)} == {COMPLETION_TEXT}


def test_a_vendors_word_for_an_end_becomes_openais() -> None:
    sent = {**HEAD, "choices": [{"text": "x", "index": 0, "finish_reason": "eos"}]}
    one = asked(Dialect(finish={"eos": "stop"}))
    assert folded(events(one, JSON, [json.dumps(sent).encode()]))["choices"][0]["finish_reason"] == "stop"


def test_tags_in_a_text_are_text() -> None:
    sent = {**HEAD, "choices": [{"text": "<think>a</think>b", "index": 0, "finish_reason": "stop"}]}
    found = folded(events(asked(Dialect(think_tags=True)), JSON, [json.dumps(sent).encode()]))
    assert found["choices"][0]["text"] == "<think>a</think>b"


@pytest.mark.parametrize(
    "sent",
    [{}, [], {"choices": []}, {"choices": [1]}, {"choices": [{"index": 0}]}, {"choices": [{"text": 1}]}],
)
def test_junk_is_no_answer(sent: Any) -> None:
    with pytest.raises(UpstreamBroken):
        events(asked(), JSON, [json.dumps(sent).encode()])


def test_a_stream_that_stops_half_way_is_no_answer() -> None:
    with pytest.raises(UpstreamBroken):
        events(asked(stream=True), SSE, [sse(chunk(0, "a")).removesuffix(b"data: [DONE]\n\n")])


def test_an_error_inside_is_an_error() -> None:
    with pytest.raises(UpstreamRefused):
        events(asked(stream=True), SSE, [sse({"error": {"message": "no", "type": "server_error"}})])


def test_azure_has_them_beside_its_chat() -> None:
    assert (
        AzureFormat("2024-10-21").ask(question()).path == "deployments/m/completions?api-version=2024-10-21"
    )


@pytest.mark.parametrize(
    "wire",
    [
        AnthropicFormat(),
        GeminiFormat(),
        CohereFormat(),
        BedrockFormat(lambda: 0.0),
        OpenAIFormat(Dialect(completions_path=None)),
    ],
)
def test_who_has_none_says_so(wire: Any) -> None:
    with pytest.raises(InvalidRequest, match="has no completions of a prompt") as caught:
        wire.ask(question())
    assert caught.value.code == "unsupported_operation"
