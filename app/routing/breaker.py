"""Circuit breakers: a target that fails too often is left alone for a while.

As Portkey describes its hosted one (docs, 2026-08): counts open it, time closes it and forgets the counts;
there is no half-open state. Two things it leaves unsaid are decided here. A threshold is met when it is
reached, since 100 % cannot be exceeded. Failures are forgotten one cooldown after the first of them, lest
five in a month open it.

One process remembers in memory, which is also what plans are made with: asking must cost nothing. Replicas
that share what they know do so beside it (`app/routing/replicas.py`), through `SharedBreakers`.
"""

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from app.routing.config import Breaker

MAX_KEYS = 10_000
"""Circuits remembered before those that have nothing to say are forgotten, and then the oldest: configs come
from callers, so there must be a bound."""
_DEFAULT_ABOVE = 500


Tried = tuple[str, Breaker, bool]
"""An attempt: at which circuit, by what it is opened, whether it failed."""


class Breakers(Protocol):
    """What routing asks of circuits. All answers are immediate."""

    def has_open(self) -> bool:
        """Return whether any may be open. No is certain."""

    def is_open(self, key: str) -> bool:
        """Return whether this target is to be left alone."""

    def record(self, key: str, breaker: Breaker, *, failed: bool) -> bool:
        """Count an attempt, and return whether it opened the circuit."""

    @property
    def opened_total(self) -> int:
        """How often an attempt of this process opened one."""

    def open_count(self) -> int:
        """Return how many are open. By any thread."""

    def following(self) -> AbstractAsyncContextManager[None]:
        """Stay in touch meanwhile with whoever else knows of them."""


class Away(Exception):
    """What replicas share cannot be reached now; it says in one word why."""


class SharedBreakers(Protocol):
    """What replicas know together. It may be away."""

    def name(self, key: str) -> str:
        """Return what a circuit is called there."""

    async def record(self, attempts: Sequence[Tried]) -> list[float | None]:
        """Count attempts among those of all replicas; return for how many seconds each circuit is open now.

        The counts live for `cooldown_s` from the first; None: it is closed.

        Raises:
            Away: perhaps they have been counted.
        """

    async def opened(self) -> dict[str, float]:
        """Return the circuits that are open, by name, with the seconds that they still are.

        Raises:
            Away: nobody knows.
        """

    async def close(self) -> None:
        """Let go of what it holds."""


class _Circuit(msgspec.Struct):
    requests: int = 0
    failures: int = 0
    counted_until_s: float = float("-inf")
    open_until_s: float = float("-inf")


class MemoryBreakers:
    """The circuits of this process.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._circuits: dict[str, _Circuit] = {}
        self.opened_total = 0
        self._last_until_s = float("-inf")
        """When the last one that is open closes."""

    def has_open(self) -> bool:
        """See `Breakers`."""
        return self._clock() < self._last_until_s

    def is_open(self, key: str) -> bool:
        """Return whether this target is to be left alone."""
        circuit = self._circuits.get(key)
        return circuit is not None and self._clock() < circuit.open_until_s

    def record(self, key: str, breaker: Breaker, *, failed: bool) -> bool:
        """Count an attempt, and return whether it opened the circuit.

        What comes back while a circuit is open was sent before it opened, or because all were open; it is
        not counted.
        """
        now_s = self._clock()
        circuit = self._circuits.get(key)
        if circuit is None:
            circuit = self._made(key, now_s)
        if now_s < circuit.open_until_s:
            return False
        if now_s >= circuit.counted_until_s:
            circuit.requests = circuit.failures = 0
            circuit.counted_until_s = now_s + breaker.cooldown_s
        circuit.requests += 1
        circuit.failures += failed
        if not (failed and _is_met(breaker, circuit.requests, circuit.failures)):
            return False
        circuit.open_until_s = (
            now_s + breaker.cooldown_s
        )  # not before `counted_until_s`: then all is forgotten
        self._last_until_s = max(self._last_until_s, circuit.open_until_s)
        self.opened_total += 1
        return True

    def open_count(self) -> int:
        """See `Breakers`."""
        now_s = self._clock()
        return sum(now_s < circuit.open_until_s for circuit in list(self._circuits.values()))

    def adopt(self, key: str, seconds: float) -> None:
        """Open a circuit for as long as another replica says."""
        now_s = self._clock()
        circuit = self._circuits.get(key) or self._made(key, now_s)
        circuit.open_until_s = max(circuit.open_until_s, now_s + seconds)
        self._last_until_s = max(self._last_until_s, circuit.open_until_s)

    def following(self) -> AbstractAsyncContextManager[None]:
        """See `Breakers`. Nobody else does."""
        return contextlib.nullcontext()

    def _made(self, key: str, now_s: float) -> _Circuit:
        if len(self._circuits) >= MAX_KEYS:
            self._circuits = {
                name: one
                for name, one in self._circuits.items()
                if now_s < max(one.open_until_s, one.counted_until_s)
            }
            while len(self._circuits) > MAX_KEYS // 2:
                del self._circuits[next(iter(self._circuits))]
        circuit = self._circuits[key] = _Circuit()
        return circuit


def is_failure(breaker: Breaker, status: int) -> bool:
    """Return whether an attempt that ended in this status counts as a failure."""
    codes = breaker.failure_status_codes
    return status in codes if codes is not None else status > _DEFAULT_ABOVE


def _is_met(breaker: Breaker, requests: int, failures: int) -> bool:
    if breaker.failure_threshold is not None and failures >= breaker.failure_threshold:
        return True
    if breaker.failure_percentage is None or requests < breaker.minimum_requests:
        return False
    return failures * 100 >= breaker.failure_percentage * requests
