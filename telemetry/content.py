"""What was said, as spans may show it: whether at all, and how it fits into an attribute.

An attribute has a bounded length, and JSON that is cut there cannot be read by anybody. So what is too long
is made shorter before it is written: a text is cut at its end, which then is `…`, and what does not fit even
so is left out, with an item in its place that says how much. What counts most is kept: of a conversation the
newest messages, of an answer its first choice.

Sizes are bytes of UTF-8, for that is what viewers count (Grafana Tempo: 2048); the SDK's limit is one of
characters, which are no more. What is shown of an exchange, `app/contents.py` decides.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

SHORTEST = 256
"""Bytes; into less no message fits with what surrounds it."""
CUT = "…"
_MAX_WORD = 64
_WORDS = ("type", "name", "id", "modality", "mime_type")
"""What tells which item it is: kept as far as that many characters, whatever becomes of its texts."""
_FRAME = ("role", "finish_reason")

Item = dict[str, Any]
"""A message, one of its parts, or a tool's definition."""


class ContentCapture(msgspec.Struct, frozen=True):
    """Where content is shown: what `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` says."""

    on_span: bool = False
    """As attributes of the span of an attempt."""
    on_event: bool = False
    """As attributes of an event of that span."""
    max_bytes: int = 0
    """Of each attribute."""

    def __bool__(self) -> bool:
        return self.on_span or self.on_event


def fitting_json(items: Sequence[Item], max_bytes: int, *, newest: bool, missing: int = 0) -> str:
    """Return items as a JSON array that is no longer than that.

    Args:
        items: in their order; with `parts`, or parts themselves.
        max_bytes: at least `SHORTEST`.
        newest: whether the last ones count most; else the first do.
        missing: how many have been left out already, before the first or behind the last.
    """
    whole = _json(items)
    if not missing and _size(whole) <= max_bytes:
        return whole
    return _json(_fitting(items, max_bytes, newest=newest, missing=missing, cut=_cut_item))


def _fitting(
    items: Sequence[Item],
    room: int,
    *,
    newest: bool,
    missing: int,
    cut: Callable[[Item, int], Item | None],
) -> list[Item]:
    """Return those that fit, the last of them cut if that helps, and what tells of the others."""
    ordered = list(reversed(items)) if newest else list(items)
    left = room - len("[]")
    has_parts = bool(items) and "parts" in items[0]
    kept: list[Item] = []
    for number, item in enumerate(ordered):
        behind = len(ordered) - number - 1 + missing
        reserve = _size(_json(_omitted(behind + 1, has_parts=has_parts))) + 1
        size = _size(_json(item)) + 1
        spare = reserve if behind else 0
        if size + spare <= left:
            kept.append(item)
            left -= size
            continue
        shorter = cut(item, left - spare - 1)
        if shorter is not None:
            kept.append(shorter)
        break
    gone = len(ordered) - len(kept) + missing
    if gone:
        kept.append(_omitted(gone, has_parts=has_parts))
    return list(reversed(kept)) if newest else kept


def _omitted(count: int, *, has_parts: bool) -> Item:
    """Return what stands for items that do not fit: a message, or a part, of a type of its own."""
    part = {"type": "omitted", "content": f"{count} left out"}
    return {"role": "omitted", "parts": [part]} if has_parts else part


def _cut_item(item: Item, room: int) -> Item | None:
    """Return an item cut to that many bytes; None if nothing of it would be left."""
    if not isinstance(item.get("parts"), list):
        return _cut_texts(item, room)
    bare = {key: item[key][:_MAX_WORD] for key in _FRAME if key in item}
    left = room - _size(_json(bare | {"parts": []})) + len("[]")
    if left < len("[]"):
        return None
    parts = item["parts"]
    smallest = _size(_json([_omitted(len(parts), has_parts=False)]))
    shorter = _fitting(parts, left, newest=False, missing=0, cut=_cut_texts) if left >= smallest else []
    return {**bare, "parts": shorter}


def _cut_texts(part: Item, room: int) -> Item | None:
    """Return a part whose texts are cut as little as fits; None if they cannot be cut enough."""
    if _size(_json(_shortened(part, 0))) > room:
        return None
    part = _shortened(part, room)
    low, high = 0, room
    while low < high:
        middle = (low + high + 1) // 2
        if _size(_json(_shortened(part, middle))) <= room:
            low = middle
        else:
            high = middle - 1
    shorter: Item = _shortened(part, low)
    return shorter


def _shortened(value: Any, length: int, key: str = "") -> Any:  # noqa: ANN401 (JSON)
    """Return a copy with every text cut to that many characters, words to a few."""
    if isinstance(value, str):
        most = _MAX_WORD if key in _WORDS else length
        return value if len(value) <= most else value[:most].removesuffix(CUT) + CUT
    if isinstance(value, dict):
        return {name: _shortened(item, length, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(item, length) for item in value]
    return value


def _json(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return it as JSON that can be encoded: a lone surrogate becomes `?`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() else text.encode(errors="replace").decode()


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
