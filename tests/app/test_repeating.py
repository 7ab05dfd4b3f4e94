"""Exchanges that come again: what is remembered of them, and that nobody can tell the difference."""

import json
from typing import Any

import msgspec
import pytest

from app.cache.wish import CacheWish
from app.caching import Caches
from app.domain.content import Content
from app.domain.errors import UpstreamBroken
from app.domain.events import Blocked
from app.domain.exchange import ExchangeRecord
from app.policy import Policy
from guardrails import Action, AnyCheck, Guardrail, Mode, OnError, Side
from tests.cache_setups import Setup
from tests.cached_exchanges import ALICE, BOB, SIMPLE, Caching, folded
from tests.fakes import FakeProvider, answer_of
from tests.guardrails.exchanges import Considers, Examiner, Named
from tests.guardrails.planted import Broken, Judge, Word
from tests.pipelines import ADDED, MAIL, PRIVACY, SECRECY, WATCHING, body, text_of

OWN = ("id", "started_ns", "ended_ns", "first_release_ns", "trace_id", "span_id", "attempts", "verdicts")
"""What two exchanges never share, or share but for times."""
DRAWN = {
    "strategy": {"mode": "loadbalance"},
    "cache": SIMPLE["cache"],
    "targets": [{"provider": "@fake"}, {"provider": "@fake"}],
}
WATCHED = {
    "strategy": {"mode": "fallback", "cb_config": {"failure_threshold": 3}},
    "cache": SIMPLE["cache"],
    "targets": [{"provider": "@fake"}],
}
FALLBACK = DRAWN | {"strategy": {"mode": "fallback"}}
HIDING = SECRECY | {"action": "redact"}
FORWARDING = SIMPLE | {"forward_headers": ["x-who"]}


def bench_of(*checks: AnyCheck, action: Action = Action.REDACT, error: OnError = OnError.BLOCK) -> Caching:
    bench = Caching(FakeProvider(*answer_of("Hi", " there")))
    guard = Guardrail("guard", frozenset(Side), checks, action, Mode.ENFORCE, error)
    bench.pipeline.policy = Policy([guard], b"key", "v1")
    return bench


def remembered(bench: Caching) -> int:
    return len(bench.pipeline.caches.repeats)


def shared(record: ExchangeRecord) -> dict[str, Any]:
    """Return what a record shares with that of the exchange before, which was the same."""
    times = ("started_ns", "ended_ns", "first_event_ns")
    fields = msgspec.structs.asdict(record)
    return {
        **{name: value for name, value in fields.items() if name not in OWN},
        "attempts": [msgspec.structs.replace(one, **dict.fromkeys(times, 0)) for one in record.attempts],
        "verdicts": [msgspec.structs.replace(one, started_ns=0, duration_ns=0) for one in record.verdicts],
        "has_begun": record.first_release_ns is not None,
    }


@pytest.mark.parametrize(
    ("sent", "guardrails"),
    [
        (body(), {}),
        (body(f"mail {MAIL}"), {"privacy": PRIVACY}),
        (body(f"mail {MAIL}", metadata={"team": "a"}), {"privacy": PRIVACY, "words": HIDING}),
        (body(n=2, user="u"), {"flags": SECRECY | {"action": "flag"}}),
    ],
    ids=["no guardrails", "redacted", "two guardrails", "reported"],
)
async def test_what_comes_again_is_answered_and_recorded_as_before(
    sent: bytes, guardrails: dict[str, Any]
) -> None:
    bench = Caching(FakeProvider(*answer_of("it is forb", f"idden, {MAIL}")), **guardrails)
    miss, hit, repeat, again = [await bench.ask(sent, metadata={"who": MAIL}) for _ in range(4)]
    assert folded(miss) == folded(hit)
    assert hit == repeat == again
    second, third, fourth = bench.records.taken[1:]
    assert shared(second) == shared(third) == shared(fourth)
    assert second.cache_status == "hit"
    assert [record.id for record in bench.records.taken] == ["e-0", "e-1", "e-2", "e-3"]
    assert len(bench.provider.requests) == 1
    assert remembered(bench) == ("flags" not in guardrails)


async def test_a_text_that_was_judged_is_not_judged_again() -> None:
    check = Word("word", "there", triggered=False)
    bench = bench_of(check)
    for _ in range(2):
        await bench.ask(body("Who is there?"))
    asked = len(check.asked)
    assert text_of(await bench.ask(body("Who is there?"))) == "Hi [WORD]"
    assert len(check.asked) == asked
    verdicts = bench.records.taken[-1].verdicts
    assert [(one.side, one.decision, one.duration_ns) for one in verdicts] == [
        (Side.INPUT, "redact", 0),
        (Side.OUTPUT, "redact", 0),
    ]
    await bench.ask(body("Who is there? "))
    assert len(check.asked) > asked


@pytest.mark.parametrize(
    "other",
    [
        {"caller": BOB},
        {"metadata": {"_user": "ben"}},
        {"strict": False},
        {"headers": [(b"x-who", b"ben")]},
        {"guardrails": ("named",)},
        {"cache": CacheWish(namespace="docs")},
        {"cache": CacheWish(refresh=True)},
        {"config": SIMPLE | {"override_params": {"temperature": 1}}},
        {"content": "none"},
    ],
    ids=str,
)
async def test_another_request_is_none_that_comes_again(other: dict[str, Any]) -> None:
    bench = Caching(FakeProvider(*answer_of("it is forbidden")), named=ADDED)
    given: dict[str, Any] = {"caller": ALICE, "headers": [(b"x-who", b"ann")]}
    for _ in range(3):
        await bench.ask(body(), **given)
    assert remembered(bench) == 1
    events = await bench.ask(body(), **given | other)
    assert isinstance(events[-1], Blocked) == ("guardrails" in other)
    assert bench.records.taken[-1].caller == (given | other)["caller"].name
    assert bench.records.taken[-1].content == other.get("content", "full")


@pytest.mark.parametrize("name", [b"traceparent", b"tracestate", b"x-portkey-trace-id"])
async def test_which_request_it_is_makes_it_no_other(name: bytes) -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    for number in range(4):
        await bench.ask(body(), headers=[(name, b"%d" % number), (b"x-who", b"ann")])
    assert remembered(bench) == 1


async def test_under_another_policy_nothing_is_known() -> None:
    bench = Caching(FakeProvider(*answer_of("it is forbidden")))
    for _ in range(3):
        await bench.ask(body())
    guard = Guardrail("guard", frozenset(Side), (Word("word", "forbidden"),), Action.BLOCK, Mode.ENFORCE)
    bench.pipeline.policy = Policy([guard], b"key", "v2")
    assert isinstance((await bench.ask(body()))[-1], Blocked)
    assert bench.statuses[-1] == "miss"


@pytest.mark.parametrize(
    "check",
    [
        Named(),
        Judge(),
        Examiner("texts", lambda _: []),
        Examiner("request", lambda _: []),
        Considers("texts", lambda _: []),
    ],
    ids=["conversation", "remote", "exchange, texts", "exchange, request", "exchange, remote"],
)
async def test_what_looks_at_more_than_texts_hears_each_exchange(check: AnyCheck) -> None:
    bench = bench_of(check, action=Action.BLOCK)
    for _ in range(3):
        await bench.ask(body())
    assert bench.statuses == ["miss", "hit", "hit"]
    assert remembered(bench) == 0


@pytest.mark.parametrize("side", list(Side))
async def test_what_only_observes_hears_each_exchange(side: Side) -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")), watching=WATCHING | {"on": [side.value]})
    for _ in range(3):
        await bench.ask(body())
    assert remembered(bench) == 0


async def test_a_check_that_failed_is_asked_again() -> None:
    bench = bench_of(Broken(RuntimeError()), error=OnError.ALLOW)
    for _ in range(3):
        assert text_of(await bench.ask(body())) == "Hi there"
    assert bench.statuses == ["miss", "hit", "hit"]
    assert remembered(bench) == 0


async def test_pseudonyms_are_given_out_anew() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")), privacy=PRIVACY | {"reversible": True})
    for _ in range(3):
        await bench.ask(body(f"mail {MAIL}"))
    assert remembered(bench) == 0


@pytest.mark.parametrize(
    ("config", "is_remembered"),
    [
        (SIMPLE, True),
        (FALLBACK, True),
        (DRAWN, False),
        (WATCHED, False),
        (FORWARDING, False),
        (SIMPLE | {"retry": {"attempts": 2}}, True),
    ],
    ids=["single", "fallback", "drawn", "watched", "forwarding", "retrying"],
)
async def test_only_a_way_that_leaves_nothing_to_chance_is_remembered(
    config: dict[str, Any], is_remembered: bool
) -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    for _ in range(4):
        await bench.ask(body(), config=config, headers=[(b"x-who", b"ann")])
    assert bench.statuses[-1] == "hit"
    assert remembered(bench) == is_remembered


async def test_an_answer_behind_one_that_failed_is_not_remembered() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    await bench.ask(body())
    bench.provider.script = [UpstreamBroken("no")]
    broken = {"provider": "@fake", "override_params": {"model": "broken"}}
    config = FALLBACK | {"targets": [broken, {"provider": "@fake"}]}
    for _ in range(2):
        assert text_of(await bench.ask(body(), config=config)) == "Hi"
    assert remembered(bench) == 0


async def test_what_a_guardrail_ends_is_judged_each_time() -> None:
    bench = Caching(FakeProvider(*answer_of("it is forbidden")), named=ADDED)
    await bench.ask(body())
    for _ in range(3):
        assert isinstance((await bench.ask(body(), guardrails=("named",)))[-1], Blocked)
    assert bench.statuses == ["miss", "hit", "hit", "hit"]
    assert remembered(bench) == 0


async def test_streams_are_not_remembered_and_do_not_take_a_whole_answers_place() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi", " there")))
    for stream in (True, True, True, False, False, True):
        assert text_of(await bench.ask(body(stream=stream))) == "Hi there"
    assert [record.stream for record in bench.records.taken] == [True, True, True, False, False, True]
    assert remembered(bench) == 1


async def test_a_complaint_and_what_a_caller_is_told_of_it_come_again() -> None:
    bench = Caching(FakeProvider(*answer_of("it is forbidden")), flags=ADDED | {"action": "flag"})
    told = []
    for number in range(4):
        call = bench.call(body(), exchange_id=f"e-{number}", wish=bench.wish(SIMPLE), guardrails=("flags",))
        exchange = bench.pipeline.begin(call)
        async for _ in exchange.events():
            pass
        told.append(exchange.told.results())
        assert exchange.route is not None
        assert exchange.route.hop is not None
        assert (exchange.route.hop.path, exchange.route.retries) == ("config", 0)
        assert exchange.told.status == 246
    assert remembered(bench) == 1
    assert [record.status_code for record in bench.records.taken] == [246] * 4
    assert told[1] is not None
    (first,) = told[1]["after_request_hooks"]
    assert (first["id"], first["verdict"]) == ("flags", False)
    assert _timeless(told[1]) == _timeless(told[2]) == _timeless(told[3])


def _timeless(results: dict[str, Any] | None) -> Any:
    text = json.dumps(results)
    return json.loads(text, object_hook=lambda one: {k: v for k, v in one.items() if k not in _TIMES})


_TIMES = ("execution_time", "created_at")


async def test_an_answer_to_another_question_is_looked_for_each_time() -> None:
    bench, config = Caching(FakeProvider(*answer_of("Paris"))), SIMPLE | {"cache": {"mode": "semantic"}}
    bench.pipeline.caches = Caches(Setup().cache)
    for question in ("What is the capital of France?", *["France's capital?"] * 3):
        assert text_of(await bench.ask(body(question), config=config)) == "Paris"
    assert bench.statuses == ["semantic_miss", "semantic_hit", "semantic_hit", "semantic_hit"]
    assert remembered(bench) == 0


async def test_strict_records_know_of_it_before_anything_is_released() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    bench.records.is_strict = True
    for _ in range(3):
        await bench.ask(body())
    assert remembered(bench) == 1
    assert [record.id for record in bench.records.begun] == ["e-0", "e-1", "e-2"]
    assert [record.coverage.released for record in bench.records.begun] == [0, 0, 0]
    _, hit, repeat = bench.records.taken
    assert shared(hit) == shared(repeat)
    assert repeat.coverage.released == len("Hi")


@pytest.mark.parametrize("content", ["redacted", "hashes", "none"])
async def test_less_content_stays_less(content: Content) -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    for _ in range(3):
        await bench.ask(body(), content=content)
    assert [record.content for record in bench.records.taken] == [content] * 3
    assert remembered(bench) == 1
