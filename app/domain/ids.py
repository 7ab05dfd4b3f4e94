"""Ids that sort by time: UUIDv7 (RFC 9562, section 5.7).

Rows with them stand in the order they were made in, so an index grows at its end, and a range of ids is a
range of time. Python has them from 3.14 on only.
"""

import os
import time

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM = (0xFFF << 64) | ((1 << 62) - 1)
"""The bits that are left to chance: 12 before the variant, 62 behind it."""


def uuid7() -> str:
    """Return a new id: milliseconds since 1970, then 74 random bits; lower case with dashes."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    digits = f"{(milliseconds << 80) | _VERSION | _VARIANT | (_spread(random) & _RANDOM):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _spread(random: int) -> int:
    """Return 80 random bits laid around the two that are the variant's."""
    return ((random >> 62) << 64) | (random & ((1 << 62) - 1))
