"""Chat completions over bare ASGI, with fakes behind the pipeline."""

import asyncio
import json
from typing import Any

import pytest

from app.access.keys import key_hash
from app.domain.content import Content
from app.domain.errors import UpstreamRefused
from app.domain.exchange import Outcome
from app.settings import KeySettings
from tests.fakes import FakeProvider, answer_of
from tests.gateways import QUESTION, STREAMED, Connection, Gateway, forbidding, until

KEYS = {"team-a": KeySettings(hash=key_hash("hr-key"))}
WITH_KEY = {"authorization": "Bearer hr-key"}
WHOLE_AND_STREAMED = pytest.mark.parametrize("question", [QUESTION, STREAMED], ids=["whole", "streamed"])


def chunks_of(connection: Connection) -> list[Any]:
    """Return the JSON of every server-sent event but the last, which has to be `[DONE]`."""
    *events, done, rest = connection.body.split(b"\n\n")
    assert (done, rest) == (b"data: [DONE]", b"")
    return [json.loads(event.removeprefix(b"data: ")) for event in events]


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


@pytest.mark.parametrize("question", [QUESTION, STREAMED], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("key", "debug", "content"),
    [
        (None, "true", "full"),
        (None, "false", "hashes"),
        ("none", "false", "none"),
        ("redacted", "", "redacted"),
    ],
)
async def test_a_key_and_a_caller_lower_what_goes_on_record(
    key: Content | None, debug: str, content: str, question: dict[str, Any]
) -> None:
    gateway = Gateway(keys={"team": KeySettings(hash=key_hash("hr-1"), content=key)})
    await gateway.ask(question, {"authorization": "Bearer hr-1", "x-portkey-debug": debug})
    assert gateway.record.content == content


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


@WHOLE_AND_STREAMED
async def test_the_caller_is_told_which_parameters_were_not_sent(question: dict[str, Any]) -> None:
    provider = FakeProvider(*answer_of("Hi"))
    provider.dropped = ("top_k", "seed", "evil\r\nset-cookie: a=b", "é")
    connection = await Gateway(provider).ask(question)
    assert (connection.status, connection.headers["x-handrail-dropped-params"]) == (200, "top_k, seed")
    assert "set-cookie" not in connection.headers


@WHOLE_AND_STREAMED
async def test_an_error_says_which_parameters_were_not_sent(question: dict[str, Any]) -> None:
    provider = FakeProvider(UpstreamRefused("no", status=429))
    provider.dropped = ("top_k",)
    connection = await Gateway(provider).ask(question)
    assert (connection.status, connection.headers["x-handrail-dropped-params"]) == (429, "top_k")


async def test_a_blocked_answer_says_which_parameters_were_not_sent() -> None:
    provider = FakeProvider(*answer_of("it is forbidden"))
    provider.dropped = ("top_k",)
    connection = await Gateway(provider, guardrails=[forbidding("forbidden")]).ask(QUESTION)
    assert (connection.status, connection.headers["x-handrail-dropped-params"]) == (446, "top_k")


@WHOLE_AND_STREAMED
async def test_nothing_is_said_of_parameters_where_all_were_sent(question: dict[str, Any]) -> None:
    connection = await Gateway().ask(question)
    assert "x-handrail-dropped-params" not in connection.headers
