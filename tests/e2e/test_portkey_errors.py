"""Errors, retries and limits in the words and shapes of Portkey's gateway, as both SDKs see them."""

import gc
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from portkey_ai._vendor import openai as portkeys_openai

from tests.e2e.completions import chunk, completion, echo, said
from tests.e2e.portkey_clients import HELLO, KEY, MARKS, Gateway, ask, fallback, portkey, refusing
from tests.upstreams import hang, junk, stream, whole

pytestmark = MARKS

LIMITS = {
    "x-ratelimit-remaining-requests": "59",
    "openai-processing-ms": "12",
    "openai-version": "2020-10-01",
}
ACCOUNT = {"openai-organization": "org-1", "set-cookie": "a=1", "server": "cloud", "x-request-id": "req-1"}


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Let the SDK's open sockets be found here, not in the test that follows."""
    yield
    gc.collect()


@pytest.mark.parametrize("streamed", [False, True])
async def test_the_limits_are_those_of_whoever_answered(four: Gateway, streamed: bool) -> None:
    headers = {**LIMITS, **ACCOUNT}
    spoken = stream([chunk({"content": "hi"}), chunk({}, finish="stop"), "[DONE]"], headers=headers)
    answer = spoken if streamed else whole(completion(said("hi")), headers=headers)
    spent = refusing(500, x_ratelimit_remaining_requests="0", x_ratelimit_limit_tokens="7")
    config = fallback("@mistral", "@main", cache={"mode": "simple"})
    async with four.provider(spent, answer, spent) as upstream:
        options: dict[str, Any] = {"config": config, "cache_namespace": str(streamed)}
        _, asked = await ask(four, streamed=streamed, **options)
        _, cached = await ask(four, streamed=streamed, **options)
    assert (asked.headers["x-portkey-provider"], len(upstream.requests)) == ("main", 3)
    assert {name: asked.headers.get(name) for name in LIMITS} == LIMITS
    assert not {"openai-organization", "set-cookie", "x-ratelimit-limit-tokens"} & set(asked.headers)
    assert {asked.headers.get("server"), asked.headers["x-request-id"]}.isdisjoint(ACCOUNT.values())
    assert cached.headers["x-portkey-cache-status"] == "HIT"
    assert not set(LIMITS) & set(cached.headers)


async def test_limits_come_with_the_error_that_they_explain_and_with_no_other(four: Gateway) -> None:
    spent = refusing(429, x_ratelimit_remaining_requests="0", retry_after="7")
    async with four.provider(spent):
        error, refused = await ask(four, provider="@main")
        denies = [{"contains": {"words": ["hello"], "operator": "none"}, "deny": True}]
        config = fallback("@main", "@mistral")
        config["targets"][1]["input_guardrails"] = denies
        _, denied = await ask(four, config=config)
    assert (error.status_code, refused.headers["x-ratelimit-remaining-requests"]) == (429, "0")
    assert refused.headers["retry-after"] == "7"
    assert (denied.status_code, denied.headers.get("x-ratelimit-remaining-requests")) == (446, None)


@pytest.mark.parametrize("spelling", ["use_retry_after_header", "use_retry_after_headers"])
async def test_retries_that_are_used_up_count_as_minus_one(four: Gateway, spelling: str) -> None:
    config = {"provider": "@main", "retry": {"attempts": 1, spelling: True}}
    async with four.provider(
        refusing(429, retry_after="0"), echo, refusing(429, retry_after="0")
    ) as upstream:
        _, answered = await ask(four, config=config)
        _, refused = await ask(four, config=config)
    counts = [one.headers["x-portkey-retry-attempt-count"] for one in (answered, refused)]
    assert (counts, len(upstream.requests)) == (["1", "-1"], 4)
    assert refused.headers["x-should-retry"] == "false"


async def test_the_option_index_is_a_path_in_the_config_sent_or_saved(four: Gateway) -> None:
    nested = {"strategy": {"mode": "single"}, "targets": [fallback("@mistral", "@main")]}
    async with four.provider(refusing(500), echo, refusing(500), echo, echo, echo):
        indexes = [
            (await ask(four, **options))[1].headers["x-portkey-last-used-option-index"]
            for options in (
                {"config": nested},
                {"config": "prod"},
                {"config": {"provider": "@main"}},
                {"provider": "@main"},
            )
        ]
    assert indexes == ["config.targets[0].targets[1]", "config.targets[1]", "config", "config"]


@pytest.mark.parametrize("status", [400, 401, 429, 503, 529])
async def test_a_providers_error_keeps_its_status_and_names_the_provider(four: Gateway, status: int) -> None:
    async with four.provider(refusing(status)) as upstream:
        error, answer = await ask(four, provider="@main")
    body = answer.json()
    assert (answer.status_code, set(body), body["provider"]) == (status, {"error", "provider"}, "main")
    assert body["error"] == {"message": body["error"]["message"], "type": "t", "param": None, "code": "c"}
    assert "no" in body["error"]["message"]
    assert (error.status_code, len(upstream.requests)) == (status, 1)


async def test_a_timeout_is_408_in_portkeys_words(four: Gateway) -> None:
    async with four.provider(hang()):
        _, answer = await ask(four, provider="@main", request_timeout=50)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["param"], error["code"]) == (
        408,
        "timeout_error",
        None,
        None,
    )


async def test_every_error_has_a_trace_id_and_is_sent_once(four: Gateway) -> None:
    zero = {"strategy": {"mode": "loadbalance"}, "targets": [{"provider": "@main", "weight": 0}]}
    unmatched = {
        "strategy": {"mode": "conditional", "conditions": [{"query": {"metadata.a": "b"}, "then": "x"}]},
        "targets": [{"name": "x", "provider": "@main"}],
    }
    cases: list[tuple[dict[str, Any], int]] = [
        ({"config": zero}, 400),
        ({"config": unmatched}, 400),
        ({"config": "pc-unknown"}, 400),
        ({"provider": "@nobody"}, 400),
        ({"model": "@nobody/m"}, 404),
        ({"provider": "@main"}, 502),
        ({"provider": "@main", "strict_open_ai_compliance": True}, 502),
    ]
    async with four.provider(junk()):
        for options, status in cases:
            async with portkey(four, **{k: v for k, v in options.items() if k != "model"}) as (
                client,
                answers,
            ):
                with pytest.raises(portkeys_openai.APIStatusError):
                    await client.chat.completions.create(model=options.get("model", "gpt"), messages=HELLO)
            (answer,) = answers
            assert (answer.status_code, len(answer.headers["x-portkey-trace-id"])) == (status, 32), options
            assert answer.json()["error"]["message"]
            if status == 400:
                assert "x-portkey-last-used-option-index" not in answer.headers
                assert answer.headers["x-should-retry"] == "false"
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {KEY}"}) as plain:
        for method, path, status in (
            ("PUT", "chat/completions", 405),
            ("GET", "nothing", 404),
            ("POST", "configs", 501),
        ):
            answer = await plain.request(method, f"{four.url}/{path}", json={})
            assert (answer.status_code, len(answer.headers["x-portkey-trace-id"])) == (status, 32)
        bad = await plain.post(
            f"{four.url}/chat/completions", content=b"{", headers={"content-type": "application/json"}
        )
    assert (bad.status_code, len(bad.headers["x-portkey-trace-id"])) == (400, 32)


async def test_only_an_error_of_the_gateway_itself_is_called_a_gateway_exception(four: Gateway) -> None:
    """Portkey's SDK sends nothing again that has it; a caller's or a provider's mistake is none of ours."""
    denies = [{"contains": {"words": ["hello"], "operator": "none"}, "deny": True}]
    unmatched = {
        "strategy": {"mode": "conditional", "conditions": [{"query": {"metadata.a": "b"}, "then": "x"}]},
        "targets": [{"name": "x", "provider": "@main"}],
    }
    of_others: list[tuple[dict[str, Any], int]] = [
        ({"provider": "@main"}, 200),
        ({"provider": "@main"}, 500),
        ({"provider": "@main"}, 429),
        ({"config": {"provider": "@main", "input_guardrails": denies}}, 446),
        ({"config": unmatched}, 400),
        ({"config": "pc-unknown"}, 400),
        ({"provider": "@mistral", "model": "@main/m"}, 400),
        ({"model": "@nobody/m"}, 404),
        ({"provider": "@main"}, 502),
        ({"provider": "@main", "request_timeout": 50}, 408),
    ]
    theirs = {"x_portkey_gateway_exception": "true"}
    answers = (echo, refusing(500, **theirs), refusing(429, **theirs), junk(), hang())
    async with (
        four.provider(*answers),
        httpx.AsyncClient(headers={"authorization": f"Bearer {KEY}"}) as plain,
    ):
        for options, status in of_others:
            _, answer = await ask(four, **options)
            assert answer.status_code == status, options
            assert "x-portkey-gateway-exception" not in answer.headers, options
        for path, status, ours in (
            ("configs", 501, "true"),
            ("nothing", 404, None),
            ("chat/completions", 400, None),
        ):
            answer = await plain.post(f"{four.url}/{path}", json={})
            assert (answer.status_code, answer.headers.get("x-portkey-gateway-exception")) == (status, ours)


async def test_openais_client_does_not_double_the_retries_of_a_config(four: Gateway) -> None:
    config = {"provider": "@main", "retry": {"attempts": 1, "use_retry_after_header": True}}
    headers = {"x-portkey-config": json.dumps(config)}
    async with (
        four.provider(refusing(429, retry_after="0")) as upstream,
        openai.AsyncOpenAI(base_url=four.url, api_key=KEY, default_headers=headers) as client,
    ):
        with pytest.raises(openai.RateLimitError):
            await client.chat.completions.create(model="gpt", messages=HELLO)
    assert len(upstream.requests) == 2
