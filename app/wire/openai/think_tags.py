"""Reasoning that stands in an answer's text: `<think>...</think>`, and then what is really said.

Servers of open models that were not told how their model marks its thoughts leave them in the content. Only
tags at the very beginning count: later ones the model may write about. How the text was cut, inside a tag
too, makes no difference.
"""

from typing import Literal

Channel = Literal["reasoning_content", "content"]
_OPEN, _CLOSE = "<think>", "</think>"
_BREAKS = "\r\n"
"""What models put between a tag and a text; part of neither."""


class ThinkSplitter:
    """Splits one running text."""

    def __init__(self) -> None:
        self._state: Literal["start", "opened", "inside", "closed", "through"] = "start"
        self._held = ""

    @property
    def is_through(self) -> bool:
        """Whether all that comes is content."""
        return self._state == "through"

    def feed(self, text: str) -> list[tuple[Channel, str]]:
        """Return the pieces that are certain by now, none of them empty."""
        if self._state == "through":
            return [("content", text)] if text else []
        self._held += text
        pieces: list[tuple[Channel, str]] = []
        if self._state == "start":
            self._open()
        if self._state in {"opened", "inside"}:
            pieces.append(("reasoning_content", self._think()))
        if self._state == "closed":
            self._held = self._held.lstrip(_BREAKS)
            if self._held:
                self._state = "through"
        if self._state == "through":
            pieces.append(("content", self._held))
            self._held = ""
        return [piece for piece in pieces if piece[1]]

    def close(self) -> list[tuple[Channel, str]]:
        """Return what was held back, at the end of the text."""
        channel: Channel = "content" if self._state in {"start", "through"} else "reasoning_content"
        rest, self._held = self._held, ""
        return [(channel, rest)] if rest else []

    def _open(self) -> None:
        """See whether the text begins with the tag; until that is certain nothing is."""
        begun = self._held.lstrip()
        if begun.startswith(_OPEN):
            self._state = "opened"
            self._held = begun[len(_OPEN) :]
        elif not _OPEN.startswith(begun):
            self._state = "through"

    def _think(self) -> str:
        """Return the thoughts that are certain."""
        if self._state == "opened":
            self._held = self._held.lstrip(_BREAKS)
            if not self._held:
                return ""
            self._state = "inside"
        thoughts, closed, rest = self._held.partition(_CLOSE)
        if closed:
            self._state = "closed"
            self._held = rest
            return thoughts
        kept = _overlap(thoughts)
        self._held = thoughts[len(thoughts) - kept :]
        return thoughts[: len(thoughts) - kept]


def _overlap(text: str) -> int:
    """Return how many characters at the end of the text may be the beginning of the closing tag."""
    longest = min(len(text), len(_CLOSE) - 1)
    return next((length for length in range(longest, 0, -1) if _CLOSE.startswith(text[-length:])), 0)
