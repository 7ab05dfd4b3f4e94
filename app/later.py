"""Work that an answer does not wait for, and that the end of the service does."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

_CANCEL_S = 0.5
"""For what was cancelled to end, and for what it began in doing so."""

RunLater = Callable[[Coroutine[Any, Any, None]], object]
"""`Later.run`, for whoever has such work and does not ask what became of it."""


class Later:
    """Runs such work."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin some work in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settle(self, patience_s: float | None = None) -> int:
        """Wait until all of it is done, and cancel what is not in time.

        Args:
            patience_s: for all together; None: as long as it takes.

        Returns:
            How many were cancelled. They have put on record what they had.
        """
        if await self._ended(patience_s):
            return 0
        late = {*self._tasks}
        for task in late:
            task.cancel()
        if not await self._ended(_CANCEL_S):  # what those begun that were cancelled
            for task in self._tasks:
                task.cancel()
        return len(late)

    async def _ended(self, patience_s: float | None) -> bool:
        """Wait until all of it has ended; return whether it has."""
        try:
            async with asyncio.timeout(patience_s):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            return False
        return True
