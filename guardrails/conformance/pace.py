"""How long a check may take: linear time, on any text.

The time measured is that of the calling process, so a busy machine does not matter; the limit is far above
what a linear check takes and far below what a quadratic one does.
"""

import time

from guardrails.check import Check, Run

CHARACTERS = 100_000
LIMIT_S = 2.0


def assert_quick(check: Check, *units: str, characters: int = CHARACTERS, limit_s: float = LIMIT_S) -> None:
    """Ask a check about long texts, each of one unit over and over.

    Args:
        check: asked for what it finds, and whether a match is open.
        units: what it looks for, beginnings of that, and whatever else may keep it busy.
        characters: length of each text.
        limit_s: for each text, in seconds of CPU.

    Raises:
        AssertionError: it took longer; the message names the unit.
    """
    for unit in units:
        text = unit * (characters // len(unit))
        began_s = time.process_time()
        check.find(Run(text))
        check.is_open(text + " ", 0)
        took_s = time.process_time() - began_s
        assert took_s < limit_s, f"{characters:,} characters of {unit!r} took {took_s:.1f} s"
