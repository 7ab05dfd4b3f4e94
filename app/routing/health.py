"""How targets have been doing: what plans ask (`Health`), and one that remembers it in memory.

Circuits belong to a target of a config of whoever uses it, so that no caller opens one for another; latencies
belong to a provider and model, whichever config they stand in.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from app.routing.breaker import Breakers, is_failure
from app.routing.outcome import Outcome
from app.routing.tree import Leaf

_SHARE = 0.3
"""Weight of the newest latency in the moving average: about the last six count."""
_KEPT_S = 60.0
"""After which a latency is no longer known, so that a target which was slow gets another chance."""
_MAX_KEYS = 10_000


class Health(Protocol):
    """What a plan asks about targets. All answers are immediate."""

    def has_open(self) -> bool:
        """Return whether any circuit may be open: most of the time none is, and no target is asked about."""

    def is_open(self, leaf: Leaf) -> bool:
        """Return whether its circuit is open. Asked only of targets that have a breaker."""

    def latency_s(self, leaf: Leaf) -> float | None:
        """Return about how long it lately took to begin an answer, None if that is not known."""


class _Average(msgspec.Struct):
    seconds: float
    until_s: float


class MemoryHealth:
    """The health of targets for one scope, a view of what the process remembers.

    Args:
        breakers: of the process.
        latencies: of the process.
        scope: whose config it is, and which: circuits of other scopes are others.
    """

    __slots__ = ("_breakers", "_latencies", "_scope", "has_open")

    def __init__(self, breakers: Breakers, latencies: "Latencies", scope: str) -> None:
        self._breakers = breakers
        self._latencies = latencies
        self._scope = scope
        self.has_open = breakers.has_open
        """See `Health`."""

    def key(self, leaf: Leaf) -> str:
        """Return the name of its circuit."""
        return f"{self._scope}\n{leaf.path}"

    def is_open(self, leaf: Leaf) -> bool:
        """See `Health`."""
        return self._breakers.is_open(self.key(leaf))

    def latency_s(self, leaf: Leaf) -> float | None:
        """See `Health`."""
        return self._latencies.seconds(leaf)

    def record(self, leaf: Leaf, outcome: Outcome, seconds: float | None) -> bool:
        """Take note of an attempt, and return whether it opened the circuit.

        Args:
            leaf: what was tried.
            outcome: what became of it.
            seconds: until the answer began; None if it never did. Only of answers that went well: a target
                that fails at once is not a fast one.
        """
        if seconds is not None and outcome.ok:
            self._latencies.record(leaf, seconds)
        if leaf.breaker is None or outcome.is_unsupported or outcome.denied_at is not None:
            return False
        failed = is_failure(leaf.breaker, outcome.status)
        return self._breakers.record(self.key(leaf), leaf.breaker, failed=failed)


class Latencies:
    """Moving averages by provider and model.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._averages: dict[tuple[str | None, str | None], _Average] = {}

    def seconds(self, leaf: Leaf) -> float | None:
        """Return the average, None if there is none that is fresh."""
        average = self._averages.get(_key(leaf))
        return average.seconds if average is not None and self._clock() < average.until_s else None

    def record(self, leaf: Leaf, seconds: float) -> None:
        """Add one."""
        key, now_s = _key(leaf), self._clock()
        average = self._averages.get(key)
        if average is not None and now_s < average.until_s:
            average.seconds += _SHARE * (seconds - average.seconds)
            average.until_s = now_s + _KEPT_S
            return
        if average is None and len(self._averages) >= _MAX_KEYS:
            self._averages.clear()
        self._averages[key] = _Average(seconds, now_s + _KEPT_S)


def _key(leaf: Leaf) -> tuple[str | None, str | None]:
    return (None if leaf.provider is None else leaf.provider.name, leaf.model)
