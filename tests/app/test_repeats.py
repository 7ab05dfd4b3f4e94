"""What is remembered of requests that come again: while the kept answer is there, and within a bound."""

import tracemalloc
from collections.abc import Sequence
from typing import Any

import pytest

from app.account import Call
from app.cache.cache import Cache, Hit
from app.cache.key import Keys, Scope
from app.cache.memory import MemoryStore
from app.cache.question import Question, Rules
from app.domain.exchange import Attempt
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.repeats import LONGEST_BYTES, Asked, Known, Repeats
from app.routing.resolve import Target
from app.routing.way import Hop
from guardrails import Coverage
from tests.cached_exchanges import ALICE, SIMPLE, Caching
from tests.caches import SECRET, Clock, answer
from tests.fakes import FakeProvider, FakeTrace, answer_of
from tests.pipelines import MAIL, PRIVACY, SECRECY, body

SCOPE = Scope(caller="alice", provider="fake", model="m", strict=True, policy_version="v1")
RULES = Rules(max_age_s=60)
PROVIDER = FakeProvider()


class Kitchen:
    """A cache with one answer in it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = MemoryStore(max_bytes=100_000, max_entries=10, clock=self.clock)
        self.cache = Cache(keys=Keys(SECRET), store=self.store, now_s=self.clock)
        self.question = Question(scope=SCOPE, document={"messages": []})

    async def hit(self) -> Hit:
        found = await self.cache.lookup(self.question, RULES)
        if not isinstance(found, Hit):
            await self.cache.store(found, answer(), "e-0")
            return await self.hit()
        return found


def call(body: bytes = b"{}", headers: Sequence[tuple[bytes, bytes]] = (), **fields: Any) -> Call:
    given: dict[str, Any] = {"caller": ALICE, "path": "/v1/chat/completions"} | fields
    return Call(
        exchange_id="e", started_ns=1, method="POST", trace=FakeTrace(), body=body, headers=headers, **given
    )


def known(hit: Hit, size: int = 10, **fields: Any) -> Known:
    attempt = Attempt(
        number=1,
        provider="fake",
        provider_kind="openai",
        model="m",
        server_address="",
        server_port=1,
        started_ns=1,
    )
    return Known(
        asked=Asked.of(call(**fields), "v1"),
        hit=hit,
        hop=Hop(target=Target(PROVIDER, "m")),
        request=ModelRequest({}, "m"),
        events=(),
        attempt=attempt,
        verdicts=(),
        coverage=Coverage(),
        metadata=None,
        hides_model=False,
        is_flagged=False,
        told=(),
        size=size,
    )


async def test_what_is_remembered_is_found_for_the_same_bytes_alone() -> None:
    kitchen = Kitchen()
    repeats = Repeats(kitchen.cache)
    what = known(await kitchen.hit())
    repeats.keep(call(b"{}", [(b"a", b"b")]), what)
    assert await repeats.find(call(b"{}", [(b"a", b"b")]), "v1") is what
    for other in (
        call(b"{ }", [(b"a", b"b")]),
        call(b"{}", [(b"a", b"c")]),
        call(b"{}", [(b"ab", b"")]),
        call(b"{}"),
        call(b"{}", [(b"a", b"b")], path="/v1/other"),
        call(b"{}", [(b"a", b"b")], strict=False),
    ):
        assert await repeats.find(other, "v1") is None
    assert await repeats.find(call(b"{}", [(b"a", b"b")]), "v2") is None


async def test_a_hit_that_comes_again_is_counted_as_one() -> None:
    kitchen = Kitchen()
    repeats = Repeats(kitchen.cache)
    repeats.keep(call(), known(await kitchen.hit()))
    before = kitchen.cache.figures().lookups["HIT"]
    await repeats.find(call(), "v1")
    assert kitchen.cache.figures().lookups["HIT"] == before + 1


async def test_it_is_forgotten_once_the_answer_is_too_old() -> None:
    kitchen = Kitchen()
    repeats = Repeats(kitchen.cache)
    repeats.keep(call(), known(await kitchen.hit()))
    kitchen.clock.now_s += 59
    assert await repeats.find(call(), "v1") is not None
    kitchen.clock.now_s += 1
    assert await repeats.find(call(), "v1") is None
    assert (len(repeats), repeats.held_bytes) == (0, 0)


@pytest.mark.parametrize("instead", [None, b"another"])
async def test_it_is_forgotten_once_the_answer_is_gone_or_another_one(instead: bytes | None) -> None:
    kitchen = Kitchen()
    repeats = Repeats(kitchen.cache)
    hit = await kitchen.hit()
    repeats.keep(call(), known(hit))
    if instead is None:
        await kitchen.store.close()
    else:
        await kitchen.store.put(hit.kept.key, instead, 60)
    assert await repeats.find(call(), "v1") is None
    assert len(repeats) == 0


async def test_an_answer_is_held_to_its_own_age_and_not_to_its_stores() -> None:
    kitchen = Kitchen()
    hit = await kitchen.hit()
    await kitchen.store.put(hit.kept.key, hit.kept.bare, 1_000)
    kitchen.clock.now_s += 60
    assert not await kitchen.cache.still_holds(hit)


async def test_what_was_asked_for_longest_ago_goes_first() -> None:
    kitchen = Kitchen()
    repeats = Repeats(kitchen.cache, max_bytes=30)
    hit = await kitchen.hit()
    for name in (b"a", b"b", b"c"):
        repeats.keep(call(name), known(hit))
    await repeats.find(call(b"a"), "v1")
    repeats.keep(call(b"d"), known(hit))
    assert [await repeats.find(call(name), "v1") is not None for name in (b"a", b"b", b"c", b"d")] == [
        True,
        False,
        True,
        True,
    ]
    assert repeats.held_bytes == 30
    repeats.keep(call(b"d"), known(hit, 20))
    assert (len(repeats), repeats.held_bytes) == (2, 30)


async def test_what_is_too_long_is_not_remembered() -> None:
    kitchen = Kitchen()
    hit = await kitchen.hit()
    repeats = Repeats(kitchen.cache)
    repeats.keep(call(b"a"), known(hit, LONGEST_BYTES + 1))
    assert len(repeats) == 0
    repeats.keep(call(b"a"), known(hit, LONGEST_BYTES))
    assert len(repeats) == 1
    small = Repeats(kitchen.cache, max_bytes=5)
    small.keep(call(b"a"), known(hit))
    assert len(small) == 0


@pytest.mark.parametrize(
    "other",
    [{"operation": Operation.EMBEDDINGS}, {"body": b"x" * (LONGEST_BYTES + 1)}],
    ids=["vectors", "long"],
)
async def test_what_is_never_remembered_is_not_looked_for(other: dict[str, Any]) -> None:
    kitchen = Kitchen()
    repeats = Repeats(kitchen.cache)
    repeats.keep(call(**other), known(await kitchen.hit()))
    assert len(repeats) == 1
    assert await repeats.find(call(**other), "v1") is None


async def test_without_a_cache_nothing_is_looked_for() -> None:
    assert await Repeats(None).find(call(), "v1") is None


@pytest.mark.parametrize(
    "said",
    [{}, {"content": f"mail {MAIL} " * 40}, {"extra": [[] for _ in range(2_000)]}],
    ids=["few words", "many findings", "much structure"],
)
async def test_what_is_remembered_counts_as_much_as_it_takes(said: dict[str, Any]) -> None:
    bench, sent = Caching(FakeProvider(*answer_of("Hi")), privacy=PRIVACY), body(**said)
    for _ in range(3):
        await bench.ask(sent)
    repeats = bench.pipeline.caches.repeats
    assert (len(repeats), len(sent) * 2 < repeats.held_bytes) == (1, True)
    bench.clock.now_s += 60
    tracemalloc.start()
    try:
        for _ in range(3):
            await bench.ask(sent)
        bench.records.taken.clear()
        bench.provider.requests.clear()
        counted, before = repeats.held_bytes, tracemalloc.get_traced_memory()[0]
        bench.clock.now_s += 60
        assert await repeats.find(bench.call(sent, wish=bench.wish(SIMPLE)), "v1") is None
        assert 0 < before - tracemalloc.get_traced_memory()[0] < counted
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("sent", [body("x" * LONGEST_BYTES), body(extra=[[] for _ in range(5_000)])], ids=len)
async def test_what_would_take_too_much_is_not_remembered(sent: bytes) -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    for _ in range(3):
        await bench.ask(sent)
    assert bench.statuses == ["miss", "hit", "hit"]
    assert len(bench.pipeline.caches.repeats) == 0


async def test_what_the_cache_has_forgotten_is_neither_kept_nor_found() -> None:
    kitchen = Kitchen()
    repeats = Repeats(kitchen.cache)
    what = known(await kitchen.hit())
    repeats.keep(call(), what)
    repeats.clear()
    assert (len(repeats), repeats.held_bytes) == (0, 0)
    kitchen.cache.forgotten.hold_back(kitchen.clock.now_s)
    repeats.keep(call(), what)
    assert len(repeats) == 0


async def test_a_model_whose_name_is_hidden_stays_hidden() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")), secrecy=SECRECY)
    forbidden = {"provider": "@fake", "override_params": {"model": "forbidden"}}
    config = {
        "cache": SIMPLE["cache"],
        "strategy": {"mode": "fallback"},
        "targets": [forbidden, {"provider": "@fake"}],
    }
    for _ in range(4):
        await bench.ask(body(), config=config)
    assert len(bench.pipeline.caches.repeats) == 1
    assert [record.requested_model for record in bench.records.taken] == ["[REDACTED]"] * 4


async def test_an_answer_that_comes_again_is_of_its_own_time() -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    for _ in range(3):
        await bench.ask(body())
    before = bench.records.taken[1].ended_ns
    (attempt,) = bench.records.taken[2].attempts
    assert len(bench.pipeline.caches.repeats) == 1
    for moment in (attempt.started_ns, attempt.first_event_ns, attempt.ended_ns):
        assert moment is not None
        assert moment >= before
