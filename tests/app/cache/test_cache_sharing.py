"""Several who ask the cache the same at the same time."""

import asyncio
from typing import Any

import pytest

from app.cache.cache import Hit, Miss, Status
from app.cache.question import Rules
from tests.cache_setups import ALIKE, ASKED, SEMANTIC, SIMPLE, Setup
from tests.caches import answer


@pytest.fixture
def setup() -> Setup:
    return Setup()


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
            await setup.cache.store(found, answer(), "e-1")
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
    await setup.cache.store(heir, answer(), "e-1")
    assert isinstance(await third, Hit)


async def test_an_answer_that_may_not_be_kept_sends_all_who_wait_off_at_once(setup: Setup) -> None:
    first = await setup.miss()
    others = [asyncio.ensure_future(setup.cache.lookup(ASKED, SIMPLE)) for _ in range(3)]
    await asyncio.sleep(0.01)
    await setup.cache.store(first, answer(reason="content_filter"), "e-1")
    async with asyncio.timeout(2.0):
        assert [type(found) for found in await asyncio.gather(*others)] == [Miss] * 3


async def test_waiting_for_somebody_who_asks_the_same_ends() -> None:
    setup = Setup(wait_s=0.02)
    first = await setup.miss()
    impatient = await setup.miss()
    assert await setup.cache.store(impatient, answer(), "e-1")
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
