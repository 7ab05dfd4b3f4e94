"""How a chat completion ends when something goes wrong: a failure, a caller who leaves, a bug, a stop."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused, UpstreamTimeout
from app.domain.exchange import Outcome
from tests.fakes import FakeProvider, answer_of
from tests.gateways import QUESTION, STREAMED, Gateway, until

WHOLE_AND_STREAMED = pytest.mark.parametrize("question", [QUESTION, STREAMED], ids=["whole", "streamed"])


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
        pulled = 0

        async def ask(self, *arguments: Any) -> AsyncGenerator[Any]:
            async for event in super().ask(*arguments):
                self.pulled += 1
                yield event

    provider = Counting(*answer_of(*["word "] * 1000))
    connection = Gateway(provider).connect(json.dumps(STREAMED).encode())
    connection.takes.clear()
    serving = asyncio.ensure_future(connection.run())
    await asyncio.sleep(0.1)
    assert provider.pulled < 10
    connection.takes.set()
    await serving
    assert connection.ended
    assert provider.pulled == 1003


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


async def test_a_stream_that_cannot_be_written_is_on_record_as_the_failure_it_was() -> None:
    gateway = Gateway(FakeProvider(*answer_of("half of a surrogate pair: \ud800")))
    await gateway.ask(STREAMED)
    assert (gateway.record.outcome, gateway.record.error_code) == (Outcome.FAILED, "internal_error")


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
    assert (gateway.record.outcome, gateway.record.error_code) == (Outcome.FAILED, "shutting_down")
    assert (gateway.record.status_code, provider.closed) == (connection.status, 1)


async def test_a_request_that_is_still_coming_when_the_service_stops_is_on_record_too() -> None:
    gateway = Gateway(grace_s=0.05)
    connection = gateway.connect()  # whose body never comes
    serving = asyncio.ensure_future(connection.run())
    await asyncio.sleep(0.01)
    gateway.drain.begin()
    async with asyncio.timeout(1):
        await serving
    assert (connection.status, connection.error["code"]) == (503, "shutting_down")
    assert (gateway.record.status_code, gateway.record.error_code) == (503, "shutting_down")
