"""Copies of an answer's texts in its other fields: signed thoughts, blocks, citations, parts.

A format gives them for clients that send them back or show them. They come in entries, and a guard that sees
each entry alone sees halves of what a reader puts together. So what entries spell together is a text of its
own; and where the running text was redacted, a copy of it cannot stay: nobody knows which half is in which
entry.
"""

from collections.abc import Iterator
from typing import Any

_WORDS = frozenset({"type", "id", "signature", "format", "role", "mime_type", "media_type"})
"""Members that are no text of the answer."""
_MIN_COPY = 3
"""Characters that can be a copy; less is in any text."""


def spelled_together(value: Any) -> tuple[str, ...]:  # noqa: ANN401 (JSON)
    """Return what entries say together, wherever lists stand in a field: texts of one name in a row."""
    pieces: dict[str, list[str]] = {}
    for name, text in _texts(value, ""):
        pieces.setdefault(name, []).append(text)
    return tuple("".join(texts) for texts in pieces.values() if len(texts) > 1)


def repeats(value: Any, texts: tuple[str, ...]) -> bool:  # noqa: ANN401 (JSON)
    """Return whether anything in a field stands in one of these texts too."""
    return any(
        len(found) >= _MIN_COPY and any(found in text or text in found for text in texts if text)
        for _, found in _texts(value, "")
    )


def _texts(value: Any, name: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _WORDS:
                yield from _texts(item, f"{name}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, name)
