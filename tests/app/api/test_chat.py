"""Chat completions over bare ASGI, with fakes behind the pipeline."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from app.access.keys import key_hash
from app.domain.errors import UpstreamBroken, UpstreamRefused, UpstreamTimeout
from app.domain.exchange import Outcome
from app.settings import KeySettings
from tests.fakes import FakeProvider, answer_of
from tests.gateways import QUESTION, STREAMED, Connection, Gateway, forbidding

KEYS = {"team-a": KeySettings(hash=key_hash("hr-key"))}
WITH_KEY = {"authorization": "Bearer hr-key"}
WHOLE_AND_STREAMED = pytest.mark.parametrize("question", [QUESTION, STREAMED], ids=["whole", "streamed"])


def chunks_of(connection: Connection) -> list[Any]:
    """Return the JSON of every server-sent event but the last, which has to be `[DONE]`."""
    *events, done, rest = connection.body.split(b"\n\n")
    assert (done, rest) == (b"data: [DONE]", b"")
    return [json.loads(event.removeprefix(b"data: ")) for event in events]


async def until(happened: Any) -> None:
    """Wait for something that another task does."""
    async with asyncio.timeout(2):
        while not happened():  # noqa: ASYNC110 (what happens is not ours to signal)
            await asyncio.sleep(0.001)


async def test_a_whole_answer_is_one_json_document() -> None:
    connection = await Gateway().ask(QUESTION)
    assert (connection.status, connection.headers["content-type"]) == (200, "application/json")
    assert json.loads(connection.body)["choices"][0]["message"]["content"] == "Hi there"
    assert connection.headers["content-length"] == str(len(connection.body))


async def test_a_stream_is_server_sent_events_that_nobody_buffers() -> None:
    connection = await Gateway().ask(STREAMED)
    assert connection.status == 200
    assert connection.headers["content-type"].startswith("text/event-stream")
    assert connection.headers["cache-control"] == "no-cache"
    assert connection.headers["x-accel-buffering"] == "no"
    deltas = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks_of(connection)]
    assert "".join(deltas) == "Hi there"


async def test_a_stream_goes_out_piece_by_piece() -> None:
    gateway = Gateway(FakeProvider(*answer_of("Hi")[:2], 30.0))
    connection = gateway.connect(json.dumps(STREAMED).encode())
    serving = asyncio.ensure_future(connection.run())
    await until(lambda: b"Hi" in connection.body)
    connection.leave.set()
    await serving
    assert not connection.ended


@WHOLE_AND_STREAMED
async def test_the_usage_chunk_comes_only_when_asked_for(question: dict[str, Any]) -> None:
    connection = await Gateway().ask(question | {"stream_options": {"include_usage": True}, "stream": True})
    assert chunks_of(connection)[-1]["usage"]["total_tokens"] == 8
    assert all("usage" not in chunk for chunk in chunks_of(await Gateway().ask(STREAMED)))


@WHOLE_AND_STREAMED
async def test_without_a_key_nothing_of_the_body_matters(question: dict[str, Any]) -> None:
    gateway = Gateway(keys=KEYS)
    connection = await gateway.ask(question | {"model": 7}, headers={"authorization": "Bearer hr-other"})
    assert connection.status == 401
    assert connection.error["code"] == "invalid_api_key"
    assert connection.headers["www-authenticate"] == "Bearer"
    assert (gateway.record.outcome, gateway.record.caller) == (Outcome.REJECTED, "unknown")


@WHOLE_AND_STREAMED
async def test_the_caller_is_on_record(question: dict[str, Any]) -> None:
    gateway = Gateway(keys=KEYS)
    connection = await gateway.ask(question, headers=WITH_KEY)
    assert connection.status == 200
    assert (gateway.record.caller, gateway.record.outcome) == ("team-a", Outcome.OK)


@pytest.mark.parametrize("sent", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
async def test_a_body_that_does_not_say_to_be_json_is_refused(sent: str) -> None:
    gateway = Gateway()
    connection = await gateway.ask(QUESTION, headers={"content-type": sent})
    assert connection.status == 415
    assert connection.error["code"] == "unsupported_media_type"
    assert gateway.record.status_code == 415


async def test_a_body_that_says_to_be_too_large_is_refused() -> None:
    gateway = Gateway(max_body_bytes=100)
    connection = gateway.connect(b"{}", headers={"content-length": "101"})
    await connection.run()
    assert connection.status == 413
    assert connection.error["code"] == "request_too_large"
    assert gateway.record.error_code == "request_too_large"


async def test_a_body_that_grows_too_large_is_refused_once_it_has_been_sent() -> None:
    connection = Gateway(max_body_bytes=100).connect(*[b"x" * 60] * 50)
    await connection.run()
    assert (connection.status, connection.received) == (413, 50)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b'"text"',
        b"{}",
        b'{"model": "@fake/m"}',
        b'{"model": 1, "messages": [{"role": "user", "content": "x"}]}',
        b'{"model": "@fake/m", "messages": "x"}',
        b'{"model": "@fake/m", "messages": []}',
        b'{"model": "@fake/m", "messages": [{"role": "user", "content": "x"}], "stream": "yes"}',
        b'{"model": "@fake/m", "model": "@fake/n", "messages": [{"role": "user", "content": "x"}]}',
        b'{"model": "@fake/m", "messages": [{"role": "user", "content": "\xff"}]}',
        b'{"model": "@fake/m", "messages": [' + b"[" * 5_000,
        b'{"model": "@other/m", "messages": [{"role": "user", "content": "x"}]}',
        b'{"model": "@fake/", "messages": [{"role": "user", "content": "x"}]}',
        b"\x00" * 100,
    ],
)
async def test_a_bad_request_is_a_4xx_in_openais_shape_and_on_record(body: bytes) -> None:
    gateway = Gateway(provider := FakeProvider(*answer_of("Hi")))
    connection = gateway.connect(body)
    await connection.run()
    assert 400 <= connection.status < 500
    assert set(connection.error) == {"message", "type", "param", "code"}
    assert connection.headers["x-should-retry"] == "false"
    assert (gateway.record.outcome, gateway.record.status_code) == (Outcome.REJECTED, connection.status)
    assert provider.requests == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-portkey-metadata", "nonsense"),
        ("x-portkey-metadata", "[1]"),
        ("x-portkey-metadata", '{"a": ' + "[" * 50 + "]" * 50 + "}"),
        ("x-portkey-metadata", '{"a": "' + "x" * 20_000 + '"}'),
        ("x-handrail-guardrails", "unknown-one"),
        ("x-handrail-guardrails", ",".join(f"g{i}" for i in range(1000))),
    ],
)
async def test_a_bad_header_is_a_400_that_names_it(name: str, value: str) -> None:
    connection = await Gateway().ask(QUESTION, headers={name: value})
    assert (connection.status, connection.error["param"]) == (400, name)


async def test_metadata_of_the_header_goes_on_record() -> None:
    gateway = Gateway()
    await gateway.ask(QUESTION, headers={"x-portkey-metadata": '{"_user": "u1", "team": 7}'})
    assert gateway.record.metadata == {"_user": "u1", "team": 7}


@WHOLE_AND_STREAMED
async def test_a_blocked_request_is_a_446_and_never_goes_upstream(question: dict[str, Any]) -> None:
    gateway = Gateway(provider := FakeProvider(*answer_of("Hi")), guardrails=[forbidding()])
    connection = await gateway.ask(question | {"messages": [{"role": "user", "content": "forbidden"}]})
    assert (connection.status, connection.error["type"]) == (446, "hooks_failed")
    assert connection.headers["x-should-retry"] == "false"
    assert provider.requests == []
    assert (gateway.record.outcome, gateway.record.status_code) == (Outcome.BLOCKED_INPUT, 446)


async def test_a_blocked_whole_answer_is_a_446_without_a_word_of_it() -> None:
    gateway = Gateway(FakeProvider(*answer_of("this is forbidden ", "stuff")), guardrails=[forbidding()])
    connection = await gateway.ask(QUESTION)
    assert (connection.status, connection.error["code"]) == (446, "guardrail_blocked")
    assert b"this is" not in connection.body
    assert gateway.record.outcome is Outcome.BLOCKED_OUTPUT


@pytest.mark.parametrize("pieces", [("fine so far, ", "forbidden ", "more"), ("forbidden ", "more")])
async def test_a_blocked_stream_ends_with_content_filter_and_an_error(pieces: tuple[str, ...]) -> None:
    gateway = Gateway(FakeProvider(*answer_of(*pieces)), guardrails=[forbidding()])
    connection = await gateway.ask(STREAMED)
    assert (connection.status, connection.ended) == (200, True)
    assert b'"finish_reason":"content_filter"' in connection.body
    assert connection.error["code"] == "guardrail_blocked"
    assert b'"content":"forbidden' not in connection.body
    assert b"more" not in connection.body
    assert gateway.record.outcome is Outcome.BLOCKED_OUTPUT


async def test_a_request_adds_a_guardrail_by_header() -> None:
    gateway = Gateway(guardrails=[forbidding("strict", default=False)])
    question = QUESTION | {"messages": [{"role": "user", "content": "forbidden"}]}
    assert (await gateway.ask(question)).status == 200
    assert (await gateway.ask(question, headers={"x-handrail-guardrails": " strict , strict,"})).status == 446


@WHOLE_AND_STREAMED
@pytest.mark.parametrize("error", [UpstreamTimeout("Too slow."), UpstreamBroken("Junk.")])
async def test_a_failure_before_the_first_event_has_its_true_status(
    error: UpstreamTimeout | UpstreamBroken, question: dict[str, Any]
) -> None:
    gateway = Gateway(FakeProvider(error))
    connection = await gateway.ask(question)
    assert (connection.status, connection.error["code"]) == (error.status, error.code)
    assert "x-should-retry" not in connection.headers
    assert gateway.record.outcome is Outcome.UPSTREAM_ERROR


@WHOLE_AND_STREAMED
async def test_a_providers_refusal_is_passed_on_with_when_to_come_back(question: dict[str, Any]) -> None:
    headers = (("retry-after", "7"), ("retry-after-ms", "7000"), ("set-cookie", "a=b"))
    refusal = UpstreamRefused("Slow down.", status=429, type_="rate_limit_exceeded", headers=headers)
    connection = await Gateway(FakeProvider(refusal)).ask(question)
    assert (connection.status, connection.error["type"]) == (429, "rate_limit_exceeded")
    assert (connection.headers["retry-after"], connection.headers["retry-after-ms"]) == ("7", "7000")
    assert not {"set-cookie", "x-should-retry"} & connection.headers.keys()


async def test_a_failure_within_a_stream_is_its_last_event() -> None:
    gateway = Gateway(FakeProvider(*answer_of("Hi ")[:2], UpstreamBroken("It stopped.")))
    connection = await gateway.ask(STREAMED)
    assert (connection.status, connection.ended) == (200, True)
    assert connection.error["code"] == "upstream_broken"
    assert b"[DONE]" not in connection.body
    assert gateway.record.response is not None


@WHOLE_AND_STREAMED
async def test_when_records_cannot_be_kept_nothing_is_begun(question: dict[str, Any]) -> None:
    gateway = Gateway(provider := FakeProvider(*answer_of("Hi")))
    gateway.records.full = True
    connection = await gateway.ask(question)
    assert (connection.status, connection.headers["retry-after"]) == (503, "1")
    assert "x-should-retry" not in connection.headers
    assert provider.requests == []


@WHOLE_AND_STREAMED
async def test_a_caller_who_leaves_while_the_provider_thinks_cancels_it_at_once(
    question: dict[str, Any],
) -> None:
    gateway = Gateway(provider := FakeProvider(30.0, *answer_of("Hi")))
    connection = gateway.connect(json.dumps(question).encode())
    serving = asyncio.ensure_future(connection.run())
    await until(lambda: provider.requests)
    connection.leave.set()
    async with asyncio.timeout(0.1):
        await serving
    assert (provider.closed, connection.sent) == (1, [])
    assert (gateway.record.outcome, gateway.record.response) == (Outcome.CANCELLED, None)


async def test_what_a_caller_got_before_he_left_is_on_record() -> None:
    gateway = Gateway(provider := FakeProvider(*answer_of("Hi ", "there")[:3], 30.0))
    connection = gateway.connect(json.dumps(STREAMED).encode())
    serving = asyncio.ensure_future(connection.run())
    await until(lambda: b"there" in connection.body)
    connection.leave.set()
    await serving
    assert gateway.record.outcome is Outcome.CANCELLED
    assert gateway.record.response is not None
    assert gateway.record.response["choices"][0]["message"]["content"] == "Hi there"
    assert provider.closed == 1


async def test_a_caller_who_leaves_while_asking_gets_and_leaves_nothing() -> None:
    gateway = Gateway()
    connection = gateway.connect()
    connection.leave.set()
    await connection.run()
    assert (connection.sent, gateway.records.taken) == ([], [])


async def test_a_slow_caller_slows_the_provider_down() -> None:
    class Counting(FakeProvider):
        asked = 0

        async def chat(self, *arguments: Any) -> AsyncGenerator[Any]:
            async for event in super().chat(*arguments):
                self.asked += 1
                yield event

    provider = Counting(*answer_of(*["word "] * 1000))
    connection = Gateway(provider).connect(json.dumps(STREAMED).encode())
    connection.takes.clear()
    serving = asyncio.ensure_future(connection.run())
    await asyncio.sleep(0.1)
    assert provider.asked < 10
    connection.takes.set()
    await serving
    assert connection.ended
    assert provider.asked == 1003


@WHOLE_AND_STREAMED
async def test_a_bug_is_a_500_without_details_on_record_and_in_the_log(question: dict[str, Any]) -> None:
    gateway = Gateway(FakeProvider(RuntimeError("hunter2")))
    connection = await gateway.ask(question)
    assert (connection.status, connection.error["code"]) == (500, "internal_error")
    assert b"hunter2" not in connection.body
    assert gateway.record.outcome is Outcome.FAILED
    logged = [fields for _, _, fields in gateway.log.lines if "exchange_id" in fields]
    assert connection.headers["x-request-id"] in {fields["exchange_id"] for fields in logged}


@WHOLE_AND_STREAMED
async def test_an_answer_that_cannot_be_written_ends_in_an_error(question: dict[str, Any]) -> None:
    gateway = Gateway(FakeProvider(*answer_of("half of a surrogate pair: \ud800")))
    connection = await gateway.ask(question)
    assert (connection.ended, connection.error["code"]) == (True, "internal_error")
    assert len(gateway.records.taken) == 1
    assert "reply_crashed" in {event for _, event, _ in gateway.log.lines}


@WHOLE_AND_STREAMED
async def test_what_takes_too_long_when_the_service_stops_is_ended_and_told(question: dict[str, Any]) -> None:
    gateway = Gateway(provider := FakeProvider(*answer_of("Hi ")[:2], 30.0), grace_s=0.05)
    connection = gateway.connect(json.dumps(question).encode())
    serving = asyncio.ensure_future(connection.run())
    await until(lambda: provider.requests)
    gateway.drain.begin()
    async with asyncio.timeout(1):
        await serving
    assert (connection.ended, connection.error["code"]) == (True, "shutting_down")
    assert connection.status == (200 if question is STREAMED else 503)
    assert (gateway.record.outcome, provider.closed) == (Outcome.CANCELLED, 1)


@pytest.mark.parametrize("sent", ["mine-1", "a trace id", "x" * 128])
async def test_a_callers_own_trace_id_comes_back_and_is_on_record(sent: str) -> None:
    gateway = Gateway()
    connection = await gateway.ask(QUESTION, headers={"x-portkey-trace-id": sent})
    assert connection.headers["x-portkey-trace-id"] == sent == gateway.record.caller_trace_id


@WHOLE_AND_STREAMED
async def test_an_answer_can_be_found_again_by_its_headers(question: dict[str, Any]) -> None:
    gateway = Gateway()
    connection = await gateway.ask(question)
    assert connection.headers["x-request-id"] == gateway.record.id
    assert connection.headers["x-portkey-trace-id"] == gateway.record.trace_id
    assert connection.headers["traceparent"].split("-")[1] == gateway.record.trace_id
