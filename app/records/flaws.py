"""What is wrong with a record that does not prove what it should."""

from typing import Literal

import msgspec

Kind = Literal["changed", "deleted", "inserted", "reordered", "truncated", "unsigned"]
"""`truncated`: the end of a chain is gone. `unsigned`: a signature is none of the key."""


class Flaw(msgspec.Struct, frozen=True, order=True):
    """One thing that is not as it was written."""

    table: str
    kind: Kind
    what: str
    """Which row: the exchange's id, or the writer and sequence."""
    why: str
    """For a reader."""
