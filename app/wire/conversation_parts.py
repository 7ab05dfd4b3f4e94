"""The content of one message as typed parts; a part of `app/wire/conversation_reader.py`.

Media are parsed here once: what a format gets is a URL, or bytes in clean base64 and their type.
"""

from collections.abc import Callable
from typing import Any

from app.domain.data_url import Media, parse_data_url, standard_base64
from app.domain.errors import InvalidRequest
from app.wire.conversation import AudioPart, FilePart, ImagePart, OtherPart, Part, TextPart

_ROLE_AND_CONTENT = 2
"""Members of most messages; those hold no mark for the cache and no refusal."""


def read_parts(message: dict[str, Any], path: str) -> tuple[Part, ...]:
    """Return the content of a message; a refusal is a text behind it, empty texts are nothing."""
    content = message.get("content")
    parts: tuple[Part, ...] = ()
    if isinstance(content, str):
        if content and len(message) == _ROLE_AND_CONTENT and "role" in message:
            return (TextPart(content, f"{path}.content"),)
        if content:
            parts = (TextPart(content, f"{path}.content", cache_mark(message)),)
    elif content:
        read = [_part(item, f"{path}.content[{j}]") for j, item in enumerate(content)]
        parts = tuple([part for part in read if part is not None])
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        parts += (TextPart(refusal, f"{path}.refusal"),)
    return parts


def read_texts(message: dict[str, Any], path: str) -> tuple[TextPart, ...]:
    """Return the content of an instruction. Raises `InvalidRequest` if it is not all text."""
    parts = read_parts(message, path)
    texts = tuple([part for part in parts if isinstance(part, TextPart)])
    if len(texts) < len(parts):
        other = next(part for part in parts if not isinstance(part, TextPart))
        raise InvalidRequest(
            f"`{other.path}` must be text: instructions hold nothing else.", param=other.path
        )
    return texts


def _part(item: dict[str, Any], path: str) -> Part | None:
    """Return one part; None for an empty text, which no vendor takes."""
    kind = item["type"]
    if kind == "text":
        text = item.get("text")
        return TextPart(text, path, cache_mark(item)) if text else None
    if kind == "refusal":
        text = item.get("refusal")
        return TextPart(text, path) if text else None
    read = _READERS.get(kind)
    if read is None or item.get(kind) is None:
        return OtherPart(path, kind, item)
    return read(item, path)


def _image(item: dict[str, Any], path: str) -> ImagePart:
    image = item["image_url"]
    if isinstance(image, str):
        url, detail, place = image, None, f"{path}.image_url"
    else:
        url, detail, place = image["url"], image.get("detail"), f"{path}.image_url.url"
    if url[:5].lower() != "data:":
        return ImagePart(path, _url(url, place), "", "", detail, cache_mark(item))
    media = _media(url, place, "")
    media_type = "image/jpeg" if media.media_type == "image/jpg" else media.media_type
    return ImagePart(path, None, media_type, media.base64, detail, cache_mark(item))


def _audio(item: dict[str, Any], path: str) -> AudioPart:
    sound = item["input_audio"]
    return AudioPart(path, sound["format"], _media(sound["data"], f"{path}.input_audio.data", "").base64)


def _file(item: dict[str, Any], path: str) -> FilePart:
    file, mark = item["file"], cache_mark(item)
    data, url, name = file.get("file_data"), file.get("file_url"), file.get("filename")
    if data is not None and "://" not in data[:10]:
        media = _media(data, f"{path}.file.file_data", "application/pdf")
        return FilePart(path, media.media_type, media.base64, filename=name, cache=mark)
    if data is not None:
        return FilePart(path, url=data, filename=name, cache=mark)
    if isinstance(url, str):
        return FilePart(path, url=_url(url, f"{path}.file.file_url"), filename=name, cache=mark)
    if not file.get("file_id"):
        raise InvalidRequest(f"`{path}.file` must hold `file_data` or `file_id`.", param=f"{path}.file")
    return FilePart(path, file_id=file["file_id"], filename=name, cache=mark)


_READERS: dict[str, Callable[[dict[str, Any], str], Part]] = {
    "image_url": _image,
    "input_audio": _audio,
    "file": _file,
}
"""By type, which is also the key of what the part holds."""


def _url(text: str, place: str) -> str:
    if "://" not in text:
        raise InvalidRequest(f"`{place}` must be a URL.", param=place)
    return text


def _media(text: str, place: str, otherwise: str) -> Media:
    """Read a data URL, or bare base64 of the type `otherwise`."""
    try:
        media = parse_data_url(text) or Media(otherwise, standard_base64(text))
    except ValueError as error:
        raise InvalidRequest(f"`{place}` cannot be read: {error}.", param=place) from None
    if not media.base64:
        raise InvalidRequest(f"`{place}` is empty.", param=place)
    return media


def cache_mark(item: dict[str, Any]) -> dict[str, Any] | None:
    """Return the mark for the provider's prompt cache, in Anthropic's form or OpenAI's."""
    if "cache_control" in item and isinstance(item["cache_control"], dict):
        return item["cache_control"]
    if "prompt_cache_breakpoint" in item and isinstance(item["prompt_cache_breakpoint"], dict):
        return {"type": "ephemeral"}
    return None
