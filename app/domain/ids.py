"""Ids that sort by time: UUIDv7 (RFC 9562, section 5.7).

Rows with them stand in the order they were made in, so an index grows at its end, and a range of ids is a
range of time. Python has them from 3.14 on only.
"""

import time
from collections.abc import Callable

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def uuid7(random_bits: Callable[[int], int]) -> str:
    """Return a new id: milliseconds since 1970, then 74 random bits; lower case with dashes.

    Args:
        random_bits: makes so many of them: `random.Random().getrandbits`, which is seeded by the operating
            system and costs a hundredth of asking it each time. The ids are unique, not secret.
    """
    milliseconds = time.time_ns() // 1_000_000
    chance = (random_bits(12) << 64) | random_bits(62)
    digits = f"{(milliseconds << 80) | _VERSION | _VARIANT | chance:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
