"""Placeholders in a text that is JSON: one that took a bare number's place is no JSON until it is quoted.

`{"card": [CARD]}` becomes `{"card": "[CARD]"}`. Outside of a JSON string no such word in brackets can stand,
so what is valid stays as it is.
"""

import json
import re

_STEP = re.compile(r'"|\\.|\[[A-Z][A-Z0-9_]*\]', re.DOTALL)


class Quoter:
    """Quotes placeholders in one text, as it comes. A placeholder comes in one piece."""

    __slots__ = ("_is_escaped", "_is_inside")

    def __init__(self) -> None:
        self._is_inside = False
        self._is_escaped = False
        """Whether the text so far ends inside of an escape."""

    def feed(self, text: str) -> str:
        """Return the next piece with its placeholders quoted."""
        start = 1 if self._is_escaped and text else 0
        if text:
            self._is_escaped = False
        head, rest = text[:start], text[start:]
        quoted = _STEP.sub(self._step, rest)
        backslashes = len(rest) - len(rest.rstrip("\\"))
        self._is_escaped = self._is_escaped or (self._is_inside and backslashes % 2 == 1)
        return head + quoted

    def _step(self, found: re.Match[str]) -> str:
        step = found[0]
        if step == '"':
            self._is_inside = not self._is_inside
        return f'"{step}"' if step[0] == "[" and not self._is_inside else step


def quoted(text: str, original: str) -> str:
    """Return a redacted text with its placeholders quoted, where the original was JSON and it is none."""
    if original.lstrip()[:1] not in {"{", "["} or _is_json(text) or not _is_json(original):
        return text
    again = Quoter().feed(text)
    return again if _is_json(again) else text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
