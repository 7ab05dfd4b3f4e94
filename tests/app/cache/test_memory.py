"""The store in memory against a model of it, on a clock that the test moves."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from app.cache.memory import OVERHEAD_BYTES, MemoryStore
from tests.caches import Clock

KEYS = st.sampled_from("abcd")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), KEYS, st.sampled_from([0, 100, 300]), st.sampled_from([100, 2, 0])),
        st.tuples(st.just("get"), KEYS, st.just(0), st.just(0)),
        st.tuples(st.just("wait"), st.just(""), st.just(0), st.integers(1, 3)),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(STEPS, st.sampled_from([3_000, 1_000, 350, 0]), st.sampled_from([100, 3, 2, 1, 0]))
def test_the_latest_used_that_fit_are_kept_and_nothing_else(
    steps: list[tuple[str, str, int, int]], max_bytes: int, max_entries: int
) -> None:
    asyncio.run(_compare(steps, max_bytes, max_entries))


class Model:
    """What a store is to do, without any care for speed."""

    def __init__(self, max_bytes: int, max_entries: int, clock: Clock) -> None:
        self.max_bytes, self.max_entries, self.clock = max_bytes, max_entries, clock
        self.kept: list[tuple[str, bytes, float]] = []
        """The least recently used first."""

    def size(self) -> int:
        return sum(len(value) + OVERHEAD_BYTES for _, value, _ in self.kept)

    def put(self, key: str, value: bytes, seconds: float) -> None:
        self._take(key)
        if len(value) + OVERHEAD_BYTES <= self.max_bytes and self.max_entries and seconds:
            self.kept.append((key, value, self.clock.now_s + seconds))
        while self.size() > self.max_bytes or len(self.kept) > self.max_entries:
            del self.kept[0]

    def get(self, key: str) -> bytes | None:
        found = self._take(key)
        if found is None or self.clock.now_s >= found[2]:
            return None
        self.kept.append(found)
        return found[1]

    def _take(self, key: str) -> tuple[str, bytes, float] | None:
        found = next((one for one in self.kept if one[0] == key), None)
        if found is not None:
            self.kept.remove(found)
        return found


async def _compare(steps: list[tuple[str, str, int, int]], max_bytes: int, max_entries: int) -> None:
    clock = Clock()
    store = MemoryStore(max_bytes=max_bytes, max_entries=max_entries, clock=clock)
    model = Model(max_bytes, max_entries, clock)
    for word, key, length, seconds in steps:
        if word == "wait":
            clock.now_s += seconds
        elif word == "put":
            await store.put(key, bytes(length), seconds)
            model.put(key, bytes(length), seconds)
        else:
            assert await store.get(key) == model.get(key)
        assert store.held_bytes == model.size() <= max_bytes
        assert list(store._values) == [key for key, _, _ in model.kept]
        assert len(store) == len(model.kept) <= max_entries


async def test_a_value_is_there_until_its_last_moment() -> None:
    clock = Clock()
    store = MemoryStore(max_bytes=10_000, max_entries=10, clock=clock)
    await store.put("a", b"1", 5.0)
    clock.now_s += 4.999
    assert await store.get("a") == b"1"
    clock.now_s += 0.001
    assert await store.get("a") is None
    assert store.held_bytes == 0


async def test_what_was_asked_for_stays_and_what_was_not_goes() -> None:
    store = MemoryStore(max_bytes=10_000, max_entries=2, clock=Clock())
    await store.put("a", b"1", 5.0)
    await store.put("b", b"2", 5.0)
    await store.get("a")
    await store.put("c", b"3", 5.0)
    assert [await store.get(key) for key in "abc"] == [b"1", None, b"3"]


async def test_a_closed_store_holds_nothing() -> None:
    store = MemoryStore(max_bytes=10_000, max_entries=10, clock=Clock())
    await store.put("a", b"1", 5.0)
    await store.close()
    assert (len(store), store.held_bytes) == (0, 0)
