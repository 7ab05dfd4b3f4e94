"""Ids of tool calls for providers that are particular about them.

Callers send back the ids they were given, perhaps by another provider, in calls and in results alike. The
same id must become the same one wherever and whenever it comes, so it is made from the old one alone.
"""

import hashlib
import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class ToolIdWriter:
    """Writes ids as one provider wants them.

    Args:
        pattern: regular expression that a whole id must match.
        length: of an id that is made, in letters and digits; such an id must match the pattern.
    """

    def __init__(self, pattern: str, length: int) -> None:
        self._pattern = re.compile(pattern)
        self._length = length

    def write(self, call_id: str) -> str:
        """Return the id itself if it will do, else one that is made from it."""
        if self._pattern.fullmatch(call_id):
            return call_id
        number = int.from_bytes(hashlib.blake2b(call_id.encode("utf-8", "replace")).digest(), "big")
        digits = []
        for _ in range(self._length):
            number, digit = divmod(number, len(_ALPHABET))
            digits.append(_ALPHABET[digit])
        return "".join(digits)
