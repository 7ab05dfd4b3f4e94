"""What metrics read of the cache, by one call."""

from app.cache.counts import EVENTS, Counts
from app.cache.memory import OVERHEAD_BYTES
from app.cache.ports import Holding
from app.cache.question import Rules
from tests.cache_setups import ALIKE, ASKED, OTHER, SEMANTIC, Setup
from tests.caches import answer


def test_every_word_is_there_from_the_beginning() -> None:
    figures = Counts(("HIT", "MISS")).figures(None)
    assert figures.lookups == {"HIT": 0, "MISS": 0}
    assert figures.events == dict.fromkeys(EVENTS, 0)
    assert figures.holding is None


def test_what_was_read_does_not_change_any_more() -> None:
    counts = Counts(("HIT",))
    before = counts.figures(None)
    for word in ("HIT", "HIT", "evicted"):
        counts.note(word)
    after = counts.figures(Holding(1, 2))
    assert (before.lookups["HIT"], after.lookups["HIT"], after.events["evicted"]) == (0, 2, 1)
    assert after.holding == Holding(1, 2)


async def test_a_cache_counts_its_lookups_what_it_keeps_and_what_it_holds() -> None:
    setup = Setup()
    await setup.keep(rules=SEMANTIC)
    await setup.hit(rules=SEMANTIC)
    await setup.hit(ALIKE, SEMANTIC)
    (await setup.miss(OTHER)).close()
    await setup.miss(rules=Rules(refresh=True))
    disabled = await setup.miss(ASKED, Rules(max_age_s=0))
    assert not await setup.cache.store(disabled, answer(), "e-2")
    figures = setup.cache.figures()
    assert figures.lookups == {
        "HIT": 1,
        "SEMANTIC HIT": 1,
        "MISS": 1,
        "SEMANTIC MISS": 1,
        "REFRESH": 1,
        "DISABLED": 1,
    }
    assert figures.events == dict.fromkeys(EVENTS, 0) | {"kept": 1}
    assert figures.holding is not None
    assert figures.holding.entries == 1
    assert figures.holding.held_bytes == setup.memory.held_bytes > OVERHEAD_BYTES
