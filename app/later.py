"""Work that an answer does not wait for, and that the end of the service does."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

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

    async def settle(self) -> None:
        """Wait until all of it is done."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
