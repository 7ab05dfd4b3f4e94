"""How much of an exchange may go on record. The gateway, a key and a caller may each say; the least holds.

    full       documents and texts as they were
    redacted   documents and texts without secrets and personal data
    hashes     salted hashes of the redacted documents, no documents; texts in columns redacted
    none       no documents, no hashes of them; texts in columns redacted

So nobody can raise what another one has lowered: there is no order in which they are asked.
"""

from typing import Literal

Content = Literal["full", "redacted", "hashes", "none"]

_FROM_LEAST: tuple[Content, ...] = ("none", "hashes", "redacted", "full")


def least(*levels: Content) -> Content:
    """Return the level of these that keeps the least."""
    return min(levels, key=_FROM_LEAST.index)


def exceeds(level: Content, other: Content) -> bool:
    """Return whether a level keeps more than another."""
    return least(level, other) != level
