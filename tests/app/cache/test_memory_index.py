"""Vectors in memory: how long, how many, and which goes first."""

from app.cache.memory_index import MemoryIndex
from app.cache.ports import Place
from app.cache.vectors import Vector
from tests.caches import Clock


class Setup:
    """An index and what it is made of."""

    def __init__(self, max_entries: int = 10) -> None:
        self.clock = Clock()
        self.noted: list[str] = []
        self.index = MemoryIndex(clock=self.clock, max_entries=max_entries, noted=self.noted.append)

    async def found(self, place: Place, threshold: float = 0.99) -> str | None:
        near = await self.index.find(place, threshold)
        return None if near is None else near.name


FIRST, SECOND, THIRD = (
    Place("g", Vector(values)) for values in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
)


async def test_the_nearest_of_its_group_is_found_if_it_is_near_enough() -> None:
    setup = Setup()
    await setup.index.add(FIRST, "first", 60.0)
    await setup.index.add(SECOND, "second", 60.0)
    between = Vector((0.8, 0.6, 0.0))
    assert await setup.found(Place("g", between), 0.75) == "first"
    assert await setup.found(Place("g", between), 0.81) is None
    assert await setup.found(Place("h", between), -1.0) is None


async def test_what_is_too_old_is_not_found_and_takes_no_room() -> None:
    setup = Setup()
    await setup.index.add(FIRST, "first", 60.0)
    setup.clock.now_s += 59.9
    assert await setup.found(FIRST) == "first"
    setup.clock.now_s += 0.1
    assert await setup.found(FIRST) is None
    assert len(setup.index) == 0


async def test_the_least_recently_used_goes_first() -> None:
    setup = Setup(max_entries=2)
    await setup.index.add(FIRST, "first", 60.0)
    await setup.index.add(SECOND, "second", 60.0)
    await setup.found(FIRST)
    await setup.index.add(THIRD, "third", 60.0)
    assert [await setup.found(place) for place in (FIRST, SECOND, THIRD)] == ["first", None, "third"]
    assert len(setup.index) == 2
    assert setup.noted == ["evicted"]


async def test_what_the_store_has_no_more_can_be_forgotten() -> None:
    setup = Setup()
    await setup.index.add(FIRST, "first", 60.0)
    await setup.index.forget("g", "first")
    await setup.index.forget("g", "first")
    assert await setup.found(FIRST, -1.0) is None


async def test_an_answer_that_is_kept_again_is_there_once() -> None:
    setup = Setup()
    await setup.index.add(FIRST, "first", 60.0)
    await setup.index.add(SECOND, "first", 60.0)
    assert (await setup.found(FIRST), await setup.found(SECOND)) == (None, "first")
    assert len(setup.index) == 1
