"""Plain values to the structs of `app/settings.py`, with all that is wrong and not only the first of it.

msgspec checks each single value; this walks the structs and mappings above them, so that a file with
three mistakes is mended in one go.
"""

import difflib
import re
import types
import typing
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from app.configuration.problems import Problem, joined
from app.secret import Secret

_WHERE = re.compile(r" - at `\$?(.*)`\Z")
"""How msgspec ends a message: with the place of the value that it is about."""


class Conversion:
    """One walk over a file's values; `problems` are what it found.

    Args:
        from_environment: paths of values that came from the environment. They are strings there, whatever
            is meant, so numbers may be written as strings; and they are never shown.
    """

    def __init__(self, from_environment: AbstractSet[str] = frozenset()) -> None:
        self.problems: list[Problem] = []
        self._from_environment = from_environment

    def struct(self, value: Any, kind: type[msgspec.Struct], path: str = "") -> msgspec.Struct | None:  # noqa: ANN401
        """Return the struct that the mapping `value` describes; None if there are problems with it."""
        if value is None and path:
            value = {}  # a section whose lines are all commented out
        if not isinstance(value, dict):
            self.problems.append(Problem(path, f"expected a mapping, got {_name_of(value)}"))
            return None
        before = len(self.problems)
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        for key in value.keys() - fields.keys():
            self.problems.append(Problem(joined(path, key), _unknown(key, fields)))
        values = {
            field.name: self._value(value[key], field.type, joined(path, key))
            for key, field in fields.items()
            if key in value
        }
        for key, field in fields.items():
            if field.required and key not in value:
                self.problems.append(Problem(joined(path, key), "is missing"))
        return kind(**values) if len(self.problems) == before else None

    def _value(self, value: Any, kind: Any, path: str) -> Any:  # noqa: ANN401 (a type hint of any form)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self.struct(value, kind, path)
        if typing.get_origin(kind) is dict:
            return self._mapping(value, kind, path)
        return self._leaf(value, kind, path)

    def _mapping(self, value: Any, kind: Any, path: str) -> dict[str, Any] | None:  # noqa: ANN401
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.problems.append(Problem(path, f"expected a mapping, got {_name_of(value)}"))
            return None
        key_kind, item_kind = typing.get_args(kind)
        return {
            self._leaf(key, key_kind, joined(path, key)): self._value(item, item_kind, joined(path, key))
            for key, item in value.items()
        }

    def _leaf(self, value: Any, kind: Any, path: str) -> Any:  # noqa: ANN401
        hidden = path in self._from_environment
        try:
            return msgspec.convert(value, kind, strict=not hidden, dec_hook=_secret)
        except msgspec.ValidationError as error:
            message = str(error)
            if place := _WHERE.search(message):
                message, path = message[: place.start()], path + place[1]
                hidden = hidden or path in self._from_environment
            plain = "what the environment holds does not fit" if hidden else _plain(message, kind)
            self.problems.append(Problem(path, plain))
            return None


def _secret(kind: type, value: object) -> Secret:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise ValueError(f"expected a string, got {_name_of(value)}; put it in quotes")


def _unknown(key: str, known: typing.Iterable[str]) -> str:
    names = sorted(known)
    if near := difflib.get_close_matches(key, names, n=1):
        return f"is no setting; did you mean {near[0]}?"
    return f"is no setting; there are {', '.join(names)}"


_NAMES: dict[type, str] = {
    dict: "a mapping",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    types.NoneType: "nothing",
}


def _name_of(value: object) -> str:
    return _NAMES.get(type(value), type(value).__name__)


def _plain(message: str, kind: Any) -> str:  # noqa: ANN401 (a type hint of any form)
    """Return msgspec's message in the words of the one who wrote the file."""
    if typing.get_origin(kind) is typing.Literal:
        return f"expected one of {', '.join(typing.get_args(kind))}"
    for meta in getattr(kind, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.description and "regex" in message:
            return f"expected {meta.description}"
    return (message[:1].lower() + message[1:]).replace("`", "")
