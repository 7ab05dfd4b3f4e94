"""How a target changes a request: Portkey's `default_params`, `override_params` and `drop_params`.

In this order (docs of 2026-08): defaults fill what the caller left out, overrides replace, and what is
dropped is dropped at last. A path to drop is as in Portkey: `logprobs`, `response_format.json_schema`,
`tools[0].function.strict`, `messages[*].content[*].cache_control`.
"""

import enum
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from app.routing.config_error import ConfigError
from app.routing.config_fields import read_text

_NEEDED = frozenset({"model", "messages", "input", "prompt"})
"""Without these nothing is asked, so they cannot be dropped; parts of them can."""
_PATH = re.compile(r"[^.\[\]]+(?:\[(?:[0-9]{1,6}|\*)\])*(?:\.[^.\[\]]+(?:\[(?:[0-9]{1,6}|\*)\])*)*\Z")


class Every(enum.Enum):
    """`[*]` in a path."""

    ITEM = "*"


Segment = str | int | Every
DropPath = tuple[Segment, ...]


class Params(msgspec.Struct, frozen=True):
    """The changes for one target."""

    override: Mapping[str, Any] = {}
    """Without `model`, which is `Leaf.model`."""
    default: Mapping[str, Any] = {}
    drop: tuple[DropPath, ...] = ()
    """In an order in which no path moves what another one means; see `ordered`."""

    def applied(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the document as this target is to be asked.

        A null counts as given, and as an override it is sent. The document itself stays as it is; without
        changes it is returned.
        """
        if not (self.override or self.default or self.drop):
            return document
        changed = {**self.default, **document, **self.override}
        for path in self.drop:
            changed = _without(changed, path)
        return changed


def read_drop_path(value: object, path: str) -> DropPath:
    """Return what a path of `drop_params` leads to.

    Raises:
        ConfigError: it is no path, or leads to what is asked.
    """
    text = read_text(value, path)
    if not _PATH.match(text):
        raise ConfigError(path, "is no path; write them as in tools[*].function.strict")
    if text in _NEEDED:
        raise ConfigError(path, "cannot be dropped: it is what is asked")
    bracketed = re.finditer(r"\[([0-9]+|\*)\]|[^.\[\]]+", text)
    return tuple(found[0] if found[1] is None else _place(found[1]) for found in bracketed)


def ordered(paths: tuple[DropPath, ...]) -> tuple[DropPath, ...]:
    """Return the paths, each once and later items of an array first, so that no place moves."""
    return tuple(sorted(set(paths), key=lambda path: [_rank(segment) for segment in path]))


def _place(text: str) -> int | Every:
    return Every.ITEM if text == "*" else int(text)


def _rank(segment: Segment) -> tuple[int, int, str]:
    match segment:
        case str():
            return 0, 0, segment
        case int():
            return 1, -segment, ""
        case Every():
            return 2, 0, ""


def _without(value: Any, path: DropPath) -> Any:  # noqa: ANN401 (JSON)
    """Return a value without what the path leads to; what does not change is not copied."""
    segment, rest = path[0], path[1:]
    match segment:
        case str():
            return _without_key(value, segment, rest)
        case int():
            if not isinstance(value, list) or segment >= len(value):
                return value
            inner = [_without(value[segment], rest)] if rest else []
            return [*value[:segment], *inner, *value[segment + 1 :]]
        case Every():
            if not isinstance(value, list):
                return value
            return [_without(one, rest) for one in value] if rest else []


def _without_key(value: Any, key: str, rest: DropPath) -> Any:  # noqa: ANN401 (JSON)
    if not isinstance(value, dict) or key not in value:
        return value
    if rest:
        return {**value, key: _without(value[key], rest)}
    return {name: one for name, one in value.items() if name != key}
