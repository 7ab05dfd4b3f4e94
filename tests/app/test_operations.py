"""The life of an exchange that is about no chat: completions of a prompt, and vectors."""

import json
from decimal import Decimal
from typing import Any

import pytest

from app.domain.errors import UpstreamRefused
from app.domain.events import (
    COMPLETION_TEXT,
    Blocked,
    ChoiceFinished,
    Embedded,
    Event,
    Failed,
    ProviderEvent,
    Started,
    TextDelta,
    UsageReported,
)
from app.domain.exchange import Outcome
from app.domain.operation import Operation
from app.routing.wish import Wish
from tests.fakes import FakeProvider
from tests.pipelines import MAIL, PRIVACY, SECRECY, WATCHING, Bench, stream_and_whole, text_of

EMBED: dict[str, Any] = {"operation": Operation.EMBEDDINGS}
COMPLETE: dict[str, Any] = {"operation": Operation.COMPLETION}
INPUT_ONLY = {"on": ["input"]}
VECTORS: list[ProviderEvent] = [
    Started({"model": "e-2026"}),
    Embedded(0, [0.5, 1.0]),
    UsageReported({"prompt_tokens": 3, "total_tokens": 3}),
]


def embedding(texts: Any = "hi", **fields: Any) -> bytes:
    return json.dumps({"model": "@fake/m", "input": texts, **fields}).encode()


def prompt(text: Any = "hi", **fields: Any) -> bytes:
    return json.dumps({"model": "@fake/m", "prompt": text, **fields}).encode()


def completed(*pieces: str, logprobs: Any = None) -> list[ProviderEvent]:
    return [
        Started({"id": "cmpl-1", "model": "c-2026"}),
        *(TextDelta(0, COMPLETION_TEXT, piece, logprobs) for piece in pieces),
        ChoiceFinished(0, "stop", {}),
        UsageReported({"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}),
    ]


def error_of(events: list[Event]) -> Any:
    (failed,) = events
    assert isinstance(failed, Failed)
    return failed.error


async def test_vectors_are_on_record_with_all_but_their_numbers() -> None:
    bench = Bench(FakeProvider(*VECTORS))
    assert await bench.run(embedding(), **EMBED) == VECTORS
    record = bench.record
    assert (record.operation, record.outcome, record.stream) == (Operation.EMBEDDINGS, Outcome.OK, False)
    assert record.response == {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "dimensions": 2}],
        "model": "e-2026",
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }
    assert (record.usage.prompt_tokens, record.usage.completion_tokens) == (3, 0)
    assert record.cost_usd == Decimal("0.25")
    assert (record.coverage.received, record.coverage.released) == (0, 0)
    assert not record.unscreened


async def test_their_span_is_one_of_embeddings() -> None:
    bench = Bench(FakeProvider(*VECTORS))
    await bench.run(embedding(dimensions=2, encoding_format="base64"), **EMBED)
    (span,) = bench.trace.children
    assert span.name == "embeddings m"
    assert span.attributes["gen_ai.operation.name"] == "embeddings"
    assert span.attributes["gen_ai.embeddings.dimension.count"] == 2
    assert span.attributes["gen_ai.request.encoding_formats"] == ("base64",)
    assert span.attributes["gen_ai.usage.input_tokens"] == 3


@pytest.mark.parametrize(("texts", "sent"), [(MAIL, "[EMAIL]"), (["a", f"to {MAIL}"], ["a", "to [EMAIL]"])])
async def test_texts_are_redacted_before_they_become_vectors(texts: Any, sent: Any) -> None:
    bench = Bench(FakeProvider(*VECTORS), privacy=PRIVACY)
    await bench.run(embedding(texts), **EMBED)
    assert bench.provider.requests[0][0].document["input"] == sent
    assert [verdict.guardrail for verdict in bench.record.verdicts] == ["privacy"]


async def test_a_forbidden_text_is_blocked_wherever_it_stands() -> None:
    bench = Bench(FakeProvider(*VECTORS), secrecy=SECRECY)
    (blocked,) = await bench.run(embedding(["fine", "forbidden"]), **EMBED)
    assert isinstance(blocked, Blocked)
    assert blocked.verdict.findings[0].part == "input[1]"
    assert (bench.record.outcome, bench.provider.requests) == (Outcome.BLOCKED_INPUT, [])


@pytest.mark.parametrize("checks", [{"length": {"min_chars": 5}}, {"words": {"deny": ["m"]}}])
async def test_guardrails_of_answers_do_not_apply_to_vectors(checks: dict[str, Any]) -> None:
    bench = Bench(
        FakeProvider(*VECTORS),
        out={"checks": [checks], "action": "block", "on": ["output"]},
        watching=WATCHING,
    )
    assert await bench.run(embedding("long enough"), **EMBED) == VECTORS
    assert {verdict.side for verdict in bench.record.verdicts} == {"input"}


async def test_what_a_provider_says_about_an_error_is_screened() -> None:
    said = UpstreamRefused(f"{MAIL} forbidden", status=400)
    bench = Bench(FakeProvider(said), secrecy=SECRECY)
    error = error_of(await bench.run(embedding(), **EMBED))
    assert (error.status, "forbidden" in error.message) == (400, False)


@pytest.mark.parametrize(
    ("operation", "body"),
    [(EMBED, embedding([1, 2])), (EMBED, embedding(["a", [1]])), (COMPLETE, prompt([1, 2]))],
)
@pytest.mark.parametrize("spec", [PRIVACY, SECRECY])
async def test_tokens_are_refused_where_a_guardrail_would_have_to_read_them(
    operation: Any, body: bytes, spec: Any
) -> None:
    bench = Bench(FakeProvider(*VECTORS), reads=spec)
    error = error_of(await bench.run(body, **operation))
    assert (error.status, error.code, bench.provider.requests) == (400, "unreadable_input", [])
    assert error.param in {"input", "input[1]", "prompt"}


@pytest.mark.parametrize(
    "spec",
    [WATCHING, PRIVACY | {"on": ["output"]}, {"checks": [{"models": {"allow": ["*m"]}}], "action": "block"}],
)
async def test_tokens_pass_where_no_guardrail_must_read_them_and_the_record_says_so(spec: Any) -> None:
    bench = Bench(FakeProvider(*VECTORS), other=spec)
    assert await bench.run(embedding([1, 2]), **EMBED) == VECTORS
    assert bench.record.unscreened
    assert bench.provider.requests[0][0].document["input"] == [1, 2]


async def test_a_guardrail_that_a_config_adds_reads_them_too() -> None:
    bench = Bench(FakeProvider(*VECTORS), added=SECRECY | {"default": False})
    config = json.dumps(
        {"provider": "@fake", "api_key": None, "input_guardrails": ["added"], "retry": {"attempts": 0}}
    )
    error = error_of(
        await bench.run(embedding([1, 2]), wish=Wish(config=config.replace('"api_key": null, ', "")), **EMBED)
    )
    assert (error.code, bench.provider.requests) == ("unreadable_input", [])


@stream_and_whole
async def test_a_completion_is_screened_as_a_chat_is(stream: bool) -> None:
    bench = Bench(FakeProvider(*completed("to ali", "ce@example.", "com!")), privacy=PRIVACY)
    events = await bench.run(prompt(f"from {MAIL}", stream=stream), **COMPLETE)
    assert text_of(events) == "to [EMAIL]!"
    assert bench.provider.requests[0][0].document["prompt"] == "from [EMAIL]"
    record = bench.record
    assert record.response is not None
    assert record.response["object"] == "text_completion"
    assert record.response["choices"][0]["text"] == "to [EMAIL]!"
    assert [finding.part for verdict in record.verdicts for finding in verdict.findings] == [
        "prompt",
        "choices[0].text",
    ]
    assert record.operation is Operation.COMPLETION


@stream_and_whole
async def test_a_forbidden_completion_is_blocked(stream: bool) -> None:
    bench = Bench(FakeProvider(*completed("well, for", "bidden")), secrecy=SECRECY)
    events = await bench.run(prompt(stream=stream), **COMPLETE)
    assert isinstance(events[-1], Blocked)
    assert "forbidden" not in text_of(events)
    assert bench.record.outcome is Outcome.BLOCKED_OUTPUT
    assert stream or events[:-1] == []


@stream_and_whole
@pytest.mark.parametrize("token", ["forbidden", "fine"])
async def test_log_probabilities_of_a_completion_spell_what_it_may_not_say(stream: bool, token: str) -> None:
    spelled = {"tokens": ["for", token.removeprefix("for")], "top_logprobs": None}
    bench = Bench(FakeProvider(*completed("x", logprobs=spelled)), secrecy=SECRECY | {"on": ["output"]})
    events = await bench.run(prompt(stream=stream), **COMPLETE)
    assert isinstance(events[-1], Blocked) is (token == "forbidden")
    if token == "fine":
        released = [event.logprobs for event in events if isinstance(event, TextDelta) and event.logprobs]
        assert released == [spelled]
        assert bench.record.response is not None
        assert bench.record.response["choices"][0]["logprobs"] == spelled


@stream_and_whole
async def test_pseudonyms_in_a_completion_are_restored(stream: bool) -> None:
    bench = Bench(FakeProvider(*completed("Dear [EMAIL_1], hi")), privacy=PRIVACY | {"reversible": True})
    exchange = bench.pipeline.begin(bench.call(prompt(f"to {MAIL}", stream=stream), **COMPLETE))
    events = [event async for event in exchange.events()]
    sent = bench.provider.requests[0][0].document["prompt"]
    assert MAIL not in sent
    assert text_of(events).startswith("Dear ")
    assert exchange.fold.document()["object"] == "text_completion"


async def test_guardrails_know_what_kind_of_request_it_is() -> None:
    only_chat = {"checks": [{"request_types": {"allow": ["chatComplete"]}}], "action": "block"}
    for operation, body in ((EMBED, embedding()), (COMPLETE, prompt())):
        bench = Bench(FakeProvider(*VECTORS), only_chat=only_chat)
        (blocked,) = await bench.run(body, **operation)
        assert isinstance(blocked, Blocked)
