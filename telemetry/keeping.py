"""Which traces are exported at their end although they were left out at their start.

A sampler decides before anything is known, so of one exchange in a hundred that is sampled, one block in a
hundred is. An exchange's notes are all here until it ends: to keep the tree for what matters costs those
notes, no queue and no second service. A collector's tail sampling does the same for many services at once,
and needs every span for it.
"""

from typing import Literal

import msgspec

KeepReason = Literal["blocked", "failed", "slow"]
Ending = Literal["blocked", "failed"]
"""How an exchange ended, where that is worth a trace."""


class Keeping(msgspec.Struct, frozen=True):
    """What is kept; nothing, unless a reason is given."""

    reasons: frozenset[KeepReason] = frozenset()
    slow_ns: int = 0
    """What takes as long is slow."""

    def wants(self, ending: Ending | None, took_ns: int) -> bool:
        """Return whether a trace that ended so is kept."""
        return ending in self.reasons or ("slow" in self.reasons and took_ns >= self.slow_ns)
