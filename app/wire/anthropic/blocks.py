"""Parts of messages as Anthropic's content blocks, and the marks of its prompt cache on them.

What the vendor refuses anyway is refused here, by the path the caller knows: other images than JPEG, PNG, GIF
and WebP, other documents than PDF and plain text, sound (anthropic SDK 2.12, `ContentBlockParam` and its
sources; 2026-11). A text of white space alone is no block: "text content blocks must contain non-whitespace
text".
"""

import base64
import binascii
from typing import Any

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.conversation import FilePart, ImagePart, OtherPart, Part, TextPart
from app.wire.params import Params, unsupported

_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_WEB = ("https://", "http://")
_NATIVE = frozenset({"image", "document", "search_result"})
"""Blocks of the vendor's own that a user's turn may hold as they are."""
_MAX_MARKS = 4
"""Cache breakpoints a request may have (docs.claude.com, "Prompt caching", 2026-11)."""


class BlockWriter:
    """Writes the blocks of one request.

    Args:
        target: whom they are for, for messages.
        abilities: of the model.
        fetches: whether the host loads media from URLs and knows uploaded files.
    """

    def __init__(self, target: str, abilities: Abilities, *, fetches: bool) -> None:
        self._target = target
        self._abilities = abilities
        self._fetches = fetches
        self.marked: list[dict[str, Any]] = []
        """Blocks with a mark, in the order of the request."""

    def user(self, parts: tuple[Part, ...]) -> list[dict[str, Any]]:
        """Return the blocks of what a user or a tool says."""
        blocks: list[dict[str, Any]] = []
        for part in parts:
            match part:
                case TextPart():
                    if not part.text.isspace():
                        blocks.append(self.mark({"type": "text", "text": part.text}, part.cache))
                case ImagePart():
                    blocks.append(self.mark(self._image(part), part.cache))
                case FilePart():
                    blocks.append(self.mark(self._document(part), part.cache))
                case OtherPart() if part.type in _NATIVE:
                    blocks.append(self._native(part))
                case _:
                    raise unsupported(part.path, self._target)
        return blocks

    def assistant(self, parts: tuple[Part, ...]) -> list[dict[str, Any]]:
        """Return the blocks of what the model said, which is text."""
        for part in parts:
            if not isinstance(part, TextPart):
                raise unsupported(part.path, self._target, "Its own turns hold text alone.")
        return self.user(parts)

    def texts(self, parts: tuple[TextPart, ...]) -> list[dict[str, Any]]:
        """Return the blocks of texts, those of white space alone left out."""
        return [
            self.mark({"type": "text", "text": part.text}, part.cache)
            for part in parts
            if not part.text.isspace()
        ]

    def mark(self, block: dict[str, Any], cache: dict[str, Any] | None) -> dict[str, Any]:
        """Return the block with its mark for the prompt cache, as the caller gave it."""
        if cache is not None:
            block["cache_control"] = cache
            self.marked.append(block)
        return block

    def _image(self, part: ImagePart) -> dict[str, Any]:
        if not self._abilities.vision:
            raise unsupported(part.path, self._target, "It sees no images.")
        place = f"{part.path}.image_url.url"
        if part.url is not None:
            return {"type": "image", "source": self._by_url(part.url, place)}
        return self._inline_image(part.media_type, part.base64, place)

    @staticmethod
    def _inline_image(media_type: str, data: str, place: str) -> dict[str, Any]:
        if media_type not in _IMAGES:
            raise InvalidRequest(f"`{place}` must be a JPEG, PNG, GIF or WebP image.", param=place)
        return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}

    def _document(self, part: FilePart) -> dict[str, Any]:
        place = f"{part.path}.file"
        if part.media_type.startswith("image/"):
            if not self._abilities.vision:
                raise unsupported(part.path, self._target, "It sees no images.")
            return self._inline_image(part.media_type, part.base64, f"{place}.file_data")
        if not self._abilities.documents:
            raise unsupported(part.path, self._target, "It reads no documents.")
        block: dict[str, Any] = {"type": "document", "source": self._document_source(part, place)}
        if part.filename:
            block["title"] = part.filename
        return block

    def _document_source(self, part: FilePart, place: str) -> dict[str, Any]:
        if part.url is not None:
            return self._by_url(part.url, f"{place}.file_data")
        if part.file_id is not None:
            if not self._fetches:
                raise unsupported(f"{place}.file_id", self._target, "It knows no uploaded files.")
            return {"type": "file", "file_id": part.file_id}
        if part.media_type == "application/pdf":
            return {"type": "base64", "media_type": part.media_type, "data": part.base64}
        if part.media_type.startswith("text/"):
            return {"type": "text", "media_type": "text/plain", "data": _text(part.base64, place)}
        raise InvalidRequest(f"`{place}.file_data` must be a PDF or a text.", param=f"{place}.file_data")

    def _by_url(self, url: str, place: str) -> dict[str, Any]:
        if not url.lower().startswith(_WEB):
            raise InvalidRequest(f"`{place}` must be a data: URL or one of the web.", param=place)
        if not self._fetches:
            raise InvalidRequest(f"`{place}` must be a data: URL: {self._target} loads none.", param=place)
        return {"type": "url", "url": url}

    def _native(self, part: OtherPart) -> dict[str, Any]:
        able = self._abilities.vision if part.type == "image" else self._abilities.documents
        if not able:
            raise unsupported(part.path, self._target)
        cache = part.fields.get("cache_control")
        block = {key: value for key, value in part.fields.items() if key != "cache_control"}
        return self.mark(block, cache if isinstance(cache, dict) else None)


def keep_last_marks(marked: list[dict[str, Any]], params: Params, *, others: int = 0) -> None:
    """Take the mark from all blocks but as many of the last as the vendor allows.

    The last ones stand for the longest prefixes, and those are what caching is for.

    Args:
        marked: blocks with a mark, in the order in which the vendor reads: tools, system, messages.
        params: hears of what was left out.
        others: marks elsewhere in the request.
    """
    excess = len(marked) + others - _MAX_MARKS
    for block in marked[: max(excess, 0)]:
        params.lose("message.cache_control", block.pop("cache_control"), "It takes four of them.")


def _text(data: str, place: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidRequest(
            f"`{place}.file_data` must be text in UTF-8.", param=f"{place}.file_data"
        ) from None
