"""Parts of messages as Converse's content blocks: texts, images, documents, sound, and marks for its cache.

Limits are those of the service model of bedrock-runtime (2023-09-30, botocore 1.44) and of its documentation
(`Message`, `DocumentBlock`).
"""

import re
from typing import Any

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.domain.unique_names import UniqueNames
from app.wire.conversation import AudioPart, FilePart, ImagePart, Part, TextPart
from app.wire.params import unsupported

Block = dict[str, Any]
FILLER = "."
"""Stands where Converse wants a text and there is none: it says nothing, unlike any word."""
_IMAGE_FORMATS = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
}
_DOCUMENT_FORMATS = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
}
_EXTENSIONS = {"jpg": "jpeg", "htm": "html", "markdown": "md"}
_AUDIO_FORMATS = frozenset(
    "mp3 opus wav aac flac mp4 ogg mkv mka x-aac m4a mpeg mpga pcm webm".split(),
)
_MAX_NAME = 200
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9()\[\]-]+")
_S3 = re.compile(r"s3://[a-z0-9][.a-z0-9-]{1,61}[a-z0-9](/.*)?")
_MAX_S3 = 1024
_TTLS = ("5m", "1h")


class ContentWriter:
    """Writes the parts of one conversation.

    Args:
        abilities: of the model.
        target: names it, for messages.
    """

    def __init__(self, abilities: Abilities, target: str) -> None:
        self._abilities = abilities
        self._target = target
        self._names = UniqueNames(" ")
        """Of documents: no two may have the same."""

    def blocks(self, parts: tuple[Part, ...], *, texts_only: bool = False) -> list[Block]:
        """Return the parts as blocks, each mark for the cache behind its part; blank texts are left out.

        Args:
            parts: what is said.
            texts_only: whether nothing but text may stand here.

        Raises:
            InvalidRequest: something in it cannot be said.
        """
        blocks: list[Block] = []
        for part in parts:
            if isinstance(part, TextPart):
                if part.text.isspace():
                    continue
                blocks.append({"text": part.text})
            elif texts_only:
                raise unsupported(part.path, self._target, "Only a user's turn may hold media.")
            else:
                blocks.append(self._media(part))
            mark = cache_point(getattr(part, "cache", None))
            if mark is not None:
                blocks.append(mark)
        return blocks

    def _media(self, part: Part) -> Block:
        match part:
            case ImagePart() if self._abilities.vision:
                return {"image": self._image(part)}
            case FilePart() if self._abilities.documents:
                return {"document": self._document(part)}
            case AudioPart() if self._abilities.audio and part.format in _AUDIO_FORMATS and part.base64:
                return {"audio": {"format": part.format, "source": {"bytes": part.base64}}}
            case _:
                raise unsupported(part.path, self._target, "The model takes no such part.")

    def _image(self, part: ImagePart) -> Block:
        place = f"{part.path}.image_url.url"
        if part.url is not None:
            kind = _by_extension(part.url) or "png"
            return {"format": _known(kind, _IMAGE_FORMATS, place), "source": _by_url(part.url, place)}
        kind = _IMAGE_FORMATS.get(part.media_type, "")
        return {"format": _known(kind, _IMAGE_FORMATS, place), "source": _by_bytes(part.base64, place)}

    def _document(self, part: FilePart) -> Block:
        place = f"{part.path}.file"
        kind = _DOCUMENT_FORMATS.get(part.media_type) or _by_extension(part.filename or part.url or "")
        if part.file_id is not None and not part.base64 and part.url is None:
            raise unsupported(f"{place}.file_id", self._target, "It keeps no uploads: send the file itself.")
        source = _by_bytes(part.base64, place) if part.url is None else _by_url(part.url, place)
        name = self._name(part.filename or "")
        return {"format": _known(kind, _DOCUMENT_FORMATS, place), "name": name, "source": source}

    def _name(self, filename: str) -> str:
        """Return a name in the few characters that are allowed, which no other document has."""
        stem = filename.rpartition(".")[0] or filename
        name = _NOT_IN_A_NAME.sub(" ", stem).strip()[: _MAX_NAME - 8].strip() or "document"
        return self._names.add(name)


def with_text(blocks: list[Block]) -> list[Block]:
    """Return a message's content, with a text where it must have one: beside a document, or if empty."""
    kinds = set().union(*blocks)
    is_lacking = kinds <= {"cachePoint"} or ("document" in kinds and "text" not in kinds)
    return [{"text": FILLER}, *blocks] if is_lacking else blocks


def cache_point(mark: dict[str, Any] | None) -> Block | None:
    """Return the block that marks everything before it for the cache; None without a mark.

    Args:
        mark: a part's `cache_control`.
    """
    if mark is None:
        return None
    ttl = mark.get("ttl")
    return {"cachePoint": {"type": "default", "ttl": ttl} if ttl in _TTLS else {"type": "default"}}


def _by_bytes(base64: str, place: str) -> Block:
    if not base64:
        raise InvalidRequest(f"`{place}` is empty.", param=place)
    return {"bytes": base64}


def _by_url(url: str, place: str) -> Block:
    if len(url) <= _MAX_S3 and _S3.fullmatch(url):
        return {"s3Location": {"uri": url}}
    raise InvalidRequest(
        f"`{place}` must be a data: URL (or s3://): Bedrock fetches nothing, so media must be inlined.",
        param=place,
        code="unsupported_parameter",
    )


def _by_extension(name: str) -> str:
    extension = name.rpartition(".")[2].lower()
    return _EXTENSIONS.get(extension, extension)


def _known(kind: str, formats: dict[str, str], place: str) -> str:
    known = dict.fromkeys(formats.values())
    if kind not in known:
        raise InvalidRequest(f"`{place}` must be one of {', '.join(known)}.", param=place)
    return kind
