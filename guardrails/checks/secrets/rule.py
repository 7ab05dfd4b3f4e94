"""The shape of a rule: one kind of credential and how it is told."""

import math
from collections import Counter
from collections.abc import Callable

import msgspec


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of credential."""

    name: str
    """The rule of its matches."""
    pattern: str
    """In RE2. The credential is group 1 if there is one, else all of it. It contains a break only where
    `open_tail` says."""
    trigger: str
    """An RE2 pattern that matches wherever `pattern` does, and is small: the triggers of all checks run as
    one set."""
    source: str
    """Where its form is described."""
    accepts: Callable[[str], bool] | None = None
    """Whether what the pattern took is a credential indeed."""
    open_tail: str = ""
    """An RE2 pattern of the last characters of a text behind whose last break a match may go on; empty for
    never.

    It matches at most `MAX_OPEN_TAIL` characters, the last of which is a break.
    """
    generic: bool = False
    """Whether it tells by the words around a value: a rule that knows the value's own form goes first."""


MAX_OPEN_TAIL = 96
"""In characters, see `Rule.open_tail` and `maintained.OPEN_TAIL`."""


def entropy(value: str) -> float:
    """Return the Shannon entropy of the value's characters, in bits a character."""
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
