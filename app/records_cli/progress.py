"""A line on standard error that says how far long work is, if anybody looks.

Thirty lines of our own: a library for this (rich, tqdm) would be a dependency for one line of text.
"""

import time
from collections.abc import Callable
from typing import TextIO

_EVERY_S = 0.1
_WIDTH = 24


class Progress:
    """The line.

    Args:
        stream: where to; nothing is shown unless it is a terminal.
        what: is counted: `exchanges`.
        total: how many there will be; None: nobody knows.
        clock: in seconds.
    """

    def __init__(
        self,
        stream: TextIO,
        what: str,
        total: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._what = what
        self._total = total
        self._clock = clock
        self._is_shown = stream.isatty()
        self._started = clock()
        self._said = float("-inf")
        self._done = 0

    def tell(self, done: int) -> None:
        """Say how many are done, if it was not said just before."""
        self._done = done
        if self._is_shown and self._clock() - self._said >= _EVERY_S:
            self._said = self._clock()
            self._stream.write(f"\r{self._line()}\x1b[K")
            self._stream.flush()

    def end(self) -> None:
        """Say the last word and end the line."""
        if self._is_shown:
            self._stream.write(f"\r{self._line()}\x1b[K\n")
            self._stream.flush()

    def _line(self) -> str:
        per_s = self._done / max(self._clock() - self._started, 1e-9)
        if not self._total:
            return f"{self._done:,} {self._what}, {per_s:,.0f}/s"
        share = min(1.0, self._done / self._total)
        bar = ("█" * round(share * _WIDTH)).ljust(_WIDTH, "░")
        left_s = (self._total - self._done) / per_s if per_s else 0.0
        counted = f"{self._done:,} of {self._total:,} {self._what}"
        return f"{bar} {share:4.0%}  {counted}, {per_s:,.0f}/s, {max(0.0, left_s):,.0f} s left"
