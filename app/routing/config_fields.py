"""One JSON object of a routing config, read key by key with errors that name the path.

It knows types and spellings, not what a key means: that is `app/routing/config_reader.py`. Portkey turns all
keys into camelCase before it reads them, so both spellings of a key are understood here too; null is the same
as no key at all, as clients write it that way.
"""

import difflib
import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from app.routing.config_error import ConfigError, item, kind_of, member, shown

MAX_ITEMS = 1_000
"""Items of one array: nobody writes more by hand, and each costs time for every request."""
MAX_TEXT = 4_096
"""Characters of one string that we read ourselves."""
MAX_RAW_DEPTH = 32
"""Levels of what is kept as it came, such as the parameters and checks: a walk over it must not overflow."""
_LISTED = 20
"""Known keys that an error names all of."""
_HUMP = re.compile(r"(?<=[a-z0-9])[A-Z]")
_STATUSES = range(100, 600)


class Fields:
    """An object and where it stands.

    Raises:
        ConfigError: it is no object, or a key is given in two spellings.
    """

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise ConfigError(path, f"expected an object, got {kind_of(value)}")
        self.path = path
        self._values = value
        self._spelling: dict[str, str] = {}
        for key in value:
            if not isinstance(key, str):
                raise ConfigError(member(path, key), f"a key is a string, not {kind_of(key)}")
            name = _snake(key)
            if name in self._spelling:
                raise ConfigError(member(path, key), f"is given twice, also as {self._spelling[name]}")
            self._spelling[name] = key

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Raise for the first key that is not known, with the nearest that is."""
        for name, key in self._spelling.items():
            if name not in known:
                raise ConfigError(member(self.path, key), f"is no key; {_hint(name, known)}")

    def has(self, name: str) -> bool:
        """Return whether the key is there and not null."""
        return self.value(name) is not None

    def place(self, name: str) -> str:
        """Return the path of a key as it was spelt; of the object where the key is not there."""
        key = self._spelling.get(name)
        return self.path if key is None else member(self.path, key)

    def value(self, name: str) -> Any:  # noqa: ANN401 (JSON)
        """Return what stands there, None for nothing."""
        key = self._spelling.get(name)
        return None if key is None else self._values[key]

    def text(self, name: str) -> str | None:
        """Return a string that is not blank."""
        value = self.value(name)
        return None if value is None else read_text(value, self.place(name))

    def flag(self, name: str) -> bool | None:
        """Return a boolean."""
        value = self.value(name)
        if value is not None and not isinstance(value, bool):
            raise ConfigError(self.place(name), f"expected true or false, got {kind_of(value)}")
        return value

    def number(self, name: str, *, least: float, most: float = math.inf, above: bool = False) -> float | None:
        """Return a finite number between the bounds; `above`: the lower one is not allowed itself."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(self.place(name), f"expected a number, got {kind_of(value)}")
        number = _finite(value)
        if number is None or number < least or number > most or (above and number == least):
            low = f"above {least:g}" if above else f"of at least {least:g}"
            high = "" if most == math.inf else f" and at most {most:g}"
            raise ConfigError(self.place(name), f"expected a number {low}{high}")
        return number

    def whole(self, name: str, *, least: int) -> int | None:
        """Return a whole number; `3.0` is one."""
        number = self.number(name, least=least)
        if number is None:
            return None
        if not number.is_integer():
            raise ConfigError(self.place(name), "expected a whole number")
        return int(number)

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """Return one of these words."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, str) or value not in choices:
            said = f"{shown(value)!r} is unknown" if isinstance(value, str) else f"got {kind_of(value)}"
            raise ConfigError(self.place(name), f"{said}; there are {', '.join(choices)}")
        return value

    def items(self, name: str, *, most: int = MAX_ITEMS) -> list[tuple[str, Any]] | None:
        """Return the items of an array, each with its path."""
        value = self.value(name)
        return None if value is None else read_items(value, self.place(name), most=most)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return an array of strings."""
        items = self.items(name)
        return None if items is None else tuple(read_text(value, path) for path, value in items)

    def statuses(self, name: str) -> frozenset[int] | None:
        """Return an array of HTTP status codes."""
        items = self.items(name)
        return None if items is None else frozenset(_status(value, path) for path, value in items)

    def object(self, name: str) -> dict[str, Any] | None:
        """Return an object as it came."""
        value = self.value(name)
        return None if value is None else read_raw_object(value, self.place(name))


def read_text(value: object, path: str) -> str:
    """Return a string that is not blank and not too long."""
    if not isinstance(value, str):
        raise ConfigError(path, f"expected a string, got {kind_of(value)}")
    if not value.strip():
        raise ConfigError(path, "is blank")
    if len(value) > MAX_TEXT:
        raise ConfigError(path, f"is longer than {MAX_TEXT} characters")
    return value


def read_items(value: object, path: str, *, most: int = MAX_ITEMS) -> list[tuple[str, Any]]:
    """Return the items of an array, each with its path."""
    if not isinstance(value, list | tuple):
        raise ConfigError(path, f"expected an array, got {kind_of(value)}")
    if len(value) > most:
        raise ConfigError(path, f"has {len(value)} items, at most {most} are read")
    return [(item(path, index), one) for index, one in enumerate(value)]


def read_raw_object(value: object, path: str) -> dict[str, Any]:
    """Return an object as it came, if it does not nest too deep."""
    if not isinstance(value, Mapping):
        raise ConfigError(path, f"expected an object, got {kind_of(value)}")
    level: list[object] = [value]
    for _ in range(MAX_RAW_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return dict(value)
    raise ConfigError(path, f"nests deeper than {MAX_RAW_DEPTH} levels")


def _hint(name: str, known: Collection[str]) -> str:
    if near := difflib.get_close_matches(shown(name), known, n=1):
        return f"did you mean {near[0]}?"
    return f"there are {', '.join(sorted(known))}" if len(known) <= _LISTED else "none is like it"


def _inside(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []


def _status(value: object, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value not in _STATUSES:
        raise ConfigError(path, "expected an HTTP status code such as 429")
    return int(value)


def _finite(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _snake(key: str) -> str:
    return _HUMP.sub(lambda hump: "_" + hump[0].lower(), key)
