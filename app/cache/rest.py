"""When to leave a service alone: after `FAILURES` in a row, for `REST_S`.

One that hangs would make every exchange wait for it. Its counterpart for providers is
`app/routing/breaker.py`, which is configured, counts by status and may be shared; this one only keeps what
the cache asks out of the way.
"""

from collections.abc import Callable

FAILURES = 3
REST_S = 10.0


class Rest:
    """Whether one service rests.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._until_s = float("-inf")

    @property
    def lasts(self) -> bool:
        """Whether the service is to be left alone now."""
        return self._clock() < self._until_s

    def note_failure(self) -> bool:
        """Count a failure; return whether it is the one by which the service counts as away."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._until_s = self._clock() + REST_S
        return self._failures == FAILURES

    def note_success(self) -> bool:
        """Forget the failures; return whether the service had counted as away."""
        was_away = self._failures >= FAILURES
        self._failures = 0
        return was_away
