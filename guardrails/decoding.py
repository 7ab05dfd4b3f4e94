"""Configuration into typed values, with errors that say where in the file they are.

The counterpart is `guardrails/config.py`, which knows what the keys of a guardrail mean.
"""

from typing import TypeVar

import msgspec

_Decoded = TypeVar("_Decoded", bound=msgspec.Struct)


class ConfigError(ValueError):
    """A configuration cannot be used.

    Args:
        path: where, as in `guardrails.privacy.checks[0].pii.entities[2]`.
        message: what is wrong and what would be right.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def decode(kind: type[_Decoded], value: object, path: str) -> _Decoded:
    """Return `value` as a struct of this kind.

    Raises:
        ConfigError: if it does not fit; the path goes down to the key or item at fault.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _located(kind, str(error), path) from error


def _located(kind: type[msgspec.Struct], report: str, path: str) -> ConfigError:
    """Take msgspec's report apart: "Expected `str`, got `int` - at `$.entities[2]`"."""
    message, _, place = report.partition(" - at `$")
    path += place.rstrip("`")
    if message.startswith("Object contains unknown field `"):
        name = message.split("`")[1]
        way_out = "" if place else f"; known are {', '.join(kind.__struct_encode_fields__)}"
        return ConfigError(f"{path}.{name}", f"there is no such key{way_out}")
    return ConfigError(path, message)
