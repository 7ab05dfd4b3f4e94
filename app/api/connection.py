"""The caller's end of the connection: whether it is still there, and whether we may go on using it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

from litestar.types import Receive

from app.api.body import CallerLeft


@contextlib.asynccontextmanager
async def while_connected(receive: Receive) -> AsyncIterator[None]:
    """Run the block as long as the caller stays; cancel it as soon as he leaves.

    For use after the body has been read: from then on all that `receive` has to say is `http.disconnect`.

    Raises:
        ExceptionGroup: of one `CallerLeft`, if he left; of whatever the block raised, if it did.
    """
    async with asyncio.TaskGroup() as group:
        watcher = group.create_task(_until_gone(receive))
        try:
            yield
        finally:
            watcher.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise CallerLeft


class Drain:
    """Lets exchanges end when the service is asked to stop, and ends those that take too long.

    The server itself would wait for them, and be killed in the middle of the wait with what was not yet
    on record.

    Args:
        grace_s: how long they may go on, in seconds.
    """

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._tasks: set[asyncio.Task[object]] = set()
        self._begun = False
        self.expired = False
        """Whether the time is over: exchanges that are cancelled now are so by us, not by their callers."""

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Take part with the current task until the block ends."""
        task = asyncio.current_task()
        assert task is not None, "an ASGI server runs each request in a task"
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    def begin(self) -> None:
        """Start the clock; later calls do nothing. From the event loop's thread."""
        if not self._begun:
            self._begun = True
            asyncio.get_running_loop().call_later(self._grace_s, self._expire)

    def _expire(self) -> None:
        self.expired = True
        for task in self._tasks:
            task.cancel()
