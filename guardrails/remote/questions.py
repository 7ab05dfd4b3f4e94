"""Questions: how every remote check asks, so that each file of a check is only about what it asks.

In this order: what is remembered is not asked again (`memory.py`); what is being asked at this moment is
waited for (`flights.py`); a service that is away is not asked at all (`breaker.py`); and no more questions
are in flight than it was said to take, of all exchanges together. Whatever goes wrong is raised, and becomes
an error verdict at the edge (`guardrails/asking.py`): nothing here may pass for "nothing found".
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from guardrails.check import Match
from guardrails.remote.breaker import Breaker
from guardrails.remote.flights import Flights
from guardrails.remote.memory import Memory
from guardrails.remote.service import ServiceError, UnsoundAnswer
from guardrails.remote.settings import RemoteSettings

_HANGS = 0.9
"""A question that nobody waits for any more, after this fraction of its time, counts as one without an
answer: who asked had the same time, and it began a little earlier. One that is given up sooner, because some
other check has blocked, says nothing."""


class Questions:
    """Asks for one check.

    Args:
        settings: of the check.
        key: secret of what is remembered (`Services.key`).
        clock: seconds that only grow.
    """

    def __init__(
        self, settings: RemoteSettings, key: bytes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._timeout_s = settings.timeout_ms / 1_000
        self._concurrency = settings.concurrency
        self._clock = clock
        self._memory = Memory(key, settings.cache_ttl_s, settings.cache_entries, clock)
        self._breaker = Breaker(settings.breaker, clock)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flights: Flights[tuple[Match, ...]] = Flights()
        self._slots = asyncio.Semaphore(self._concurrency)

    async def answer(
        self, question: Sequence[str], ask: Callable[[], Awaitable[Sequence[Match]]]
    ) -> Sequence[Match]:
        """Return the answer to a question.

        Args:
            question: everything that the answer depends on beside the check's configuration: the text, and
                what else of the passage is sent. Two passages that differ in what is sent must differ here.
            ask: asks the service.

        Raises:
            CircuitOpen: it is not asked for now.
            TimeoutError: it did not answer in time.
            Exception: whatever asking raised.
        """
        name = self._memory.name(question)
        known = self._memory.recall(name)
        if known is not None:
            return known
        self._settle_in()
        return await self._flights.join(name, lambda: self._asked(name, ask))

    async def _asked(self, name: bytes, ask: Callable[[], Awaitable[Sequence[Match]]]) -> tuple[Match, ...]:
        self._breaker.require_closed()
        async with self._slots:
            self._breaker.admit()
            answer = await self._answered(ask)
        self._memory.keep(name, answer)
        return answer

    async def _answered(self, ask: Callable[[], Awaitable[Sequence[Match]]]) -> tuple[Match, ...]:
        """Ask, and tell the breaker what became of it."""
        begun_s = self._clock()
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = _sound(await ask())
        except asyncio.CancelledError:
            hung = self._clock() - begun_s >= _HANGS * self._timeout_s
            (self._breaker.failed if hung else self._breaker.given_up)()
            raise
        except TimeoutError:
            self._breaker.failed()
            raise
        except ServiceError as error:
            (self._breaker.failed if error.is_outage else self._breaker.answered)()
            raise
        except Exception:
            self._breaker.given_up()  # our own mistake tells nothing of the service
            raise
        self._breaker.answered()
        return answer

    def _settle_in(self) -> None:
        """Forget what belongs to another event loop: tests and scripts have several, one after the other."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self._flights = Flights()
            self._slots = asyncio.Semaphore(self._concurrency)


def _sound(answer: object) -> tuple[Match, ...]:
    if not isinstance(answer, Sequence) or not all(isinstance(match, Match) for match in answer):
        raise UnsoundAnswer("no sequence of matches")
    return tuple(answer)
