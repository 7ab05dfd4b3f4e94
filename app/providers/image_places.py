"""Where a request names images and documents by URL, and the request with their bytes instead.

Pure; the fetching is in `app/providers/images.py`. A request is never changed: what is on the way to a
replaced part is copied, everything else is shared.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec


class Place(msgspec.Struct, frozen=True):
    """A URL in a request."""

    url: str
    message: int
    part: int
    keys: tuple[str, ...]
    """From the part to the URL: `("image_url", "url")`."""

    @property
    def param(self) -> str:
        """Return the place as callers write it."""
        return f"messages[{self.message}].content[{self.part}]." + ".".join(self.keys)


def places(document: dict[str, Any]) -> list[Place]:
    """Return where `http:` and `https:` URLs stand for images and documents."""
    return [
        Place(value, i, j, keys)
        for i, message in enumerate(document["messages"])
        if isinstance(message.get("content"), list)
        for j, part in enumerate(message["content"])
        for keys, value in _urls(part)
        if value[:8].lower().startswith(("http://", "https://"))
    ]


def _urls(part: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    kind = part.get("type")
    held = part.get(kind) if kind in {"image_url", "file"} else None
    if kind == "image_url" and isinstance(held, str):
        yield (kind,), held
    elif isinstance(held, dict):
        for key in ("url",) if kind == "image_url" else ("file_data", "file_url"):
            if isinstance(held.get(key), str):
                yield (str(kind), key), held[key]


def replaced(document: dict[str, Any], found: list[Place], data_urls: Mapping[str, str]) -> dict[str, Any]:
    """Return the request with other URLs at these places."""
    messages = list(document["messages"])
    for place in found:
        content = list(messages[place.message]["content"])
        part = content[place.part]
        key = place.keys[0]
        held = part[key]
        if len(place.keys) == 1:
            held = data_urls[place.url]
        else:
            held = {name: value for name, value in held.items() if name != "file_url"}
            held["url" if key == "image_url" else "file_data"] = data_urls[place.url]
        content[place.part] = {**part, key: held}
        messages[place.message] = {**messages[place.message], "content": content}
    return {**document, "messages": messages}
