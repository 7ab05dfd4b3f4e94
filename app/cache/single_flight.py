"""Of several who ask the same at the same time, one asks the provider; the others wait for his answer.

    lease = await flights.join(key, wait_s)
    Lease     the caller leads: he asks, and ends the lease in every case (`land`, `part` or `close`)
    Landed    somebody else asked, and this is the answer
    None      waiting took too long, or answers to this are not shared: ask for yourself

Nobody inherits an error. A leader who fails or goes away hands over to the one who has waited longest, whose
own attempt then decides about his own exchange. An answer that turns out not to be for sharing sends all who
wait off at once: to lead one after another would make a queue of what came in parallel.

In this process only: gateways that share a store each ask once, which needs no lock that could be lost.
"""

import asyncio
from collections import deque
from typing import Generic, TypeAlias, TypeVar

Answer = TypeVar("Answer")


class Landed(Generic[Answer]):
    """What somebody else got.

    Args:
        answer: shared by all who waited; nobody changes it.
    """

    __slots__ = ("answer",)

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class Flights(Generic[Answer]):
    """What is being asked at this moment. Used by one event loop."""

    def __init__(self) -> None:
        self._waiting: dict[object, deque[_Seat[Answer]]] = {}

    def __len__(self) -> int:
        """Return how many leases are out."""
        return len(self._waiting)

    async def join(self, key: object, wait_s: float) -> "Lease[Answer] | Landed[Answer] | None":
        """Lead, or wait for him who does, at most so many seconds. See above for what comes of it."""
        waiting = self._waiting.get(key)
        if waiting is None:
            self._waiting[key] = deque()
            return Lease(self, key)
        seat: _Seat[Answer] = asyncio.get_running_loop().create_future()
        waiting.append(seat)
        try:
            async with asyncio.timeout(wait_s):
                return await seat
        except TimeoutError:
            self._leave(waiting, seat)
            return None
        except asyncio.CancelledError:
            self._leave(waiting, seat)
            raise

    def hand_over(self, key: object) -> None:
        """Let the next one lead."""
        waiting = self._waiting[key]
        while waiting:
            seat = waiting.popleft()
            if not seat.done():
                seat.set_result(Lease(self, key))
                return
        del self._waiting[key]

    def end(self, key: object, answer: Landed[Answer] | None) -> None:
        """Give all who wait the same answer; None: none."""
        for seat in self._waiting.pop(key):
            if not seat.done():
                seat.set_result(answer)

    def _leave(self, waiting: "deque[_Seat[Answer]]", seat: "_Seat[Answer]") -> None:
        """Go away. Who was made the leader in that very moment hands over."""
        if seat in waiting:
            waiting.remove(seat)
        if seat.done() and not seat.cancelled():
            given = seat.result()
            if isinstance(given, Lease):
                given.close()


class Lease(Generic[Answer]):
    """The right to ask for all who wait, until it ends. Ending it again does nothing.

    Args:
        flights: that it is one of.
        key: what is asked.
    """

    def __init__(self, flights: Flights[Answer], key: object) -> None:
        self._flights = flights
        self._key = key
        self._is_over = False

    def land(self, answer: Answer) -> None:
        """Give all who wait the answer."""
        if not self._ends():
            self._flights.end(self._key, Landed(answer))

    def part(self) -> None:
        """Send all who wait off to ask for themselves: there is an answer, but it is not for sharing."""
        if not self._ends():
            self._flights.end(self._key, None)

    def close(self) -> None:
        """Hand over to the next: there is no answer."""
        if not self._ends():
            self._flights.hand_over(self._key)

    def _ends(self) -> bool:
        """Return whether it is over already; from now on it is."""
        was_over, self._is_over = self._is_over, True
        return was_over


_Seat: TypeAlias = asyncio.Future[Lease[Answer] | Landed[Answer] | None]
