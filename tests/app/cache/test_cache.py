"""The cache as the pipeline uses it."""

from typing import Any

import msgspec
import pytest

from app.cache.cache import DISABLED, Status
from app.cache.key import Keys, Scope
from app.cache.question import DEFAULT_MAX_AGE_S, LONGEST_MAX_AGE_S, Question, Rules
from tests.cache_setups import ALIKE, OTHER, SEMANTIC, SIMPLE, Setup
from tests.caches import SCOPE, SECRET, answer, asking


@pytest.fixture
def setup() -> Setup:
    return Setup()


async def test_an_answer_that_was_kept_is_given_again(setup: Setup) -> None:
    await setup.keep()
    setup.clock.now_s += 7.0
    hit = await setup.hit()
    assert (hit.status, hit.entry.document, hit.age_s, hit.kept.similarity) == (
        Status.HIT,
        answer(),
        7.0,
        None,
    )
    assert setup.counted() == {"MISS": 1, "kept": 1, "HIT": 1}


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


async def test_an_age_of_nothing_gives_and_keeps_nothing(setup: Setup) -> None:
    await setup.keep()
    miss = await setup.miss(rules=Rules(max_age_s=0.0))
    assert miss.status is Status.DISABLED
    assert not await setup.cache.store(miss, answer("Lyon."), "e-1")
    assert (await setup.hit()).entry.document == answer()


async def test_a_refresh_asks_in_any_case_and_replaces_what_was_kept(setup: Setup) -> None:
    await setup.keep()
    miss = await setup.miss(rules=Rules(refresh=True))
    assert miss.status is Status.REFRESH
    assert await setup.cache.store(miss, answer("Lyon."), "e-1")
    assert (await setup.hit()).entry.document == answer("Lyon.")


async def test_a_refresh_by_meaning_is_remembered_too(setup: Setup) -> None:
    await setup.cache.store(await setup.miss(rules=Rules(mode="semantic", refresh=True)), answer(), "e-1")
    assert (await setup.hit(ALIKE, SEMANTIC)).status is Status.SEMANTIC_HIT


async def test_without_a_cache_nothing_is_kept(setup: Setup) -> None:
    assert DISABLED.status == "DISABLED"
    assert not await setup.cache.store(DISABLED, answer(), "e-1")
    DISABLED.close()
    assert len(setup.memory) == 0


@pytest.mark.parametrize("reason", [None, "content_filter", "a word of tomorrow"])
async def test_an_answer_that_is_not_whole_is_not_kept(setup: Setup, reason: str | None) -> None:
    assert not await setup.cache.store(await setup.miss(), answer(reason=reason), "e-1")
    await setup.miss()
    assert setup.counted() == {"MISS": 2, "not_kept": 1}


async def test_an_answer_that_is_too_large_is_not_kept() -> None:
    setup = Setup(max_entry_bytes=500)
    assert not await setup.cache.store(await setup.miss(), answer("x" * 500), "e-1")
    assert len(setup.memory) == 0


async def test_a_question_that_means_the_same_has_the_same_answer(setup: Setup) -> None:
    await setup.keep(rules=SEMANTIC)
    hit = await setup.hit(ALIKE, SEMANTIC)
    assert hit.status is Status.SEMANTIC_HIT
    assert hit.kept.similarity == pytest.approx(0.99, abs=0.001)
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
    assert len(setup.index) == 0


async def test_who_wants_a_younger_answer_takes_none_from_the_others(setup: Setup) -> None:
    await setup.keep(rules=SEMANTIC)
    setup.clock.now_s += 61.0
    (await setup.miss(ALIKE, Rules(mode="semantic", max_age_s=60.0))).close()
    assert (await setup.hit(ALIKE, SEMANTIC)).status is Status.SEMANTIC_HIT


async def test_junk_in_the_store_is_a_miss(setup: Setup) -> None:
    await setup.memory.put(Keys(SECRET).exact(SCOPE, asking()), b"junk", 60.0)
    await setup.miss()
    assert setup.counted() == {"unreadable": 1, "MISS": 1}


async def test_a_clock_that_is_set_back_makes_no_answer_younger_than_nothing(setup: Setup) -> None:
    await setup.keep()
    setup.clock.now_s -= 5.0
    assert (await setup.hit()).age_s == 0.0


async def test_closing_the_cache_closes_its_store(setup: Setup) -> None:
    await setup.keep()
    await setup.cache.close()
    assert len(setup.memory) == 0
