"""Portkey's `content_blocks`: thoughts, texts and images once more, for callers that do without strictness.

In a stream each piece is `{"index", "delta": {"thinking" or "text"}}`, in a whole answer the blocks stand
together as `{"type", "thinking" or "text" or "image_url"}` (@portkey-ai/gateway, 2026-05, its provider
`google`).
"""

from typing import Any

from app.domain.events import Extra

_KEY = "content_blocks"


class ContentBlocks:
    """The blocks of one choice.

    Args:
        choice: its index.
        stream: whether the caller reads a stream.
    """

    def __init__(self, choice: int, *, stream: bool) -> None:
        self._choice = choice
        self._stream = stream
        self._kinds: list[str] = []
        self._blocks: list[list[Any]] = []

    def text(self, kind: str, text: str) -> list[Extra]:
        """Take a piece of a text; return what is to be said at once.

        Args:
            kind: `thinking` or `text`.
            text: the piece.
        """
        if not self._kinds or self._kinds[-1] != kind:
            self._kinds.append(kind)
            self._blocks.append([])
        if self._stream:
            return [self._extra({"index": len(self._kinds) - 1, "delta": {kind: text}})]
        self._blocks[-1].append(text)
        return []

    def image(self, url: str) -> list[Extra]:
        """Take an image; return what is to be said at once."""
        self._kinds.append("image_url")
        self._blocks.append([{"url": url}])
        if self._stream:
            delta = {"type": "image_url", "image_url": {"url": url}}
            return [self._extra({"index": len(self._kinds) - 1, "delta": delta})]
        return []

    def end(self) -> dict[str, Any]:
        """Return what is to be said at the end, as fields of the message."""
        if self._stream or not self._kinds:
            return {}
        return {
            _KEY: [
                {"type": kind, kind: pieces[0] if kind == "image_url" else "".join(pieces)}
                for kind, pieces in zip(self._kinds, self._blocks, strict=True)
            ]
        }

    def _extra(self, block: dict[str, Any]) -> Extra:
        return Extra(self._choice, {_KEY: [block]})
