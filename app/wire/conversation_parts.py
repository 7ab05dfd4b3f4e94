"""The content of one message as typed parts; a part of `app/wire/conversation_reader.py`.

Media are parsed here once: what a format gets is a URL, or bytes in clean base64 and their type.
"""

from typing import Any

from app.domain.errors import InvalidRequest
from app.wire.conversation import AudioPart, FilePart, ImagePart, OtherPart, Part, TextPart
from app.wire.data_url import Media, parse_data_url, standard_base64


def read_parts(message: dict[str, Any], path: str) -> tuple[Part, ...]:
    """Return the content of a message; a refusal is a text behind it, empty texts are nothing."""
    content = message.get("content")
    refusal = message.get("refusal")
    parts: list[Part] = []
    if isinstance(content, str):
        if content:
            parts.append(TextPart(content, f"{path}.content", cache_mark(message)))
    elif content is not None:
        for j, item in enumerate(content):
            part = _part(item, f"{path}.content[{j}]")
            if part is not None:
                parts.append(part)
    if isinstance(refusal, str) and refusal:
        parts.append(TextPart(refusal, f"{path}.refusal"))
    return tuple(parts)


def read_texts(message: dict[str, Any], path: str) -> tuple[TextPart, ...]:
    """Return the content of an instruction. Raises `InvalidRequest` if it is not all text."""
    texts: list[TextPart] = []
    for part in read_parts(message, path):
        if not isinstance(part, TextPart):
            raise InvalidRequest(
                f"`{part.path}` must be text: instructions hold nothing else.", param=part.path
            )
        texts.append(part)
    return tuple(texts)


def _part(item: dict[str, Any], path: str) -> Part | None:
    """Return one part; None for an empty text, which no vendor takes."""
    match item["type"]:
        case "text":
            text = item.get("text") or ""
            return TextPart(text, path, cache_mark(item)) if text else None
        case "refusal":
            text = item.get("refusal") or ""
            return TextPart(text, path) if text else None
        case "image_url" if item.get("image_url") is not None:
            return _image(item, path)
        case "input_audio" if item.get("input_audio") is not None:
            sound = item["input_audio"]
            data = _media(sound["data"], f"{path}.input_audio.data", "")
            return AudioPart(path, sound["format"], data.base64)
        case "file" if item.get("file") is not None:
            return _file(item, path)
        case other:
            return OtherPart(path, other, item)


def _image(item: dict[str, Any], path: str) -> ImagePart:
    image = item["image_url"]
    url = image if isinstance(image, str) else image["url"]
    detail = None if isinstance(image, str) else image.get("detail")
    place = f"{path}.image_url.url"
    if url[:5].lower() != "data:":
        if "://" not in url:
            raise InvalidRequest(f"`{place}` must be a URL.", param=place)
        return ImagePart(path, url=url, detail=detail, cache=cache_mark(item))
    media = _media(url, place, "")
    return ImagePart(
        path,
        media_type=_image_type(media.media_type),
        base64=media.base64,
        detail=detail,
        cache=cache_mark(item),
    )


def _file(item: dict[str, Any], path: str) -> FilePart:
    file = item["file"]
    data, name = file.get("file_data"), file.get("filename")
    if data is None:
        url = file.get("file_url")
        return FilePart(
            path,
            url=url if isinstance(url, str) else None,
            file_id=file.get("file_id"),
            filename=name,
            cache=cache_mark(item),
        )
    if "://" in data[:10]:
        return FilePart(path, url=data, filename=name, cache=cache_mark(item))
    media = _media(data, f"{path}.file.file_data", "application/pdf")
    return FilePart(path, media.media_type, media.base64, filename=name, cache=cache_mark(item))


def _media(text: str, path: str, otherwise: str) -> Media:
    """Read a data URL, or bare base64 of the type `otherwise`."""
    try:
        return parse_data_url(text) or Media(otherwise, standard_base64(text))
    except ValueError as error:
        raise InvalidRequest(f"`{path}` cannot be read: {error}.", param=path) from None


def _image_type(media_type: str) -> str:
    return "image/jpeg" if media_type == "image/jpg" else media_type


def cache_mark(item: dict[str, Any]) -> dict[str, Any] | None:
    """Return the mark for the provider's prompt cache, in Anthropic's form or OpenAI's."""
    mark = item.get("cache_control")
    if isinstance(mark, dict):
        return mark
    return {"type": "ephemeral"} if isinstance(item.get("prompt_cache_breakpoint"), dict) else None
