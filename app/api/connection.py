"""The caller's end of the connection: whether it is still there, and whether we may go on using it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from litestar.types import Receive

from app.api.body import CallerLeft
from app.domain.errors import HandrailError, ShuttingDown


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


class Hold:
    """The part of one request in a drain."""

    def __init__(self, task: "asyncio.Task[object]") -> None:
        self.task = task
        self.abort: Callable[[HandrailError], None] | None = None
        """Told why, just before the task is cancelled, so that the record says what the caller is told."""
        self.kept: Callable[[], Awaitable[HandrailError | None]] = _at_once
        """Waits for that record, where that is promised; returns why there is none."""
        self.error: ShuttingDown | None = None
        """Set when the time is over: from then on the task is cancelled by us, not by its caller."""

    def expire(self) -> None:
        """Cancel the task, and say why."""
        self.error = ShuttingDown("Handrail is being stopped. Try again.")
        if self.abort is not None:
            self.abort(self.error)
        self.task.cancel()


async def _at_once() -> None:
    return None


class Drain:
    """Lets exchanges end when the service is asked to stop, and ends those that take too long.

    The server itself would wait for them, and be killed in the middle of the wait with what was not yet
    on record.

    Args:
        grace_s: how long they may go on, in seconds.
    """

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._holds: set[Hold] = set()
        self._begun = False

    @contextlib.contextmanager
    def holding(self) -> Iterator[Hold]:
        """Take part with the current task until the block ends."""
        task = asyncio.current_task()
        assert task is not None, "an ASGI server runs each request in a task"
        hold = Hold(task)
        self._holds.add(hold)
        try:
            yield hold
        finally:
            self._holds.discard(hold)

    @property
    def is_begun(self) -> bool:
        """Whether the service was asked to stop: what has no end of its own ends now. From any thread."""
        return self._begun

    def begin(self) -> None:
        """Start the clock; later calls do nothing. From the event loop's thread."""
        if not self._begun:
            self._begun = True
            asyncio.get_running_loop().call_later(self._grace_s, self._expire)

    def _expire(self) -> None:
        for hold in self._holds:
            hold.expire()
