"""Configs, conditions, caching and words of providers, as clients of Portkey's gateway know them."""

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest
from portkey_ai import AsyncPortkey

from tests.e2e.completions import echo
from tests.e2e.portkey_clients import HELLO, KEY, MARKS, Gateway, ask, fallback, portkey
from tests.upstreams import Connection, Received, stream, whole

pytestmark = MARKS

CLAUDE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-x",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}},
    ],
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 1, "output_tokens": 2},
}
VECTORS = {"object": "list", "model": "e", "usage": {"prompt_tokens": 1, "total_tokens": 1}}


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Let the SDK's open sockets be found here, not in the test that follows."""
    yield
    gc.collect()


@pytest.mark.parametrize("streamed", [False, True])
async def test_compliance_decides_between_the_providers_words_and_openais(
    four: Gateway, streamed: bool
) -> None:
    events: list[tuple[str, dict[str, Any]]] = [
        ("message_start", {"message": {**CLAUDE, "content": [], "stop_reason": None}}),
        ("content_block_start", {"index": 0, "content_block": {"type": "thinking", "thinking": ""}}),
        ("content_block_delta", {"index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
        ("message_stop", {}),
    ]
    pieces = [
        f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode() for name, data in events
    ]
    reasons = ("end_turn", "stop") if streamed else ("tool_use", "tool_calls")
    async with four.provider(stream(pieces) if streamed else whole(CLAUDE)):
        for options, reason in (({}, reasons[0]), ({"strict_open_ai_compliance": True}, reasons[1])):
            answer, _ = await ask(four, streamed=streamed, model="@claude/c", **options)
            choices = [one.choices[0] for one in answer if one.choices] if streamed else answer.choices
            assert [one.finish_reason for one in choices if one.finish_reason] == [reason]
            told = str([one.model_dump() for one in choices])
            assert ("content_blocks" in told) is (not options)


async def test_every_key_of_a_config_is_understood(four: Gateway) -> None:
    hook = {
        "id": "pg",
        "type": "guardrail",
        "deny": False,
        "checks": [{"id": "default.notNull", "is_enabled": True}],
    }
    leaf = {
        "name": "a",
        "provider": "openai",
        "virtual_key": "main",
        "weight": 0.5,
        "override_params": {"temperature": 0.5},
        "default_params": {"top_p": 0.5},
        "drop_params": ["seed"],
        "retry": {"attempts": 1, "on_status_codes": [429], "use_retry_after_header": True},
        "cache": {"mode": "simple", "max_age": 60},
        "request_timeout": 5000,
        "forward_headers": ["x-own"],
        "strict_open_ai_compliance": True,
        "input_guardrails": [{"default.contains": {"words": ["bird"], "operator": "none"}, "deny": True}],
        "output_guardrails": [{"wordCount": {"minWords": 99, "maxWords": 999, "not": True}}],
        "before_request_hooks": [hook],
        "after_request_hooks": [{**hook, "id": "after"}],
        "input_mutators": [{"regexReplace": {"rule": "/x/g"}}],
        "output_mutators": [{"b": {"id": "regexReplace", "rule": "y"}}],
        "prompt_id": "pp",
        "deployments": [],
        "on_status_codes": [500],
        "metadata": {"a": "b"},
        "cb_config": {"failure_threshold": 5, "cooldown_interval": 30_000, "failure_status_codes": [500]},
    }
    tree = {"strategy": {"mode": "loadbalance", "on_status_codes": [429]}, "targets": [leaf], "id": "pc"}
    async with four.provider() as upstream:
        answer, response = await ask(four, config=tree)
    assert (response.status_code, answer.choices[0].message.content) == (200, "hello there")
    assert len(answer.hook_results["before_request_hooks"]) == 3
    sent = upstream.requests[0].json()
    assert (sent["temperature"], sent["top_p"]) == (0.5, 0.5)


async def test_providers_go_by_portkeys_names(four: Gateway) -> None:
    async with four.provider():
        for name, slug in (("mistral-ai", "mistral"), ("together-ai", "together"), ("openai", "main")):
            _, answer = await ask(four, provider=name)
            assert answer.headers["x-portkey-provider"] == slug


async def test_conditions_read_what_the_sdk_sends(four: Gateway) -> None:
    def query(number: int) -> dict[str, Any]:
        return (
            {"metadata.plan": {"$in": ["paid", "gold"]}},
            {"$or": [{"params.model": {"$regex": "^big"}}, {"params.user": "x"}]},
            {"url.pathname": {"$eq": "/v1/chat/completions"}},
        )[number]

    names = ["main", "mistral", "together"]
    config = {
        "strategy": {
            "mode": "conditional",
            "conditions": [{"query": query(number), "then": name} for number, name in enumerate(names)],
        },
        "targets": [{"name": name, "provider": f"@{name}"} for name in names],
    }
    ways: list[dict[str, Any]] = [{"metadata": {"plan": "gold"}}, {"model": "big-1"}, {}]
    async with four.provider():
        found = [(await ask(four, config=config, **way))[1].headers["x-portkey-provider"] for way in ways]
    assert found == names


async def test_every_operator_of_a_condition_decides_as_written(four: Gateway) -> None:
    """Each of them over what the SDK sends: one request that a query is for, and one that it is not."""
    gold, plain, none = (
        {"metadata": {"plan": "gold"}},
        {"metadata": {"plan": "plain"}},
        {"metadata": {"a": "b"}},
    )

    def number(of: object) -> dict[str, Any]:
        return {"metadata": {"n": of}}

    both = {"metadata": {"plan": "gold", "n": 7}}
    table: list[tuple[dict[str, Any], tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]] = [
        ({"metadata.plan": "gold"}, (gold,), (plain, none)),
        ({"metadata.plan": {"$eq": "gold"}}, (gold,), (plain, none)),
        ({"metadata.plan": {"$ne": "gold"}}, (plain, none), (gold,)),
        ({"metadata.plan": {"$in": ["gold", "paid"]}}, (gold,), (plain, none)),
        ({"metadata.plan": {"$nin": ["gold", "paid"]}}, (plain, none), (gold,)),
        ({"metadata.plan": {"$regex": "^go.d$"}}, (gold,), (plain, none)),
        ({"metadata.n": {"$gt": 7}}, (number(8), number("7.5")), (number(7), none)),
        ({"metadata.n": {"$gte": 7}}, (number(7),), (number(6.9), none)),
        ({"metadata.n": {"$lt": 7}}, (number(-1),), (number(7), none)),
        ({"metadata.n": {"$lte": 7}}, (number(7),), (number(7.1), none)),
        ({"metadata.n": {"$gt": 6, "$lt": 8}}, (number(7),), (number(8), number(6))),
        ({"params.model": {"$regex": "^big"}}, ({"model": "big-1"},), ({"model": "a-big-1"},)),
        ({"url.pathname": {"$regex": "/chat/"}, "metadata.plan": "gold"}, (gold,), (plain,)),
        ({"url.pathname": {"$ne": "/v1/embeddings"}}, (none,), ()),
        ({"$and": [{"metadata.plan": "gold"}, {"metadata.n": {"$gt": 6}}]}, (both,), (gold, number(7))),
        ({"$or": [{"metadata.plan": "gold"}, {"metadata.n": {"$gt": 6}}]}, (gold, number(7)), (plain, none)),
        (
            {"$or": [{"$and": [{"metadata.plan": "gold"}, {"metadata.n": 7}]}, {"params.model": "big-1"}]},
            (both, {"model": "big-1"}),
            (gold, number(7)),
        ),
        (
            {"$and": [{"$or": [{"metadata.plan": "gold"}, {"metadata.plan": "paid"}]}, {"metadata.n": 7}]},
            (both,),
            (gold, number(7)),
        ),
        ({"$or": [{"metadata.plan": "gold"}], "metadata.n": {"$lt": 7}}, (), (both, gold)),
    ]
    targets = [{"name": "yes", "provider": "@main"}, {"name": "no", "provider": "@mistral"}]
    async with four.provider():
        for query, meant, others in table:
            strategy = {
                "mode": "conditional",
                "conditions": [{"query": query, "then": "yes"}],
                "default": "no",
            }
            config = {"strategy": strategy, "targets": targets}
            for requests, provider in ((meant, "main"), (others, "mistral")):
                for request in requests:
                    _, answer = await ask(four, config=config, **request)
                    assert answer.headers.get("x-portkey-provider") == provider, (query, request)


async def test_the_cache_is_refreshed_and_divided_as_the_sdk_asks(four: Gateway) -> None:
    config = {"provider": "@main", "cache": {"mode": "simple", "max_age": 60}}
    ways: list[dict[str, Any]] = [
        {},
        {},
        {"cache_force_refresh": True},
        {"cache_namespace": "b"},
        {"cache_namespace": "b"},
    ]
    async with four.provider() as upstream:
        found = [
            (await ask(four, config=config, metadata={"of": "cache"}, **way))[0].get_headers()["cache-status"]
            for way in ways
        ]
    assert (found, len(upstream.requests)) == (["MISS", "HIT", "REFRESH", "MISS", "HIT"], 3)


async def test_what_a_target_cannot_do_falls_through_to_the_next(four: Gateway) -> None:
    vectors = {**VECTORS, "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}]}
    text = {"id": "c", "object": "text_completion", "created": 1, "model": "t"}
    texts = {**text, "choices": [{"index": 0, "text": "hi", "logprobs": None, "finish_reason": "stop"}]}
    async with (
        four.provider(whole(vectors), whole(texts)) as upstream,
        portkey(four, config=fallback("@claude", "@main")) as (client, answers),
    ):
        embedded = await client.embeddings.create(model="e", input="hi", encoding_format="float")
        completed = await client.completions.create(model="t", prompt="hi")
    assert list(embedded.data[0].embedding) == [0.5, -0.25]
    assert completed.choices[0].text == "hi"
    assert [one.headers["x-portkey-provider"] for one in answers] == ["main", "main"]
    assert [one.target for one in upstream.requests] == ["/v1/embeddings", "/v1/completions"]


async def test_models_are_listed_and_options_can_be_changed(four: Gateway) -> None:
    async def provider(connection: Connection, request: Received) -> None:
        listing = whole({"object": "list", "data": [{"id": "gpt-new", "object": "model"}]})
        await (listing if request.method == "GET" else echo)(connection, request)

    async with four.provider(provider), portkey(four, provider="@main") as (client, _):
        listed = await client.models.list()
        changed = client.with_options(trace_id="t-2", metadata={"a": "b"})
        answer = await changed.chat.completions.create(model="gpt", messages=HELLO)
    assert {"@main/gpt-main", "@mistral/gpt-new"} <= {one.id for one in listed.data}
    assert answer.get_headers()["trace-id"] == "t-2"


async def test_what_the_asynchronous_sdk_reports_is_kept_beside_the_exchange(four: Gateway) -> None:
    named: Any = {"base_url": four.url, "api_key": KEY, "provider": "@main"}
    async with (
        four.provider(),
        AsyncPortkey(**named, trace_id="t-3", metadata={"team": "a"}) as client,
    ):
        await client.chat.completions.create(model="gpt", messages=HELLO)
        given = await client.feedback.create(trace_id="t-3", value=5)
        changed = await client.feedback.update(feedback_id=given.feedback_ids[0], value=7)
        await client.logs.create(request={"url": "u"}, response={"status": 200}, metadata={"traceId": "t-3"})
    assert (given.status, changed.feedback_ids) == ("success", given.feedback_ids)
    (row,) = four.rows(
        "SELECT e.metadata, f.value, l.status_code FROM exchanges e"
        " JOIN feedback f ON f.trace_id = e.caller_trace_id JOIN inserted_logs l ON l.trace_id = f.trace_id"
        " WHERE e.caller_trace_id = 't-3'"
    )
    assert row == ('{"team":"a"}', 7, 200)
