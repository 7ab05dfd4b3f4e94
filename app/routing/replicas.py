"""Circuit breakers that replicas share: one's failures spare the others theirs.

No request waits for what is shared. Plans are made with what this process remembers; beside that a task tells
the others what was tried here, `_PAUSE_S` later and many at once, and asks every `_ASK_S` which circuits are
open. So a circuit that one replica opens is open in all about a second later.

The counts of all together open a circuit, and so do those of one alone: its own way to the target may be what
is broken. Where the shared ones cannot be reached, each goes on with its own; what could not be told by then
is forgotten, for soon it would be old. One line in the log says that they are away, one that they are back.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable

from app.routing.breaker import Away, MemoryBreakers, SharedBreakers, Tried
from app.routing.config import Breaker
from telemetry import Log

_ASK_S = 1.0
_PAUSE_S = 0.05
_AT_ONCE = 200
_MAX_WAITING = 10_000


class ReplicaBreakers:
    """The circuits of one replica among others; a `Breakers`.

    Args:
        memory: those of this process.
        shared: those of all.
        clock: seconds that only grow, the same as that of `memory`.
        log: for what an operator must know.
    """

    def __init__(
        self, memory: MemoryBreakers, shared: SharedBreakers, clock: Callable[[], float], log: Log
    ) -> None:
        self._memory = memory
        self._shared = shared
        self._clock = clock
        self._log = log
        self._elsewhere: dict[str, float] = {}
        """Until when circuits are open, by their shared names: those of all replicas."""
        self._waiting: deque[Tried] = deque(maxlen=_MAX_WAITING)
        self._wake = asyncio.Event()
        self._is_away = False

    def has_open(self) -> bool:
        """See `Breakers`."""
        return bool(self._elsewhere) or self._memory.has_open()

    def is_open(self, key: str) -> bool:
        """See `Breakers`."""
        return self._memory.is_open(key) or self._is_open_elsewhere(key)

    def record(self, key: str, breaker: Breaker, *, failed: bool) -> bool:
        """See `Breakers`."""
        self._waiting.append((key, breaker, failed))
        self._wake.set()
        return not self._is_open_elsewhere(key) and self._memory.record(key, breaker, failed=failed)

    @property
    def opened_total(self) -> int:
        """See `Breakers`."""
        return self._memory.opened_total

    def open_count(self) -> int:
        """See `Breakers`. What is open elsewhere may be open here too, and is then counted once."""
        now_s = self._clock()
        elsewhere = sum(now_s < until_s for until_s in list(self._elsewhere.values()))
        return max(elsewhere, self._memory.open_count())

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """See `Breakers`."""
        task = asyncio.get_running_loop().create_task(self._follow())
        try:
            yield
        finally:
            while not task.done():  # a client may take a cancellation for a failure of its own
                task.cancel()
                await asyncio.wait([task], timeout=_ASK_S)
            await self._shared.close()

    async def exchange(self) -> None:
        """Tell what was tried here, and hear what is open."""
        try:
            while self._waiting:
                told = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
                for (key, _, _), seconds in zip(told, await self._shared.record(told), strict=True):
                    if seconds is not None:
                        self._memory.adopt(key, seconds)
            opened = await self._shared.opened()
        except Away as away:
            self._waiting.clear()
            if not self._is_away:
                self._log.warning("breakers_away", error=str(away))
            self._is_away = True
            return
        now_s = self._clock()
        self._elsewhere = {name: now_s + seconds for name, seconds in opened.items()}
        if self._is_away:
            self._log.info("breakers_back")
        self._is_away = False

    async def _follow(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.exchange()
            except Exception as error:  # noqa: BLE001 (one bad answer must not end it for good)
                self._log.error("breakers_crashed", error=type(error).__name__)
            await asyncio.sleep(_PAUSE_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ASK_S):
                    await self._wake.wait()

    def _is_open_elsewhere(self, key: str) -> bool:
        if not self._elsewhere:
            return False
        return self._clock() < self._elsewhere.get(self._shared.name(key), float("-inf"))
