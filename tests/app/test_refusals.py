"""What a provider says in its own words is no safer than its answers."""

import json

import pytest

from app.domain.errors import (
    UpstreamRefused,
)
from app.domain.events import Failed, Started
from app.refusals import remembering
from tests.fakes import FakeProvider, answer_of
from tests.pipelines import MAIL, PRIVACY, SECRECY, Bench, body, stream_and_whole


@stream_and_whole
async def test_what_a_provider_says_about_an_error_is_screened_too(stream: bool) -> None:
    bench = Bench(FakeProvider(UpstreamRefused(f"bad {MAIL} hunter2", status=400)), privacy=PRIVACY)
    (event,) = await bench.run(body(stream=stream))
    assert isinstance(event, Failed)
    assert event.error.message == "bad [EMAIL] [SECRET]"
    bench = Bench(FakeProvider(UpstreamRefused("a forbidden word", status=400)), no_secrets=SECRECY)
    (event,) = await bench.run(body(stream=stream))
    assert isinstance(event, Failed)
    assert "forbidden" not in event.error.message


async def test_a_provider_s_names_go_on_record_without_secrets() -> None:
    events = [Started({"id": "hunter2", "model": "hunter2"}), *answer_of("x", reason="hunter2")[1:]]
    bench = Bench(FakeProvider(*events))
    await bench.run(
        json.dumps({"model": "@fake/hunter2", "messages": [{"role": "user", "content": "x"}]}).encode()
    )
    (attempt,) = bench.record.attempts
    said = (attempt.model, attempt.response_id, attempt.response_model, *attempt.finish_reasons)
    assert said == ("[SECRET]", "[SECRET]", "[SECRET]", "other")
    assert "hunter2" not in repr(bench.log.lines)
    assert bench.provider.requests[0][1] == "hunter2"


async def test_every_field_of_a_provider_s_error_is_screened() -> None:
    error = UpstreamRefused(
        "bad", status=429, type_=MAIL, param=f"x {MAIL}", code="hunter2", headers=(("retry-after", MAIL),)
    )
    bench = Bench(FakeProvider(error), privacy=PRIVACY)
    (event,) = await bench.run(body())
    assert isinstance(event, Failed)
    assert event.error.body() == {
        "error": {"message": "bad", "type": "[EMAIL]", "param": "x [EMAIL]", "code": "[SECRET]"}
    }
    assert isinstance(event.error, UpstreamRefused)
    assert event.error.headers == ()
    assert [one.decision for one in bench.record.verdicts] == ["pass", "redact"]


def test_a_short_text_is_scrubbed_once() -> None:
    asked: list[str] = []

    def scrub(text: str) -> str:
        asked.append(text)
        return text.upper()

    remembered = remembering(scrub)
    long = "x" * 200
    assert [remembered(text) for text in ("stop", "stop", long, long)] == [
        "STOP",
        "STOP",
        "X" * 200,
        "X" * 200,
    ]
    assert asked == ["stop", long, long]


@stream_and_whole
async def test_the_names_on_an_attempt_are_those_that_guardrails_left(stream: bool) -> None:
    events = [Started({"id": MAIL, "model": MAIL}), *answer_of("x")[1:]]
    bench = Bench(FakeProvider(*events), privacy=PRIVACY)
    await bench.run(body(stream=stream))
    (attempt,) = bench.record.attempts
    assert (attempt.response_id, attempt.response_model) == (None, "[EMAIL]")
    assert MAIL not in repr(bench.trace.children)


@pytest.mark.parametrize(
    ("code", "word"), [("ZQ-7731", "400"), (MAIL, "400"), (None, "400"), ("context_length_exceeded",) * 2]
)
async def test_only_known_codes_of_a_provider_go_into_traces(code: str | None, word: str) -> None:
    bench = Bench(FakeProvider(UpstreamRefused("no", status=400, code=code)))
    await bench.run(body())
    assert bench.record.attempts[0].error_type == word
    assert bench.trace.children[0].error_type == word


@pytest.mark.parametrize(
    ("value", "passes"),
    [("30", True), ("1.5", True), ("Wed, 21 Oct 2026 07:28:00 GMT", True), ("AKIAIOSFODNN7EXAMPLQ", False)],
)
async def test_when_to_try_again_is_a_time(value: str, passes: bool) -> None:
    error = UpstreamRefused("no", status=429, headers=(("retry-after", value),))
    (event,) = await Bench(FakeProvider(error)).run(body())
    assert isinstance(event, Failed)
    assert bool(getattr(event.error, "headers", ())) is passes


async def test_what_an_error_repeats_of_a_caller_s_words_has_no_secrets() -> None:
    bench = Bench(FakeProvider(*answer_of("x")))
    (event,) = await bench.run(body(), guardrails=("hunter2",))
    assert isinstance(event, Failed)
    assert "'[SECRET]'" in event.error.message
    assert "hunter2" not in repr((bench.record, event.error.body()))
