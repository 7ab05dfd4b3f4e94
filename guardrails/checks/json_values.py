"""JSON in a text: the whole of it, or the objects and arrays that stand in its prose and fences.

An answer that shall be JSON often has words around it. What counts is found as a person would find it: from
the left, the first bracket at which an object or array begins that is well formed to its end, nested ones
included, then on behind it.

Python's own decoder reads most texts. It starts anew at each bracket, though, and so could be made to read a
text of brackets a thousand times. After a few failures a reader takes over that remembers which brackets
begin what: it reads any text once, or at most three times, once per way in which its quotes can pair.

The counterpart is `guardrails/checks/json_form.py`, which says what is wrong with the values.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

MAX_DEPTH = 100
"""Deeper values are not JSON here: what reads them next may not be able to (Python's decoder ends at 1,000,
jsonschema-rs near 250)."""

_PATIENCE = 4
"""Failures of Python's decoder before our own reader looks first."""

_STRING = r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+"
# RFC 8259. Possessive and without overlap, hence linear; RE2's binding would copy the text for each token.
_SPACE = re.compile(r"[ \t\n\r]*+")
_KEY = re.compile(rf"{_STRING}[ \t\n\r]*+:[ \t\n\r]*+")
_SCALAR = re.compile(rf"{_STRING}|{_NUMBER}|true|false|null")
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
"""What may be half of a surrogate pair: no character, and no two readers agree on it (RFC 8259, 8.2)."""
_BRACKET = re.compile(r"[\[{]")


class JsonValue(msgspec.Struct, frozen=True):
    """A value, and where it stands."""

    value: Any
    """As `json.loads` gives it; of a key that is repeated, the last value."""
    start: int
    """In code points."""
    end: int
    """Exclusive."""
    repeats_key: bool = False
    """Whether an object in it has a key twice: readers do not agree on what that means (RFC 8259, 4)."""


def whole_json(text: str) -> JsonValue | None:
    """Return the JSON value of any kind that this text is, white space around it left aside."""
    start = _skip(text, 0)
    end = len(text.rstrip(" \t\n\r"))
    decoded = _decoded(text, start) if start < end else None
    return decoded if decoded is not None and decoded.end == end else None


def json_values(text: str) -> list[JsonValue]:
    """Return what the text is if it is JSON, else every object and array in it that no other encloses."""
    whole = whole_json(text)
    if whole is not None:
        return [whole]
    values: list[JsonValue] = []
    extents = _Extents(text)
    failures = 0
    place = 0
    while found := _BRACKET.search(text, place):
        start = found.start()
        value = None
        if failures < _PATIENCE or extents.end(start) is not None:
            value = _decoded(text, start)
        if value is None:
            failures += 1
            place = start + 1
        else:
            values.append(value)
            place = value.end
    return values


def place_in(text: str, value: JsonValue, path: Sequence[str | int]) -> tuple[int, int]:
    """Return where in the text the item of a value stands: start and end.

    Args:
        text: the value is of it.
        value: as found there.
        path: keys and indices from the value down, as jsonschema-rs gives them. Where it leads nowhere, the
            place is of the last item on the way.
    """
    start, end = value.start, value.end
    for step in path:
        item = next((place for name, place in _items(text, start) if name == step), None)
        if item is None:
            break
        start, end = item
    return start, end


def _items(text: str, start: int) -> Iterator[tuple[str | int, tuple[int, int]]]:
    """Yield the keys or indices of an object or array, and where their values stand; the last first."""
    decoder = json.JSONDecoder()
    found: list[tuple[str | int, tuple[int, int]]] = []
    place = _skip(text, start + 1)
    while text[start] in "[{" and text[place] not in "]}":
        name: str | int = len(found)
        if text[start] == "{":
            key = _KEY.match(text, place)
            assert key is not None
            name, _ = decoder.raw_decode(text, place)
            place = key.end()
        _, end = decoder.raw_decode(text, place)
        found.append((name, (place, end)))
        place = _skip(text, end)
        place = _skip(text, place + 1) if text[place] == "," else place
    return reversed(found)


def _decoded(text: str, start: int) -> JsonValue | None:
    repeats = False

    def noticed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeats
        made = dict(pairs)
        repeats = repeats or len(made) < len(pairs)
        return made

    decoder = json.JSONDecoder(object_pairs_hook=noticed, parse_constant=_refuse)
    try:
        value, end = decoder.raw_decode(text, start)
        if _HALF_PAIR.search(text, start, end):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):  # no JSON or Unicode; a number longer than Python reads; too deep
        return None
    brackets = text.count("[", start, end) + text.count("{", start, end)
    if brackets > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        return None
    return JsonValue(value, start, end, repeats)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _depth(value: object) -> int:
    depth = 0
    layer = [value]
    while layer := [item for item in layer if isinstance(item, dict | list)]:
        depth += 1
        layer = [
            item
            for container in layer
            for item in (container.values() if isinstance(container, dict) else container)
        ]
    return depth


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    assert found is not None  # it matches nothing too
    return found.end()


class _Extents:
    """Where the objects and arrays of a text end, each bracket looked at once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[int, tuple[int, int] | None] = {}
        """By opening bracket: the end, and how deep; None where nothing well formed begins."""

    def end(self, start: int) -> int | None:
        """Return where what begins at this bracket ends; None if it is not well formed, or too deep."""
        if start not in self._known:
            self._read(start)
        known = self._known[start]
        return known[0] if known is not None and known[1] <= MAX_DEPTH else None

    def _read(self, start: int) -> None:
        """Learn about this bracket and all that are read on the way."""
        frames = [_Frame(start)]
        place: int | None = start + 1
        while place is not None and frames:
            place = self._step(frames, _skip(self._text, place))
        for frame in frames:  # whatever is still open where reading ended contains the fault
            self._known[frame.start] = None

    def _step(self, frames: list["_Frame"], place: int) -> int | None:
        """Read one item, comma or closing bracket; return where to go on, None at a fault."""
        frame = frames[-1]
        is_object = self._text[frame.start] == "{"
        character = self._text[place : place + 1]
        if character == ("}" if is_object else "]") and frame.may_close:
            self._known[frame.start] = (place + 1, frame.depth)
            frames.pop()
            if frames:
                frames[-1].has_item(frame.depth)
            return place + 1
        if frame.awaits_comma:
            frame.awaits_comma = frame.may_close = False
            return place + 1 if character == "," else None
        if is_object:
            key = _KEY.match(self._text, place)
            if key is None:
                return None
            place = key.end()
        return self._item(frames, place)

    def _item(self, frames: list["_Frame"], place: int) -> int | None:
        if self._text[place : place + 1] not in ("{", "["):
            scalar = _SCALAR.match(self._text, place)
            frames[-1].has_item(0)
            return scalar.end() if scalar else None
        if place not in self._known:
            frames.append(_Frame(place))
            return place + 1
        known = self._known[place]
        if known is None:
            return None
        frames[-1].has_item(known[1])
        return known[0]


class _Frame:
    """An object or array that is being read."""

    __slots__ = ("awaits_comma", "depth", "may_close", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.depth = 1
        self.awaits_comma = False
        self.may_close = True

    def has_item(self, depth: int) -> None:
        """Take note of an item this deep."""
        self.depth = max(self.depth, depth + 1)
        self.awaits_comma = self.may_close = True
