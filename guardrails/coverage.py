"""How much of an answer came, was screened and went out."""

import msgspec


class Coverage(msgspec.Struct):
    """Characters (code points) of the original answer: what came, what passed screening, what went out as is.

    released <= screened <= received always holds. Where nothing is enforced, all three are equal.
    """

    received: int = 0
    screened: int = 0
    released: int = 0
