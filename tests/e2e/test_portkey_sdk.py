"""Portkey's SDK, unmodified: whoever uses it changes `base_url` and nothing else."""

import asyncio
import gc
import json
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from portkey_ai import Portkey, createHeaders

from app.access.keys import key_hash
from tests.e2e.completions import echo
from tests.e2e.portkey_clients import CALLERS, HELLO, KEY, MARKS, OPERATORS, Ask, Gateway, both, sync
from tests.servers import free_port, serve
from tests.upstreams import Upstream, hang, whole

pytestmark = MARKS


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Let the SDK's open sockets be found here, not in the test that follows."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    port, callers_port = free_port(), free_port()
    base_url = f"http://127.0.0.1:{port}/v1"
    config = f"""
providers:
  main: {{kind: openai, base_url: "{base_url}", api_key: {OPERATORS}, models: [gpt-main]}}
  spare: {{kind: groq, base_url: "{base_url}", api_key: {OPERATORS}}}
configs:
  prod: {{retry: {{attempts: 1}}, targets: [{{provider: "@spare"}}]}}
keys: {{team: {{hash: "{key_hash(KEY)}"}}}}
caller_keys: {{allow: [groq]}}
custom_hosts: {{allow: ["127.0.0.1:{callers_port}"], allow_private: true}}
"""
    folder = tmp_path_factory.mktemp("portkey")
    with serve(config, folder) as service:
        yield Gateway(f"{service.url}/v1", port, callers_port, folder)


@both
async def test_every_way_to_say_who_is_asked(client: Callable[..., Ask], gateway: Gateway) -> None:
    ways: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({"provider": "@main"}, {}, "main"),
        ({"provider": "openai"}, {}, "main"),
        ({"provider": "openai", "Authorization": CALLERS}, {}, "main"),
        ({"virtual_key": "spare"}, {}, "spare"),
        ({}, {"model": "@spare/llama"}, "spare"),
        ({"config": "prod"}, {}, "spare"),
        ({"config": {"targets": [{"virtual_key": "spare"}]}}, {}, "spare"),
        ({"config": {"targets": [{"override_params": {"model": "@main/gpt"}}]}}, {}, "main"),
        ({"config": json.dumps({"retry": {"attempts": 1}}), "provider": "@spare"}, {}, "spare"),
        ({"provider": "@main"}, {"model": "portkey-default"}, "main"),
    ]
    async with gateway.provider() as upstream:
        for options, question, provider in ways:
            answer = await client(gateway.url, **options)(**question)
            assert answer.choices[0].message.content == "hello there"
            assert answer.get_headers()["provider"] == provider, options
    assert {one.headers["authorization"] for one in upstream.requests} == {f"Bearer {OPERATORS}"}
    assert upstream.requests[-1].json()["model"] == "gpt-main"


@both
async def test_a_stream_comes_piece_by_piece(client: Callable[..., Ask], gateway: Gateway) -> None:
    async with gateway.provider():
        chunks = await client(gateway.url, provider="@main")(stream=True)
    assert (
        "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "hello there "
    )


@both
async def test_the_answer_says_where_it_comes_from(client: Callable[..., Ask], gateway: Gateway) -> None:
    config = {"strategy": {"mode": "fallback"}, "targets": [{"provider": "@main"}, {"provider": "@spare"}]}
    failing = whole({"error": {"message": "no"}}, status=500)
    async with gateway.provider(failing, echo):
        answer = await client(gateway.url, config=config, trace_id="trace 1", metadata={"_user": "ann"})()
        headers = answer.get_headers()
        plain = (await client(gateway.url, provider="@main")()).get_headers()
    assert headers["last-used-option-index"] == "config.targets[1]"
    assert (headers["retry-attempt-count"], headers["provider"]) == ("0", "spare")
    assert headers["trace-id"] == "trace 1"
    assert plain["last-used-option-index"] == "config"
    assert len(plain["trace-id"]) == 32


@both
async def test_a_failed_request_is_not_sent_again(client: Callable[..., Ask], gateway: Gateway) -> None:
    failing = whole({"error": {"message": "no", "type": "t", "code": "c"}}, status=503)
    async with gateway.provider(failing) as upstream:
        with pytest.raises(Exception, match="no") as caught:
            await client(gateway.url, provider="@main")()
    assert type(caught.value).__name__ == "InternalServerError"
    assert len(upstream.requests) == 1


@both
async def test_a_timeout_is_the_callers_to_set(client: Callable[..., Ask], gateway: Gateway) -> None:
    async with gateway.provider(hang()) as upstream:
        with pytest.raises(Exception, match="in time") as caught:
            await client(gateway.url, provider="@main", request_timeout=100)()
    assert getattr(caught.value, "status_code", None) == 408
    assert len(upstream.requests) == 1


@both
async def test_headers_are_forwarded_that_were_named(client: Callable[..., Ask], gateway: Gateway) -> None:
    async with gateway.provider() as upstream:
        await client(gateway.url, provider="@main", forward_headers=["x_team", "traceparent"], x_team="red")()
        await client(gateway.url, provider="@main", x_team="red")()
    assert upstream.requests[0].headers["x-team"] == "red"
    assert "x-team" not in upstream.requests[1].headers
    assert not [name for one in upstream.requests for name in one.headers if name.startswith("x-portkey")]


@both
async def test_the_key_of_the_gateway_is_not_the_providers(
    client: Callable[..., Ask], gateway: Gateway
) -> None:
    async with gateway.provider() as upstream:
        with pytest.raises(Exception, match="key"):
            await client(gateway.url, provider="@main", api_key="pk-of-nobody")()
        await client(gateway.url, provider="groq")()
        await client(gateway.url, provider="groq", Authorization=KEY)()
        await client(gateway.url, provider="groq", Authorization="dummy")()
        await client(gateway.url, provider="openai", Authorization=CALLERS)()
    assert {one.headers["authorization"] for one in upstream.requests} == {f"Bearer {OPERATORS}"}
    assert KEY not in str(upstream.requests)


@both
async def test_an_address_of_ones_own_is_for_those_that_may(
    client: Callable[..., Ask], gateway: Gateway
) -> None:
    async with Upstream(echo, port=gateway.callers_port) as own, gateway.provider() as main:
        with pytest.raises(Exception, match="not allowed here") as caught:
            await client(gateway.url, provider="openai", custom_host=main.base_url, Authorization=CALLERS)()
        assert getattr(caught.value, "status_code", None) == 400
        await client(gateway.url, provider="openai", custom_host=own.base_url, Authorization=CALLERS)()
        await client(gateway.url, config={"provider": "openai", "custom_host": own.base_url})()
    assert main.requests == []
    assert [one.headers.get("authorization") for one in own.requests] == [f"Bearer {CALLERS}", None]


async def test_feedback_is_kept_under_the_callers_name(gateway: Gateway) -> None:
    async with gateway.provider():
        answer = await sync(gateway.url, provider="@main", trace_id="t-feedback")()
    assert answer.get_headers()["trace-id"] == "t-feedback"

    def report() -> tuple[Any, Any, Any]:
        with Portkey(base_url=gateway.url, api_key=KEY) as client:
            given = client.feedback.create(
                trace_id="t-feedback", value=1, weight=0.5, metadata={"by": "ann@example.com"}
            )
            many = client.feedback.bulk_create(feedbacks=[{"trace_id": "t-1", "value": -10}] * 2)
            changed = client.feedback.update(feedback_id=given.feedback_ids[0], value=-3)
            with pytest.raises(Exception, match="no feedback of this id"):
                client.feedback.update(feedback_id="01a22e75-b2b2-7225-88fd-8755ae5578ee", value=1)
            with pytest.raises(Exception, match="value"):
                client.feedback.create(trace_id="t", value=11)
        return given, many, changed

    given, many, changed = await asyncio.to_thread(report)
    assert (given.status, len(many.feedback_ids)) == ("success", 2)
    assert changed.feedback_ids == given.feedback_ids
    (row, *_) = gateway.rows(
        "SELECT f.value, f.weight, f.caller, f.metadata, e.outcome FROM feedback f"
        " JOIN exchanges e ON e.caller = f.caller AND f.trace_id IN (e.trace_id, e.caller_trace_id, e.id)"
    )
    assert row == (-3, 0.5, "team", '{"by":"[EMAIL]"}', "ok")


async def test_logs_of_other_calls_can_be_inserted(gateway: Gateway) -> None:
    def report() -> None:
        with Portkey(base_url=gateway.url, api_key=KEY) as client:
            client.logs.create(
                request={"url": "https://x", "headers": {"authorization": "sk-1"}, "body": {"model": "m"}},
                response={"status": 200, "headers": {}, "body": {"said": "ann@example.com"}},
                metadata={"traceId": "t-log"},
            )

    await asyncio.to_thread(report)
    (row,) = gateway.rows("SELECT trace_id, status_code, caller, body FROM inserted_logs")
    assert row[:3] == ("t-log", 200, "team")
    assert "ann@example.com" not in row[3]
    assert "sk-1" not in row[3]
    assert json.loads(row[3])["request"]["body"] == {"model": "m"}


@pytest.mark.parametrize("what", ["prompts", "configs", "virtual_keys"])
async def test_what_only_portkeys_service_has_is_said_to_be_so(what: str, gateway: Gateway) -> None:
    def ask() -> None:
        with Portkey(base_url=gateway.url, api_key=KEY) as client:
            match what:
                case "prompts":
                    client.prompts.completions.create(prompt_id="pp-1", variables={})
                case "configs":
                    client.configs.list()
                case _:
                    client.virtual_keys.list()

    with pytest.raises(Exception, match="not served here"):
        await asyncio.to_thread(ask)


async def test_openais_client_takes_what_create_headers_makes(gateway: Gateway) -> None:
    headers = createHeaders(  # type: ignore[no-untyped-call]  # it has no types
        api_key=KEY,
        provider="@main",
        trace_id="t-1",
        metadata={"_user": "ann"},
        config={"retry": {"attempts": 1}},
    )
    async with (
        gateway.provider(),
        openai.AsyncOpenAI(base_url=gateway.url, api_key="dummy", default_headers=headers) as client,
    ):
        raw = await client.chat.completions.with_raw_response.create(model="gpt", messages=HELLO)
    assert raw.headers["x-portkey-trace-id"] == "t-1"
    assert raw.headers["x-portkey-provider"] == "main"
    assert raw.parse().choices[0].message.content == "hello there"
