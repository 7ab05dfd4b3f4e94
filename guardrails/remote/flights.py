"""Of several who ask a service the same at the same time, one question goes out and all have its answer.

The question belongs to all of them: it goes on while any of them still waits, and is cancelled when the last
has gone. They share an error as they share an answer; each acts upon it by its own guardrail.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

_Answer = TypeVar("_Answer")


class Flights(Generic[_Answer]):
    """The questions that are under way. Used by one event loop."""

    def __init__(self) -> None:
        self._flights: dict[bytes, _Flight[_Answer]] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._flights)

    async def join(self, name: bytes, ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """Return the answer to a question, whoever has asked it.

        Args:
            name: the same for equal questions.
            ask: asks it, if nobody has.

        Raises:
            Exception: whatever asking raised.
        """
        flight = self._flights.get(name)
        if flight is None:
            flight = self._flights[name] = _Flight(ask)
            flight.task.add_done_callback(lambda _: self._end(name, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._end(name, flight)  # who asks the same from now on asks anew
                flight.task.cancel()
                await asyncio.wait((flight.task,))

    def _end(self, name: bytes, flight: "_Flight[_Answer]") -> None:
        if self._flights.get(name) is flight:
            del self._flights[name]


class _Flight(Generic[_Answer]):
    """One question. Its task ends no later than its last waiter."""

    __slots__ = ("task", "waiting")

    def __init__(self, ask: Callable[[], Awaitable[_Answer]]) -> None:
        self.task: asyncio.Task[_Answer] = asyncio.ensure_future(_awaited(ask))
        self.waiting = 0


async def _awaited(ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
    return await ask()
