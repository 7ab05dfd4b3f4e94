"""What is wrong with an entry of the catalogue, said with its path."""

import re
from typing import Any, TypeVar

import msgspec

_Decoded = TypeVar("_Decoded", bound=msgspec.Struct)
_WHERE = re.compile(r" - at (?:`key` in )?`\$?(.*)`\Z")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`\Z")
"""How msgspec says it (0.20)."""


class CatalogueError(ValueError):
    """An entry cannot be used.

    Args:
        path: where, as in `catalogue.house.dialect.drop`.
        message: what is wrong and what would be right.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def joined(path: str, key: str) -> str:
    """Return the path of a child."""
    return f"{path}.{key}"


def decoded(kind: type[_Decoded], value: Any, path: str) -> _Decoded:  # noqa: ANN401 (YAML)
    """Return `value` as a struct of this kind.

    Raises:
        CatalogueError: it does not fit; the path goes down to the field at fault.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message = str(error)
        if place := _WHERE.search(message):
            message, path = message[: place.start()], path + place[1].replace("[...]", "")
        if unknown := _UNKNOWN.match(message):
            path, message = joined(path, unknown[1]), "is no setting"
        raise CatalogueError(path, message[:1].lower() + message[1:]) from error
