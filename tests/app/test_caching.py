"""The cache within exchanges: what is given again, to whom, and what is kept."""

import json
from decimal import Decimal
from typing import Any

import pytest

from app.cache.wish import CacheWish
from app.domain.errors import UpstreamBroken
from app.domain.events import (
    Blocked,
    ChoiceFinished,
    Failed,
    ProviderEvent,
    Started,
    ToolArguments,
    ToolCallStarted,
)
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.policy import Policy
from app.routing.config import Cache as Wanted
from app.routing.resolve import Target
from app.routing.way import Hop
from app.routing.wish import Wish
from tests.cached_exchanges import ALICE, BOB, SIMPLE, Caching, folded
from tests.fakes import FakeProvider, answer_of
from tests.pipelines import ADDED, MAIL, PRIVACY, body, stream_and_whole, text_of


@pytest.mark.parametrize("first", [False, True], ids=["kept whole", "kept from a stream"])
@stream_and_whole
async def test_an_answer_is_given_again_whole_or_as_a_stream(first: bool, stream: bool) -> None:
    bench = Caching(FakeProvider(*answer_of("Hi", " there")))
    asked = await bench.ask(body(stream=first))
    given = await bench.ask(body(stream=stream))
    assert folded(given) == folded(asked)
    assert text_of(given) == "Hi there"
    assert len(bench.provider.requests) == 1
    assert bench.statuses == ["miss", "hit"]


@stream_and_whole
async def test_a_hit_is_an_attempt_without_cost_that_names_the_exchange_it_comes_from(stream: bool) -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    await bench.ask(body(stream=stream))
    bench.trace.children.clear()
    await bench.ask(body(stream=stream))
    miss, hit = bench.records.taken
    assert (miss.cost_usd, miss.attempts[0].cached_exchange_id) == (Decimal("0.25"), None)
    (attempt,) = hit.attempts
    assert (attempt.cache_status, attempt.cached_exchange_id, attempt.cost_usd) == ("hit", "e-0", Decimal())
    assert (attempt.status_code, attempt.span_id) == (None, bench.trace.root.span_id)
    assert (hit.cost_usd, hit.usage, hit.provider, hit.model) == (Decimal(), miss.usage, "fake", "m")
    assert hit.usage.completion_tokens == 5
    assert bench.trace.children == []
    assert bench.trace.root.attributes["handrail.cache.status"] == "hit"
    assert bench.log.lines[-1][2]["cache"] == "hit"


async def test_the_span_of_a_call_says_that_the_cache_had_nothing() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    await bench.ask(body())
    (span,) = bench.trace.children
    assert span.attributes["handrail.cache.status"] == "miss"


@stream_and_whole
@pytest.mark.parametrize("config", [{"provider": "@fake"}, None])
async def test_without_a_config_that_says_so_nothing_is_kept(stream: bool, config: Any) -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    fields: dict[str, Any] = {} if config is None else {"wish": Wish(config=json.dumps(config))}
    for _ in range(2):
        await bench.run(body(stream=stream), **fields)
    assert len(bench.provider.requests) == 2
    assert bench.statuses == [None, None]
    assert len(bench.store) == 0


@stream_and_whole
async def test_callers_are_not_given_each_others_answers_unless_that_is_configured(stream: bool) -> None:
    for shares, calls in ((False, 2), (True, 1)):
        bench = Caching(FakeProvider(*answer_of("Hi")), shares=shares)
        for caller in (ALICE, BOB, ALICE, BOB):
            await bench.ask(body(stream=stream), caller=caller)
        assert len(bench.provider.requests) == calls


@pytest.mark.parametrize(
    "other",
    [
        {"temperature": 1},
        {"n": 2},
        {"seed": 1},
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
        {"of_tomorrow": True},
    ],
)
async def test_another_request_is_asked(other: dict[str, Any]) -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    await bench.ask(body())
    await bench.ask(body(**other))
    assert bench.statuses == ["miss", "miss"]


async def test_what_a_config_makes_of_a_request_is_what_counts() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    await bench.ask(body(temperature=1))
    await bench.ask(body(), config=SIMPLE | {"override_params": {"temperature": 1}})
    await bench.ask(body(), config=SIMPLE | {"override_params": {"model": "n", "temperature": 1}})
    assert bench.statuses == ["miss", "hit", "miss"]


async def test_metadata_and_namespaces_divide_answers() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    for metadata, namespace in (
        ({"_user": "ann"}, ""),
        ({"_user": "ben"}, ""),
        ({"_user": "ann"}, ""),
        ({"_user": "ann"}, "docs"),
        ({"_user": "ben"}, "docs"),
    ):
        await bench.ask(body(), metadata=metadata, cache=CacheWish(namespace=namespace))
    assert bench.statuses == ["miss", "miss", "hit", "miss", "hit"]
    configured = {**SIMPLE, "cache": {"mode": "simple", "namespace": "docs"}}
    await bench.ask(body(), config=configured)
    assert bench.statuses[-1] == "hit"


async def test_a_refresh_asks_the_provider_and_replaces_what_was_kept() -> None:
    bench = Caching(FakeProvider(*answer_of("old")))
    await bench.ask(body())
    bench.provider.script = answer_of("new")
    await bench.ask(body(), cache=CacheWish(refresh=True))
    assert text_of(await bench.ask(body())) == "new"
    assert bench.statuses == ["miss", "refresh", "hit"]


async def test_an_answer_is_given_until_it_is_as_old_as_the_config_says() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    await bench.ask(body())
    bench.clock.now_s += 59
    await bench.ask(body())
    bench.clock.now_s += 1
    await bench.ask(body())
    assert bench.statuses == ["miss", "hit", "miss"]


async def test_who_forbids_it_is_neither_given_nor_kept_anything() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    forbidden = CacheWish(is_forbidden=True)
    await bench.ask(body(), cache=forbidden)
    assert len(bench.store) == 0
    await bench.ask(body())
    await bench.ask(body(), cache=forbidden)
    assert bench.statuses == [None, "miss", None]


@stream_and_whole
async def test_guardrails_hear_an_answer_each_time_it_is_given(stream: bool) -> None:
    bench = Caching(FakeProvider(*answer_of("it is forb", f"idden, {MAIL}")), privacy=PRIVACY, added=ADDED)
    for _ in range(2):
        assert text_of(await bench.ask(body(stream=stream))) == "it is forbidden, [EMAIL]"
    events = await bench.ask(body(stream=stream), guardrails=("added",))
    assert isinstance(events[-1], Blocked)
    assert "forbidden" not in text_of(events)
    assert bench.statuses == ["miss", "hit", "hit"]
    assert bench.records.taken[1].verdicts[-1].decision == "redact"
    assert len(bench.provider.requests) == 1


@stream_and_whole
async def test_a_caller_is_given_his_own_values_back(stream: bool) -> None:
    provider = FakeProvider()
    bench = Caching(provider, privacy=PRIVACY | {"reversible": True})
    provider.script = answer_of("nothing")
    await bench.run(body(f"mail {MAIL}", stream=stream))
    placeholder = provider.requests[0][0].document["messages"][0]["content"].removeprefix("mail ")
    provider.script = answer_of("sent to ", placeholder)
    for _ in range(2):
        assert text_of(await bench.ask(body(f"mail {MAIL}", stream=stream))) == f"sent to {MAIL}"
    assert bench.statuses[1:] == ["miss", "hit"]
    assert MAIL not in str(bench.records.taken[-1].response)
    assert not any(MAIL.encode() in value for value, _ in bench.store._values.values())
    await bench.ask(body("mail bob@example.com", stream=stream))
    assert bench.statuses[-1] == "miss"


@stream_and_whole
async def test_a_tool_call_is_given_again(stream: bool) -> None:
    call: list[ProviderEvent] = [
        Started({"id": "chatcmpl-1", "created": 1, "model": "fake-2026"}),
        ToolCallStarted(0, 0, {"id": "call_1", "type": "function", "function": {"name": "send"}}),
        ToolArguments(0, 0, '{"to":'),
        ToolArguments(0, 0, ' "her"}'),
        ChoiceFinished(0, "tool_calls", {}),
    ]
    bench = Caching(FakeProvider(*call))
    first, again = [folded(await bench.ask(body(stream=stream))) for _ in range(2)]
    assert again == first
    (made,) = again["choices"][0]["message"]["tool_calls"]
    assert json.loads(made["function"]["arguments"]) == {"to": "her"}
    assert bench.statuses == ["miss", "hit"]


async def test_where_an_answer_that_was_given_did_not_do_the_provider_is_asked() -> None:
    bench = Caching(FakeProvider(*answer_of("it is forbidden")), added=ADDED)
    await bench.ask(body())
    bench.provider.script = answer_of("it is fine")
    retrying = SIMPLE | {"retry": {"attempts": 1, "on_status_codes": [446]}}
    assert text_of(await bench.ask(body(), config=retrying, guardrails=("added",))) == "it is fine"
    assert [one.cache_status for one in bench.records.taken[-1].attempts] == ["hit", "refresh"]
    assert text_of(await bench.ask(body())) == "it is fine"
    assert bench.statuses == ["miss", "refresh", "hit"]


async def test_a_target_that_fails_leads_to_the_one_whose_answer_was_kept() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    await bench.ask(body())
    other = {"provider": "@fake", "override_params": {"model": "broken"}}
    config = {
        "strategy": {"mode": "fallback"},
        "cache": {"mode": "simple"},
        "targets": [other, {"provider": "@fake"}],
    }
    bench.provider.script = [UpstreamBroken("no")]
    events = await bench.ask(body(), config=config)
    assert not isinstance(events[-1], Failed)
    assert text_of(events) == "Hi"
    assert [one.cache_status for one in bench.records.taken[-1].attempts] == ["miss", "hit"]
    assert bench.statuses == ["miss", "hit"]


async def test_what_is_no_chat_completion_is_not_looked_up() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    caching = bench.pipeline.caches.begin(bench.call(b""), "v1")
    provider = Target(bench.provider, "m")
    hop = Hop(target=provider, cache=Wanted(mode="simple"))
    await caching.look_up(ModelRequest({"input": "Hi"}, "@fake/m", operation=Operation.EMBEDDINGS), hop)
    assert caching.status == "DISABLED"
    found = await caching.look_up(ModelRequest({"messages": []}, "@fake/m"), hop)
    assert caching.status == "MISS"
    found.end(withheld=False)


async def test_another_policy_another_account_and_another_vocabulary_make_another_answer() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    await bench.ask(body())
    await bench.ask(body(), strict=False)
    bench.pipeline.policy = Policy([], b"key", "v2")
    await bench.ask(body())
    bench.provider.account = "of-another"
    await bench.ask(body())
    assert bench.statuses == ["miss"] * 4
    await bench.ask(body())
    assert bench.statuses[-1] == "hit"
