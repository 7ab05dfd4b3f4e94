"""One worker forgets what is erased: on a real record, with a cache in memory."""

import contextlib
import time
from pathlib import Path

import pytest

from app.cache.cache import Cache, Hit, Miss
from app.cache.key import Keys
from app.cache.memory import MemoryStore
from app.caching import Caches
from app.forgetting import Forgetting
from app.records import migrate
from app.records.changes import Changes
from app.records.erasures import Erasures
from tests.cache_setups import ASKED, SIMPLE
from tests.caches import SECRET, answer
from tests.databases import until
from tests.fakes import FakeLog


class Kitchen:
    """A cache, and a record that may not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/record.db"
        self.log = FakeLog()
        self.store = MemoryStore(max_bytes=100_000, max_entries=10, clock=time.monotonic)
        self.cache = Cache(keys=Keys(SECRET), store=self.store, now_s=time.time)
        self.forgetting = Forgetting(Caches(self.cache), Erasures(self.url), self.log, every_s=0.02)

    async def keep(self) -> None:
        found = await self.cache.lookup(ASKED, SIMPLE)
        assert isinstance(found, Miss)
        assert await self.cache.store(found, answer(), "e-1")

    async def gives(self) -> bool:
        found = await self.cache.lookup(ASKED, SIMPLE)
        if isinstance(found, Miss):
            found.close()
        return isinstance(found, Hit)

    def erase(self) -> None:
        with contextlib.closing(Changes(self.url, "cli ann")) as changes, changes.change() as change:
            change.note("erased", {})

    @property
    def said(self) -> list[str]:
        return [event for _, event, _ in self.log.lines]


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    made = Kitchen(tmp_path)
    migrate.upgrade(made.url)
    return made


async def test_an_erasure_elsewhere_empties_the_cache(kitchen: Kitchen) -> None:
    async with kitchen.forgetting.running():
        await kitchen.keep()
        assert await kitchen.gives()
        kitchen.erase()
        await until(lambda: "cache_forgotten" in kitchen.said)
        assert len(kitchen.store) == 0
        await kitchen.keep()
        assert await kitchen.gives()
    assert kitchen.said == ["cache_forgotten"]


async def test_an_erasure_here_empties_it_at_once(kitchen: Kitchen) -> None:
    await kitchen.keep()
    await kitchen.forgetting.forget()
    assert not await kitchen.gives()


async def test_what_an_erasure_before_the_start_came_after_is_not_given(kitchen: Kitchen) -> None:
    await kitchen.keep()
    kitchen.erase()
    async with kitchen.forgetting.running():
        assert not await kitchen.gives()


async def test_what_no_erasure_came_after_is_given(kitchen: Kitchen) -> None:
    kitchen.erase()
    await kitchen.keep()
    async with kitchen.forgetting.running():
        assert await kitchen.gives()


async def test_as_long_as_the_record_is_away_nothing_from_before_the_start_is_given(tmp_path: Path) -> None:
    kitchen = Kitchen(tmp_path)
    await kitchen.keep()
    async with kitchen.forgetting.running():
        assert not await kitchen.gives()
        migrate.upgrade(kitchen.url)
        await until(lambda: "cache_erasures_known" in kitchen.said)
        assert await kitchen.gives()
    assert kitchen.said == ["cache_erasures_unknown", "cache_erasures_known"]


async def test_without_a_cache_nobody_is_asked(tmp_path: Path) -> None:
    log = FakeLog()
    async with Forgetting(Caches(None), Erasures(f"sqlite:///{tmp_path}/none.db"), log).running():
        pass
    assert log.lines == []
