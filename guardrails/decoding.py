"""Configuration into typed values, with errors that say where in the file they are.

The counterpart is `guardrails/config.py`, which knows what the keys of a guardrail mean.
"""

from typing import TypeVar

import msgspec
import msgspec.inspect

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
    place = place.rstrip("`")
    if message.startswith("Object contains unknown field `"):
        known = ", ".join(kind.__struct_encode_fields__)
        return ConfigError(
            f"{path}{place}.{message.split('`')[1]}", f"there is no such key; known are {known}"
        )
    if message.startswith("Invalid enum value"):
        message += f"; known are {', '.join(_choices(kind, place))}"
    return ConfigError(path + place, message)


def _choices(kind: type[msgspec.Struct], place: str) -> list[str]:
    """Return what may stand at a place of this kind, such as `.on[0]`."""
    name = place.removeprefix(".").partition("[")[0]
    of_name = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}[name]
    info = msgspec.inspect.type_info(of_name)
    if isinstance(info, msgspec.inspect.UnionType):
        info = info.types[0]  # the other one is null
    if isinstance(info, msgspec.inspect.VarTupleType):
        info = info.item_type
    if isinstance(info, msgspec.inspect.UnionType):
        info = next(one for one in info.types if not isinstance(one, msgspec.inspect.NoneType))
    if isinstance(info, msgspec.inspect.EnumType):
        return [str(member.value) for member in info.cls]
    return [str(value) for value in info.values] if isinstance(info, msgspec.inspect.LiteralType) else []
