"""The breaker: a service that fails again and again is left alone for a while.

Closed, it lets every question through; after so many failures one behind the other it is open, and questions
fail at once, which the guardrail's `on_error` decides about. When its time is over one question goes through:
if it is answered the breaker is closed, if it fails it is open once more. Meanwhile the others still fail.

What counts is that a service is away (`ServiceError.is_outage`, or no answer in time). An answer that is
refused or unsound shows that it is not, and costs nobody time; and whoever could cause such errors by what he
writes could otherwise open the breaker, and so decide about the texts of others.
"""

from collections.abc import Callable

from guardrails.remote.service import CircuitOpen
from guardrails.remote.settings import BreakerSettings


class Breaker:
    """The breaker of one check.

    Args:
        settings: None: it never opens.
        clock: seconds that only grow.
    """

    __slots__ = ("_clock", "_failed", "_open_until_s", "_settings", "_trying")

    def __init__(self, settings: BreakerSettings | None, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._failed = 0
        self._open_until_s: float | None = None
        self._trying = False

    def require_closed(self) -> None:
        """Return if a question may be asked now.

        Raises:
            CircuitOpen: it may not.
        """
        if self._open_until_s is not None and (self._trying or self._clock() < self._open_until_s):
            raise CircuitOpen("it has failed too often just now")

    def admit(self) -> None:
        """Note that a question is asked; tell it by one of the others what became of it.

        Raises:
            CircuitOpen: it must not be asked; there is nothing to tell.
        """
        self.require_closed()
        self._trying = self._open_until_s is not None

    def answered(self) -> None:
        """Note that the service is there, whatever it said."""
        self._failed = 0
        self._open_until_s = None
        self._trying = False

    def failed(self) -> None:
        """Note that the service is away."""
        if self._settings is None:
            return
        self._failed += 1
        if self._trying or self._failed >= self._settings.failures:
            self._open_until_s = self._clock() + self._settings.open_s
        self._trying = False

    def given_up(self) -> None:
        """Note that nobody waited for the answer: the next question tells."""
        self._trying = False
