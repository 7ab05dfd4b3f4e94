r"""Replacements: what is written instead of a match, with parts of it where that is asked for.

The references are those of ECMAScript's `replace`, which Portkey's users know: `$1` and `$<name>` for what a
group matched, `$&` for the whole match, `$$` for a dollar sign. RE2's own `\1` would have to be escaped once
more in YAML and JSON.
"""

import re

from guardrails.checks.patterns import Found, Pattern
from guardrails.decoding import ConfigError

_REFERENCE = re.compile(r"\$(?:(\$)|(&)|(\d{1,2})|<([^>]+)>)")


class Replacement:
    """A text with references to the groups of one pattern.

    Args:
        text: as configured.
        pattern: whose groups it names.
        path: where it is configured, for errors.

    Raises:
        ConfigError: the pattern has no such group.
    """

    def __init__(self, text: str, pattern: Pattern, path: str) -> None:
        pieces: list[str | int] = []
        at = 0
        for found in _REFERENCE.finditer(text):
            pieces.append(text[at : found.start()])
            pieces.append("$" if found[1] else _number(found, pattern, path))
            at = found.end()
        self._pieces = (*pieces, text[at:])
        self.quotes = any(isinstance(piece, int) for piece in pieces)
        """Whether it repeats something of what was matched."""

    def of(self, text: str, found: Found) -> str:
        """Return what is written instead of a match in this text; a group that took no part is empty."""
        return "".join(
            piece if isinstance(piece, str) else _group(text, found, piece) for piece in self._pieces
        )


def _number(reference: re.Match[str], pattern: Pattern, path: str) -> int:
    if reference[2]:
        return 0
    number = int(reference[3]) if reference[3] else pattern.names.get(reference[4], -1)
    if not 0 <= number <= pattern.groups:
        raise ConfigError(
            path, f"the pattern has no group {reference[3] or reference[4]}; a dollar sign is written $$"
        )
    return number


def _group(text: str, found: Found, number: int) -> str:
    start, end = found.span(number)
    return text[start:end] if start >= 0 else ""
