"""Beside: guardrails still hear a request while a provider is already asked.

What the provider answers is held until they have spoken. A block ends its call at once, and nothing of the
answer leaves; what they make of a failed check ends it likewise. An error of the provider waits for them too:
a request that is forbidden is answered as forbidden, whatever else went wrong.

The answer is taken by a task of its own, which alone drives the provider's events from first to last, for
what a generator has entered in one task it cannot leave in another. Both tasks end before the answer does.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from app.domain.events import Blocked, Event
from guardrails import Verdict


class Beside:
    """Guardrails that are being asked.

    Args:
        ask: asks them, and returns the verdict of one that ends the exchange.
    """

    def __init__(self, ask: Callable[[], Awaitable[Verdict | None]]) -> None:
        self._ask = ask
        self._task: asyncio.Task[Verdict | None] | None = None

    async def verdict(self) -> Verdict | None:
        """Return the verdict that ends the exchange, None if they let it pass; several may wait for it."""
        self.start()
        assert self._task is not None
        return await asyncio.shield(self._task)

    def start(self) -> None:
        """Begin to ask."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._asked())

    async def end(self) -> None:
        """Stop asking, if there is no verdict yet."""
        if self._task is not None:
            await _ended(self._task)

    async def held(self, answer: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
        """Yield the events of an answer once the verdict lets it pass, else `Blocked` alone."""
        self.start()
        taking = _Taking(answer)
        try:
            verdict = await self.verdict()
            if verdict is not None:
                taking.cancel()
                yield Blocked(verdict)
                return
            taking.is_wanted = True
            async with aclosing(taking.events()) as events:
                async for event in events:
                    yield event
        finally:
            await taking.end()
            await self.end()

    async def _asked(self) -> Verdict | None:
        return await self._ask()


class _Taking:
    """Takes the events of an answer in a task of its own; as slowly as they are wanted, once they are."""

    def __init__(self, answer: AsyncGenerator[Event]) -> None:
        self.is_wanted = False
        self._answer = answer
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._error: BaseException | None = None
        self._task = asyncio.get_running_loop().create_task(self._take())

    def cancel(self) -> None:
        self._task.cancel()

    async def end(self) -> None:
        await _ended(self._task)

    async def events(self) -> AsyncGenerator[Event]:
        while (event := await self._queue.get()) is not None:
            yield event
            self._queue.task_done()
        if self._error is not None:
            raise self._error

    async def _take(self) -> None:
        try:
            async with aclosing(self._answer) as events:
                async for event in events:
                    self._queue.put_nowait(event)
                    if self.is_wanted:
                        await self._queue.join()
        except BaseException as error:
            self._error = error
            if not isinstance(error, Exception):
                raise
        finally:
            self._queue.put_nowait(None)


async def _ended(task: asyncio.Task[object]) -> None:
    task.cancel()
    await asyncio.wait([task])
