"""The pace: lets the event loop run between small pieces of work that together are long.

A long text goes to a thread (`guardrails/panel.py`), but a request may also be thousands of short ones. A
thread for each would cost more than the scans; all of them in one thread would take their order of asking and
its timeouts with it. So they are worked off on the loop, which gets a turn every now and then.
"""

import asyncio
import time

CHARACTERS_A_TURN = 8192
"""After how much text others get a turn. Where every word is a finding a scan costs 1 to 2 us a character
(measured with all of `pii` and `secrets`, 2026), so the loop is held for 8 to 16 ms."""

_CHARACTERS_A_PART = 64
"""What a text costs by being one, however short: some microseconds of asking."""


class Pace:
    """Counts the work done since others last had a turn. One per task."""

    __slots__ = ("_done", "waited_ns")

    def __init__(self) -> None:
        self._done = 0
        self.waited_ns = 0
        """Time that went to others."""

    async def keep(self, length: int) -> None:
        """Note that a text of so many code points was worked on; let the loop run if it is time."""
        self._done += length + _CHARACTERS_A_PART
        if self._done >= CHARACTERS_A_TURN:
            self._done = 0
            begun = time.perf_counter_ns()
            await asyncio.sleep(0)
            self.waited_ns += time.perf_counter_ns() - begun
