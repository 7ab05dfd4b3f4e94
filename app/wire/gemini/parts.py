"""Texts and media as Gemini's parts.

    text           {text}
    bytes          {inlineData: {mimeType, data}}
    places         {fileData: {mimeType, fileUri}}

The Gemini API reads files that were uploaded to it and videos on YouTube; other URLs must be inlined before
they come here. Vertex AI reads `gs://` and `https://` itself, and wants to be told what is there.
"""

from typing import Any, Literal
from urllib.parse import urlsplit

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.conversation import AudioPart, FilePart, ImagePart, OtherPart, Part, TextPart
from app.wire.params import unsupported

Host = Literal["gemini", "vertex"]
_FILES = "https://generativelanguage.googleapis.com/v1beta/"
"""Below this an upload `files/NAME` is found (ai.google.dev/api/files, 2026-11)."""
_VIDEO_HOSTS = frozenset({"www.youtube.com", "youtube.com", "m.youtube.com", "youtu.be"})
_PART_LEVELS = {"low": "LOW", "high": "HIGH", "original": "ULTRA_HIGH"}
"""`media_resolution` of a part (google-genai 3.4 `PartMediaResolutionLevel`) for OpenAI's `detail`."""
_TYPES = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
    "heic": "image/heic", "heif": "image/heif", "bmp": "image/bmp",
    "pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown", "csv": "text/csv",
    "html": "text/html", "json": "application/json",
    "mp3": "audio/mp3", "wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "aac": "audio/aac",
    "m4a": "audio/m4a",
    "mp4": "video/mp4", "mov": "video/mov", "webm": "video/webm", "mpeg": "video/mpeg",
}  # fmt: skip
"""By the ending of a name; types as ai.google.dev/gemini-api/docs lists them for each medium."""
_AUDIO = {"mp3": "audio/mp3", "wav": "audio/wav", "pcm16": "audio/pcm"}


class PartWriter:
    """Writes the parts of one request.

    Args:
        host: whose rules for URLs hold.
        abilities: of the model.
        target: names it, for messages.
    """

    def __init__(self, host: Host, abilities: Abilities, target: str) -> None:
        self._host = host
        self._abilities = abilities
        self._target = target
        self.details: set[str] = set()
        """Which `detail` was asked for, where a part cannot say it itself."""

    def write(self, part: Part) -> dict[str, Any]:
        """Return the part in Gemini's form. Raises `InvalidRequest` if there is none."""
        match part:
            case TextPart():
                return {"text": part.text}
            case ImagePart():
                return self._image(part)
            case FilePart():
                return self._file(part)
            case AudioPart():
                media_type = _AUDIO.get(part.format) or f"audio/{part.format}"
                return {"inlineData": {"mimeType": media_type, "data": part.base64}}
            case OtherPart():
                raise unsupported(f"{part.path}.type", self._target, "It knows no parts of this type.")

    def _image(self, part: ImagePart) -> dict[str, Any]:
        if not self._abilities.vision:
            raise unsupported(part.path, self._target, "It reads no images.")
        if part.url is None:
            written: dict[str, Any] = {"inlineData": {"mimeType": part.media_type, "data": part.base64}}
        else:
            written = self._place(part.url, f"{part.path}.image_url.url", "image/jpeg")
        if part.detail in _PART_LEVELS:
            if self._abilities.thinking == "level":  # Gemini 3, the first where parts may say it
                level = f"MEDIA_RESOLUTION_{_PART_LEVELS[part.detail]}"
                written["mediaResolution"] = {"level": level}
            else:
                self.details.add(part.detail)
        return written

    def _file(self, part: FilePart) -> dict[str, Any]:
        if not self._abilities.documents:
            raise unsupported(part.path, self._target, "It reads no documents.")
        if part.base64:
            return {"inlineData": {"mimeType": part.media_type, "data": part.base64}}
        if part.url is not None:
            otherwise = _type_of(part.filename or "") or "application/pdf"
            return self._place(part.url, f"{part.path}.file.file_data", otherwise)
        path = f"{part.path}.file.file_id"
        if part.file_id is None:
            raise InvalidRequest(f"`{part.path}.file` holds no file.", param=f"{part.path}.file")
        if part.file_id.startswith("files/") and self._host == "gemini":
            return _file_data(_FILES + part.file_id, _type_of(part.filename or ""))
        if "://" in part.file_id:
            return self._place(part.file_id, path, _type_of(part.filename or "") or "application/pdf")
        raise unsupported(path, self._target, "Name an upload as `files/NAME`, or send the file's data.")

    def _place(self, url: str, path: str, otherwise: str) -> dict[str, Any]:
        """Return a medium that Google is to fetch.

        Args:
            url: where it is.
            path: for messages.
            otherwise: what it is if its name does not say so.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            raise InvalidRequest(f"`{path}` must be a URL.", param=path) from None
        if parts.scheme == "https" and parts.hostname in _VIDEO_HOSTS:
            return _file_data(url, "video/*" if self._host == "vertex" else "")
        if self._host == "gemini":
            if url.startswith("https://generativelanguage.googleapis.com/") and "/files/" in parts.path:
                return _file_data(url, _type_of(parts.path))
            raise unsupported(path, self._target, "It fetches no URLs; send the data itself (`data:`).")
        if parts.scheme not in {"gs", "https", "http"}:
            raise unsupported(path, self._target, "It fetches gs:// and https:// only.")
        return _file_data(url, _type_of(parts.path) or otherwise)


def media_resolution(details: set[str]) -> str | None:
    """Return `generationConfig.mediaResolution` for all images together: the finest that was asked for."""
    if not details:
        return None
    return "MEDIA_RESOLUTION_LOW" if details == {"low"} else "MEDIA_RESOLUTION_HIGH"


def _type_of(name: str) -> str:
    """Return the media type that a file's name tells, empty if it does not."""
    return _TYPES.get(name.rpartition(".")[2].lower(), "")


def _file_data(uri: str, media_type: str) -> dict[str, Any]:
    return {"fileData": {"mimeType": media_type, "fileUri": uri} if media_type else {"fileUri": uri}}
