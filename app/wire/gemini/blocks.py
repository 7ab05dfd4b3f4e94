"""What Gemini says as `content_blocks`; what these are is said in `app/wire/entries.py`.

Gemini does not say where a text ends: it ends where something else begins, or the answer ends.
"""

from typing import Any

from app.domain.events import Extra
from app.wire.entries import CONTENT_BLOCKS, Entries


class ContentBlocks:
    """The blocks of one choice.

    Args:
        entries: of its lists.
    """

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._kind = ""
        self._texts: list[str] = []
        """Of the text or thought that goes on."""

    def text(self, kind: str, text: str) -> list[Extra]:
        """Take a piece of a text; return the block that it ends, if it ends one.

        Args:
            kind: `thinking` or `text`.
            text: the piece.
        """
        ended = self.end() if kind != self._kind else []
        self._kind = kind
        self._texts.append(text)
        return ended

    def image(self, data: dict[str, Any]) -> list[Extra]:
        """Take an image (`inlineData`); return the blocks that have ended."""
        source = {"type": "base64", "media_type": data["mimeType"], "data": data.get("data") or ""}
        return [*self.end(), self._extra({"type": "image", "source": source})]

    def other(self, part: dict[str, Any]) -> list[Extra]:
        """Take a part of Google's own (`executableCode`, ...), by its one key; return what has ended."""
        return [*self.end(), *(self._extra({"type": key, key: value}) for key, value in part.items())]

    def end(self) -> list[Extra]:
        """End the text that goes on, if one does."""
        if not self._texts:
            return []
        kind, text = self._kind, "".join(self._texts)
        self._texts.clear()
        return [self._extra({"type": kind, kind: text})]

    def _extra(self, block: dict[str, Any]) -> Extra:
        return self._entries.next({CONTENT_BLOCKS: [block]})
