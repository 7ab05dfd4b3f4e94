"""Forgetting: what is erased from the record is not given again by a cache.

The record says what was erased, wherever that was done (`app/records/erasures.py`), and the cache forgets all
that it holds (`app/cache/forgotten.py`), every worker its own and what is shared; this joins both. Every two
seconds each worker asks for new erasures, in a thread of its own; where Redis is away, it is swept when it is
back. Forgotten is what was made until the moment in which a worker hears of an erasure. An exchange that was
under way then may keep its answer, as its row is kept: an erasure spares what has not ended, and says so.

While the record cannot be read nobody can be heard of. Then a running worker goes on as before, since nothing
can be erased from a record that is away, and catches up; one that has just started gives nothing from before
its start, until it has read which erasure was the last.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator

from app.caching import Caches
from app.records.erasures import Erasure, Erasures
from telemetry import Log

_EVERY_S = 2.0
_FIRST_S = 2.0
"""That a start waits for the first answer."""
_JOIN_S = 5.0


class Forgetting:
    """That of one worker.

    Args:
        caches: which forget.
        erasures: of the record.
        log: for what was forgotten, and that the record cannot be asked.
        every_s: between two questions.
    """

    def __init__(self, caches: Caches, erasures: Erasures, log: Log, *, every_s: float = _EVERY_S) -> None:
        self._caches = caches
        self._erasures = erasures
        self._log = log
        self._every_s = every_s
        self._owed: Erasure | None = None
        """Of which something may still lie somewhere."""
        self._until_s = 0.0
        self._has_begun = False
        self._is_blind = False
        self._stopping = threading.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Forget what is erased, until the block ends."""
        cache = self._caches.cache
        if cache is None:
            yield
            return
        cache.forgotten.hold_back(time.time())
        first = asyncio.Event()
        thread = threading.Thread(
            target=self._run, args=(asyncio.get_running_loop(), first), name="forgetting", daemon=True
        )
        thread.start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(first.wait(), _FIRST_S)
        try:
            yield
        finally:
            self._stopping.set()
            await asyncio.to_thread(thread.join, _JOIN_S)

    async def forget(self) -> None:
        """Forget all at once: something has just been erased here. Others hear of it as ever."""
        await self._caches.forget(time.time())

    def _run(self, loop: asyncio.AbstractEventLoop, first: asyncio.Event) -> None:
        while not self._stopping.is_set():
            try:
                new = self._erasures.new()
                asyncio.run_coroutine_threadsafe(self._follow(new), loop).result()
            except Exception as error:  # noqa: BLE001 (nothing that a database does may end this thread)
                self._note_failure(error)
            else:
                self._note_success()
            loop.call_soon_threadsafe(first.set)
            self._stopping.wait(self._every_s)
        self._erasures.close()

    async def _follow(self, new: Erasure | None) -> None:
        """Forget because of this erasure, and because of what could not be forgotten before."""
        cache = self._caches.cache
        assert cache is not None, "followed only where there is a cache"
        now_s = time.time()
        if not self._has_begun:
            self._has_begun = True
            cache.forgotten.hold_back(0.0 if new is None else min(new.at_s, now_s))
            if new is not None and not await cache.forgotten.was_cleared(_name(new)):
                self._owed, self._until_s = new, min(new.at_s, now_s)
        elif new is not None:
            self._owed, self._until_s = new, now_s
        if self._owed is not None and await self._caches.forget(self._until_s, _name(self._owed)):
            self._log.info("cache_forgotten", erasure=self._owed.id)
            self._owed = None

    def _note_failure(self, error: Exception) -> None:
        if not self._is_blind:
            self._log.warning("cache_erasures_unknown", error=type(error).__name__)
        self._is_blind = True

    def _note_success(self) -> None:
        if self._is_blind:
            self._log.info("cache_erasures_known")
        self._is_blind = False


def _name(erasure: Erasure) -> str:
    return f"forgotten:{erasure.id}"
