"""Patterns of names: `gpt-4*`, `@openai/*`, `mcp_*_read`. `*` stands for any characters, none included.

Upper and lower case are the same: some services take a name in any case, and a list that forbids one must not
be passed by spelling it otherwise.
"""

from collections.abc import Sequence

from guardrails.asking import scannable
from guardrails.checks.patterns import compiled

_SPECIAL = frozenset(r"\.+?()[]{}|^$")


class Names:
    """A list of patterns. Equal lists are equal.

    Args:
        patterns: none for a list that matches nothing.
    """

    __slots__ = ("_compiled", "patterns")

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = tuple(patterns)
        joined = "|".join(_translated(pattern) for pattern in self.patterns)
        self._compiled = compiled(f"(?is)(?:{joined})") if self.patterns else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Names) and other.patterns == self.patterns

    def __hash__(self) -> int:
        return hash(self.patterns)

    def match(self, name: str) -> bool:
        """Return whether a name is on the list."""
        return self._compiled is not None and self._compiled.fullmatch(scannable(name)) is not None


def _translated(pattern: str) -> str:
    return "".join(
        ".*" if character == "*" else f"\\{character}" if character in _SPECIAL else character
        for character in pattern
    )
