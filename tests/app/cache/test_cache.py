"""The cache as the pipeline uses it."""

import asyncio
from typing import Any

import msgspec
import pytest

from app.cache.cache import (
    DEFAULT_MAX_AGE_S,
    DISABLED,
    LONGEST_MAX_AGE_S,
    Cache,
    Hit,
    Miss,
    Question,
    Rules,
    Status,
)
from app.cache.key import Keys, Scope
from app.cache.memory import MemoryStore
from app.cache.semantic import SemanticIndex
from tests.caches import SCOPE, SECRET, Clock, answer, asking
from tests.fakes import FakeLog

SIMPLE, SEMANTIC = Rules(), Rules(mode="semantic")
ASKED = Question(scope=SCOPE, document=asking())
ALIKE = Question(scope=SCOPE, document=asking("France's capital?"))
OTHER = Question(scope=SCOPE, document=asking("What is the capital of Spain?"))
VECTORS = {
    "What is the capital of France?": (1.0, 0.0),
    "France's capital?": (0.99, 0.14),
    "What is the capital of Spain?": (0.8, 0.6),
}


class Setup:
    """A cache in memory and what it is made of."""

    def __init__(self, *, semantic: bool = True, max_entry_bytes: int = 10_000, wait_s: float = 5.0) -> None:
        self.clock = Clock()
        self.noted: list[str] = []
        self.embedded: list[str] = []
        self.embeds = asyncio.Event()
        self.embeds.set()
        self.memory = MemoryStore(max_bytes=100_000, max_entries=100, clock=self.clock)
        keys = Keys(SECRET)
        index = SemanticIndex(self._embed, name="small", keys=keys, clock=self.clock, log=FakeLog())
        self.cache = Cache(
            keys=keys,
            store=self.memory,
            now_s=self.clock,
            semantic=index if semantic else None,
            max_entry_bytes=max_entry_bytes,
            wait_s=wait_s,
            noted=self.noted.append,
        )

    async def _embed(self, text: str) -> tuple[float, float]:
        self.embedded.append(text)
        await self.embeds.wait()
        return VECTORS[text]

    async def miss(self, question: Question = ASKED, rules: Rules = SIMPLE) -> Miss:
        found = await self.cache.lookup(question, rules)
        assert isinstance(found, Miss)
        return found

    async def hit(self, question: Question = ASKED, rules: Rules = SIMPLE) -> Hit:
        found = await self.cache.lookup(question, rules)
        assert isinstance(found, Hit)
        return found

    async def keep(self, question: Question = ASKED, rules: Rules = SIMPLE, text: str = "Paris.") -> None:
        assert await self.cache.store(await self.miss(question, rules), answer(text))


@pytest.fixture
def setup() -> Setup:
    return Setup()


async def test_an_answer_that_was_kept_is_given_again(setup: Setup) -> None:
    await setup.keep()
    setup.clock.now_s += 7.0
    hit = await setup.hit()
    assert (hit.status, hit.entry.document, hit.age_s, hit.similarity) == (Status.HIT, answer(), 7.0, None)
    assert setup.noted == ["MISS", "kept", "HIT"]


async def test_a_stream_and_a_whole_answer_share_an_entry(setup: Setup) -> None:
    await setup.keep(Question(scope=SCOPE, document=asking(stream=True)))
    assert (await setup.hit(Question(scope=SCOPE, document=asking(stream=False)))).status is Status.HIT


async def test_nobody_holds_the_document_of_another(setup: Setup) -> None:
    await setup.keep()
    (await setup.hit()).entry.document["choices"].clear()
    assert (await setup.hit()).entry.document == answer()


@pytest.mark.parametrize("name", Scope.__struct_fields__)
@pytest.mark.parametrize("rules", [SIMPLE, SEMANTIC])
async def test_an_answer_never_leaves_its_scope(setup: Setup, name: str, rules: Rules) -> None:
    other: Any = {"strict": False, "forwarded": (("openai-beta", "x"),)}.get(name, "another")
    await setup.keep(rules=rules)
    scope = msgspec.structs.replace(SCOPE, **{name: other})
    await setup.miss(Question(scope=scope, document=asking()), rules)


async def test_an_answer_is_given_until_its_age_is_reached(setup: Setup) -> None:
    await setup.keep(rules=Rules(max_age_s=60.0))
    setup.clock.now_s += 59.9
    await setup.hit(rules=Rules(max_age_s=60.0))
    setup.clock.now_s += 0.1
    await setup.miss(rules=Rules(max_age_s=60.0))


async def test_who_wants_a_younger_answer_than_the_one_kept_gets_none(setup: Setup) -> None:
    await setup.keep(rules=Rules(max_age_s=3600.0))
    setup.clock.now_s += 61.0
    (await setup.miss(rules=Rules(max_age_s=60.0))).close()
    await setup.hit(rules=Rules(max_age_s=3600.0))


def test_ages_are_seconds_with_a_default_and_a_bound() -> None:
    assert Rules().age_s == DEFAULT_MAX_AGE_S == 604_800
    assert Rules(max_age_s=5.0).age_s == 5.0
    assert Rules(max_age_s=1e12).age_s == LONGEST_MAX_AGE_S


async def test_an_age_of_nothing_keeps_nothing(setup: Setup) -> None:
    miss = await setup.miss(rules=Rules(max_age_s=0.0))
    assert not await setup.cache.store(miss, answer())
    assert len(setup.memory) == 0


async def test_a_refresh_asks_in_any_case_and_replaces_what_was_kept(setup: Setup) -> None:
    await setup.keep()
    miss = await setup.miss(rules=Rules(refresh=True))
    assert miss.status is Status.REFRESH
    assert await setup.cache.store(miss, answer("Lyon."))
    assert (await setup.hit()).entry.document == answer("Lyon.")


async def test_a_refresh_by_meaning_is_remembered_too(setup: Setup) -> None:
    await setup.cache.store(await setup.miss(rules=Rules(mode="semantic", refresh=True)), answer())
    assert (await setup.hit(ALIKE, SEMANTIC)).status is Status.SEMANTIC_HIT


async def test_without_a_cache_nothing_is_kept(setup: Setup) -> None:
    assert DISABLED.status == "DISABLED"
    assert not await setup.cache.store(DISABLED, answer())
    DISABLED.close()
    assert len(setup.memory) == 0


@pytest.mark.parametrize("reason", [None, "content_filter", "a word of tomorrow"])
async def test_an_answer_that_is_not_whole_is_not_kept(setup: Setup, reason: str | None) -> None:
    assert not await setup.cache.store(await setup.miss(), answer(reason=reason))
    await setup.miss()
    assert setup.noted == ["MISS", "not_kept", "MISS"]


async def test_an_answer_that_is_too_large_is_not_kept() -> None:
    setup = Setup(max_entry_bytes=500)
    assert not await setup.cache.store(await setup.miss(), answer("x" * 500))
    assert len(setup.memory) == 0


async def test_a_question_that_means_the_same_has_the_same_answer(setup: Setup) -> None:
    await setup.keep(rules=SEMANTIC)
    hit = await setup.hit(ALIKE, SEMANTIC)
    assert hit.status is Status.SEMANTIC_HIT
    assert hit.similarity == pytest.approx(0.99, abs=0.001)
    assert hit.entry.document == answer()
    assert (await setup.miss(OTHER, SEMANTIC)).status is Status.SEMANTIC_MISS


async def test_the_same_question_needs_no_embedding(setup: Setup) -> None:
    await setup.keep(rules=SEMANTIC)
    assert (await setup.hit(rules=SEMANTIC)).status is Status.HIT
    assert len(setup.embedded) == 1


async def test_the_threshold_of_a_request_counts(setup: Setup) -> None:
    await setup.keep(rules=SEMANTIC)
    (await setup.miss(ALIKE, Rules(mode="semantic", threshold=0.999))).close()
    await setup.hit(OTHER, Rules(mode="semantic", threshold=0.7))


async def test_mode_simple_neither_compares_nor_remembers_meaning(setup: Setup) -> None:
    await setup.keep()
    (await setup.miss(ALIKE, SIMPLE)).close()
    await setup.miss(ALIKE, SEMANTIC)
    assert setup.embedded == ["France's capital?"]


async def test_without_an_embedder_mode_semantic_is_mode_simple() -> None:
    setup = Setup(semantic=False)
    await setup.keep(rules=SEMANTIC)
    assert (await setup.hit(rules=SEMANTIC)).status is Status.HIT
    assert (await setup.miss(ALIKE, SEMANTIC)).status is Status.MISS


async def test_a_meaning_whose_answer_the_store_has_forgotten_is_a_miss(setup: Setup) -> None:
    await setup.keep(rules=SEMANTIC)
    await setup.memory.close()
    assert (await setup.miss(ALIKE, SEMANTIC)).status is Status.SEMANTIC_MISS


async def test_junk_in_the_store_is_a_miss(setup: Setup) -> None:
    await setup.memory.put(Keys(SECRET).exact(SCOPE, asking()), b"junk", 60.0)
    await setup.miss()
    assert setup.noted == ["unreadable", "MISS"]


@pytest.mark.parametrize("rules", [SIMPLE, SEMANTIC])
async def test_of_many_who_ask_the_same_at_once_one_asks_the_provider(setup: Setup, rules: Rules) -> None:
    calls = 0

    async def exchange() -> dict[str, Any]:
        nonlocal calls
        found = await setup.cache.lookup(ASKED, rules)
        if isinstance(found, Hit):
            return found.entry.document
        try:
            calls += 1
            await asyncio.sleep(0.01)
            await setup.cache.store(found, answer())
        finally:
            found.close()
        return answer()

    assert await asyncio.gather(*(exchange() for _ in range(20))) == [answer()] * 20
    assert calls == 1


async def test_many_who_ask_the_same_at_once_share_a_semantic_hit(setup: Setup) -> None:
    await setup.keep(rules=SEMANTIC)
    setup.embeds.clear()
    asyncio.get_running_loop().call_later(0.01, setup.embeds.set)
    hits = await asyncio.gather(*(setup.hit(ALIKE, SEMANTIC) for _ in range(5)))
    assert {hit.status for hit in hits} == {Status.SEMANTIC_HIT}
    assert setup.embedded == ["What is the capital of France?", "France's capital?"]


async def test_an_attempt_that_fails_is_nobodys_but_its_own(setup: Setup) -> None:
    first = await setup.miss()
    second = asyncio.ensure_future(setup.cache.lookup(ASKED, SIMPLE))
    third = asyncio.ensure_future(setup.cache.lookup(ASKED, SIMPLE))
    await asyncio.sleep(0.01)
    first.close()
    heir = await second
    assert isinstance(heir, Miss)
    assert not third.done()
    await setup.cache.store(heir, answer())
    assert isinstance(await third, Hit)


async def test_an_answer_that_may_not_be_kept_sends_all_who_wait_off_at_once(setup: Setup) -> None:
    first = await setup.miss()
    others = [asyncio.ensure_future(setup.cache.lookup(ASKED, SIMPLE)) for _ in range(3)]
    await asyncio.sleep(0.01)
    await setup.cache.store(first, answer(reason="content_filter"))
    assert [type(found) for found in await asyncio.gather(*others)] == [Miss] * 3


async def test_waiting_for_somebody_who_asks_the_same_ends() -> None:
    setup = Setup(wait_s=0.02)
    first = await setup.miss()
    impatient = await setup.miss()
    assert await setup.cache.store(impatient, answer())
    first.close()
    assert isinstance(await setup.cache.lookup(ASKED, SIMPLE), Hit)


async def test_who_leaves_while_his_question_is_embedded_stops_nobody(setup: Setup) -> None:
    setup.embeds.clear()
    leaving = asyncio.ensure_future(setup.cache.lookup(ASKED, SEMANTIC))
    staying = asyncio.ensure_future(setup.cache.lookup(ASKED, SEMANTIC))
    await asyncio.sleep(0.01)
    assert len(setup.embedded) == 1
    leaving.cancel()
    setup.embeds.set()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert isinstance(await asyncio.wait_for(staying, 1.0), Miss)


async def test_a_clock_that_is_set_back_makes_no_answer_younger_than_nothing(setup: Setup) -> None:
    await setup.keep()
    setup.clock.now_s -= 5.0
    assert (await setup.hit()).age_s == 0.0


async def test_closing_the_cache_closes_its_store(setup: Setup) -> None:
    await setup.keep()
    await setup.cache.close()
    assert len(setup.memory) == 0
