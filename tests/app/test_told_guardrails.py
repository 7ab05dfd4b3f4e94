"""What a caller is told of guardrails: hooks of its config, those that it names, and nothing they found."""

import json
from typing import Any

import pytest

from app.domain.errors import UpstreamRefused
from app.domain.events import Blocked, Embedded, Event, Failed, ProviderEvent, Started, UsageReported
from app.domain.exchange import Caller
from app.domain.operation import Operation
from app.pipeline import Exchange
from app.policy import Policy
from app.routing.wish import Wish
from guardrails import Action, Guardrail, Side
from tests.fakes import FakeProvider, answer_of
from tests.guardrails.exchanges import Examiner
from tests.pipelines import ADDED, MAIL, PRIVACY, SECRECY, Bench, body, stream_and_whole, text_of

DENIES: dict[str, Any] = {"contains": {"words": ["forbidden"], "operator": "none"}}
HOOK = {"id": "pg", **DENIES}
PREFIX = {"addPrefix": {"prefix": "Now: "}}


def config(**fields: Any) -> Wish:
    return Wish(config=json.dumps({"provider": "@fake", **fields}))


async def told(bench: Bench, sent: bytes, **fields: Any) -> tuple[Exchange, list[Event]]:
    exchange = bench.pipeline.begin(bench.call(sent, **fields))
    released = [event async for event in exchange.events()]
    await bench.pipeline.later.settle()
    return exchange, released


def verdicts(exchange: Exchange) -> dict[str, bool]:
    results = exchange.told.results() or {}
    return {one["id"]: one["verdict"] for side in results.values() for one in side}


@stream_and_whole
@pytest.mark.parametrize("key", ["input_guardrails", "output_guardrails"])
async def test_a_hook_that_denies_ends_the_exchange(key: str, stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("a forbidden answer")))
    sent = body("forbidden" if key.startswith("input") else "hi", stream=stream)
    exchange, released = await told(bench, sent, wish=config(**{key: [{**HOOK, "deny": True}]}))
    assert isinstance(released[-1], Blocked)
    assert text_of(released) == ""
    assert verdicts(exchange) == {"pg": False}
    assert [(one.guardrail, one.blocked) for one in bench.record.verdicts] == [("pg", True)]
    assert len(bench.provider.requests) == (0 if key.startswith("input") else 1)


@stream_and_whole
async def test_what_a_header_brings_hears_once_and_denies_for_every_target(stream: bool) -> None:
    targets = [{"provider": "@fake", "input_guardrails": [{**HOOK, "id": name}]} for name in "ab"]
    tree = json.dumps({"strategy": {"mode": "fallback"}, "targets": targets})

    async def ask(bench: Bench, **header: Any) -> tuple[Exchange, list[Event]]:
        wish = Wish(config=tree, input_guardrails=json.dumps([{**HOOK, **header}]))
        return await told(bench, body("forbidden", stream=stream), wish=wish)

    bench = Bench(FakeProvider(UpstreamRefused("no", status=500)))
    exchange, _ = await ask(bench)
    assert list(verdicts(exchange)) == ["b", "pg"]
    assert [one.guardrail for one in bench.record.verdicts] == ["pg~header", "a", "b"]
    bench = Bench(FakeProvider(*answer_of("fine")))
    _, released = await ask(bench, deny=True)
    assert isinstance(released[-1], Blocked)
    assert [one.guardrail for one in bench.record.verdicts] == ["pg~header"]
    assert bench.provider.requests == []


@stream_and_whole
async def test_a_request_that_a_hook_only_complains_about_is_answered_with_246(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("fine")))
    wish = config(input_guardrails=[HOOK])
    exchange, released = await told(bench, body("forbidden", stream=stream), wish=wish)
    assert text_of(released) == "fine"
    assert exchange.told.status == bench.record.status_code == 246
    assert verdicts(exchange) == {"pg": False}
    passed, _ = await told(bench, body("hi", stream=stream), wish=wish)
    assert (passed.told.status, verdicts(passed)) == (200, {"pg": True})


@pytest.mark.parametrize(("stream", "status"), [(False, 246), (True, 200)])
async def test_an_answer_that_a_hook_complains_about_is_246_where_its_end_can_be_awaited(
    stream: bool, status: int
) -> None:
    bench = Bench(FakeProvider(*answer_of("a forbidden ", "answer")))
    exchange, released = await told(bench, body(stream=stream), wish=config(output_guardrails=[HOOK]))
    assert text_of(released) == "a forbidden answer"
    assert (exchange.told.status, verdicts(exchange)) == (status, {"pg": False})


async def test_an_answer_is_streamed_on_while_a_hook_that_only_complains_waits_for_its_end() -> None:
    bench = Bench(FakeProvider(*answer_of("first")[:2], 5.0))
    exchange = bench.pipeline.begin(bench.call(body(stream=True), wish=config(output_guardrails=[HOOK])))
    events = exchange.events()
    assert text_of([await anext(events), await anext(events)]) == "first"
    await events.aclose()


@stream_and_whole
async def test_nobody_waits_for_an_async_hook_and_nobody_is_told(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("a forbidden answer")))
    hook = {**HOOK, "deny": True, "async": True}
    exchange, released = await told(
        bench,
        body("forbidden", stream=stream),
        wish=config(input_guardrails=[hook], output_guardrails=[hook]),
    )
    assert text_of(released) == "a forbidden answer"
    assert (exchange.told.status, verdicts(exchange)) == (200, {})
    assert [(one.decision.value, one.blocked) for one in bench.record.verdicts] == [("block", False)] * 2


@stream_and_whole
async def test_hooks_change_what_is_asked_and_what_is_answered(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("say tick ", "or tock")))
    exchange, released = await told(
        bench,
        body("tick", stream=stream),
        wish=config(
            input_guardrails=[
                {"id": "in", "regexReplace": {"rule": "tick"}, "addPrefix": {"prefix": "Now: "}}
            ],
            output_mutators=[{"id": "out", "regexReplace": {"rule": "/t[io]ck/g", "redactText": "-"}}],
        ),
    )
    ((asked, _),) = bench.provider.requests
    assert asked.document["messages"][0]["content"] == "Now: [REDACTED]"
    assert text_of(released) == "say - or -"
    assert (exchange.told.status, verdicts(exchange)) == (200, {"in": True, "out": True})
    results = exchange.told.results() or {}
    assert [one["transformed"] for side in results.values() for one in side] == [True, True]


FALLBACK: dict[str, Any] = {"strategy": {"mode": "fallback", "on_status_codes": [246, 446]}}


@stream_and_whole
@pytest.mark.parametrize("deny", [False, True], ids=["246", "446"])
async def test_another_target_is_tried_for_what_the_first_ones_hook_says(deny: bool, stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("fine")))
    guarded = {"provider": "@fake", "input_guardrails": [{**HOOK, "deny": deny}]}
    wish = Wish(config=json.dumps({**FALLBACK, "targets": [guarded, {"provider": "@fake"}]}))
    exchange, released = await told(bench, body("forbidden", stream=stream), wish=wish)
    assert text_of(released) == "fine"
    assert (exchange.told.status, verdicts(exchange)) == (200, {})
    assert exchange.route is not None
    assert exchange.route.hop is not None
    assert exchange.route.hop.path == "config.targets[1]"
    assert [one.guardrail for one in bench.record.verdicts] == ["pg"]


async def test_another_attempt_is_made_for_an_answer_that_a_hook_complains_about() -> None:
    bench = Bench(FakeProvider(*answer_of("forbidden")))
    retry = {"attempts": 2, "on_status_codes": [246]}
    exchange, released = await told(bench, body(), wish=config(output_guardrails=[HOOK], retry=retry))
    assert (exchange.told.status, text_of(released)) == (246, "forbidden")
    assert len(bench.provider.requests) == 3
    assert exchange.route is not None
    assert exchange.route.retries == -1


async def test_without_a_word_in_the_config_a_complaint_is_an_answer() -> None:
    bench = Bench(FakeProvider(*answer_of("forbidden")))
    targets = [{"provider": "@fake", "output_guardrails": [HOOK]}, {"provider": "@fake"}]
    wish = Wish(config=json.dumps({"strategy": {"mode": "fallback"}, "targets": targets}))
    exchange, _ = await told(bench, body(), wish=wish)
    assert (exchange.told.status, len(bench.provider.requests)) == (246, 1)


async def test_the_request_is_not_sent_elsewhere_for_what_all_targets_would_complain_about() -> None:
    bench = Bench(FakeProvider(*answer_of("fine")))
    targets = [{"provider": "@fake"}, {"provider": "@fake"}]
    wish = Wish(config=json.dumps({**FALLBACK, "input_guardrails": [HOOK], "targets": targets}))
    exchange, _ = await told(bench, body("forbidden"), wish=wish)
    assert (exchange.told.status, len(bench.provider.requests)) == (246, 1)


@stream_and_whole
async def test_named_ones_are_told_where_the_caller_or_its_config_names_them(stream: bool) -> None:
    flags = {**ADDED, "action": "flag"}
    specs: dict[str, Any] = {"named": flags, "bound": flags, "always": SECRECY | {"action": "flag"}}
    caller = Caller(name="team", guardrails=("bound",))
    for fields in ({"guardrails": ("named",)}, {"wish": config(input_guardrails=["named"])}):
        bench = Bench(FakeProvider(*answer_of("fine")), **specs)
        exchange, _ = await told(bench, body("forbidden", stream=stream), caller=caller, **fields)
        assert exchange.told.status == 246
        results = exchange.told.results() or {}
        assert [(one["id"], one["verdict"]) for one in results["before_request_hooks"]] == [("named", False)]
        decisions = {one.guardrail for one in bench.record.verdicts if one.decision.value == "flag"}
        assert decisions == {"named", "bound", "always"}


async def test_the_operators_own_are_told_only_if_they_end_the_exchange() -> None:
    bench = Bench(FakeProvider(*answer_of("fine")), secrecy=SECRECY, privacy=PRIVACY)
    exchange, _ = await told(bench, body(f"to {MAIL}"))
    assert exchange.told.results() is None
    bench = Bench(FakeProvider(*answer_of("fine")), secrecy=SECRECY, privacy=PRIVACY)
    exchange, _ = await told(bench, body("forbidden"))
    assert verdicts(exchange) == {"secrecy": False}


@stream_and_whole
async def test_each_node_is_heard_once_and_each_hears_what_those_above_left(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("fine")), privacy=PRIVACY)
    top = {"id": "top", "regexReplace": {"rule": "/EMP-[0-9]/g", "redactText": "[E]"}}
    leaf = {"id": "leaf", "regexReplace": {"rule": "/CASE-[0-9]/g", "redactText": "[C]"}}
    broken = {"provider": "@fake", "output_guardrails": [{"deny": True, "contains": {"words": ["never"]}}]}
    targets = [broken, {"provider": "@fake", "input_guardrails": [leaf]}]
    wish = Wish(config=json.dumps({**FALLBACK, "input_guardrails": [top], "targets": targets}))
    text = f"{MAIL} EMP-1 CASE-2"
    await told(bench, body(text, stream=stream), wish=wish)
    asked = [request.document["messages"][0]["content"] for request, _ in bench.provider.requests]
    assert asked == ["[EMAIL] [E] CASE-2", "[EMAIL] [E] [C]"]
    found = {one.guardrail: one.findings for one in bench.record.verdicts if one.side.value == "input"}
    spans = {name: [text[one.start : one.end] for one in findings] for name, findings in found.items()}
    assert spans == {"privacy": [MAIL], "top": ["EMP-1"], "leaf": ["CASE-2"]}


async def test_a_node_is_heard_once_however_many_targets_and_attempts_it_is_for() -> None:
    counting = Examiner("texts", lambda _: [])
    guard = Guardrail("count", frozenset({Side.INPUT}), (counting,), Action.BLOCK, default=False)
    bench = Bench(FakeProvider(UpstreamRefused("busy", status=503)))
    bench.pipeline.policy = Policy([guard], b"key", "v1")
    leaves = [{"provider": "@fake", "input_guardrails": [{"id": str(i), **DENIES}]} for i in range(2)]
    top = {"strategy": {"mode": "fallback"}, "input_guardrails": ["count"], "targets": leaves}
    await told(bench, body(), wish=Wish(config=json.dumps(top)))
    assert (len(bench.record.attempts), len(counting.asked)) == (2, 1)


async def test_nobody_is_told_that_vectors_say_nothing() -> None:
    vectors: list[ProviderEvent] = [
        Started({"model": "e"}),
        Embedded(0, [0.5]),
        UsageReported({"prompt_tokens": 1}),
    ]
    bench = Bench(FakeProvider(*vectors))
    sent = json.dumps({"model": "@fake/m", "input": "hi"}).encode()
    hook = {"id": "pg", "notNull": {}}
    wish = config(input_guardrails=[hook], output_guardrails=[hook])
    exchange, _ = await told(bench, sent, wish=wish, operation=Operation.EMBEDDINGS)
    results = exchange.told.results() or {}
    assert exchange.told.status == 200
    assert [[one["verdict"] for one in side] for side in results.values()] == [[True], []]


REACHING = [{"webhook": {"webhookURL": "http://10.0.0.1/"}}, {"log": {"logURL": "http://10.0.0.1/"}}]


@stream_and_whole
@pytest.mark.parametrize("hook", [*REACHING, {"jwt": {"jwksUri": "http://10.0.0.1/"}}, {"validUrls": {}}])
async def test_a_callers_config_reaches_no_other_service(hook: dict[str, Any], stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("fine")))
    (last,) = (await told(bench, body(stream=stream), wish=config(input_guardrails=[hook])))[1]
    assert isinstance(last, Failed)
    assert (last.error.status, last.error.code) == (400, "invalid_config")
    assert f"config.input_guardrails[0].{next(iter(hook))}" in last.error.message
    assert bench.provider.requests == []
