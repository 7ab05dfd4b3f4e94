"""Configuration into typed values, with errors that say where in the file they are.

The counterpart is `guardrails/config.py`, which knows what the keys of a guardrail mean.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec
import msgspec.inspect

_Decoded = TypeVar("_Decoded", bound=msgspec.Struct)


class ConfigError(ValueError):
    """A configuration cannot be used.

    Args:
        path: where, as in `guardrails.privacy.checks[0].pii.entities[2]`.
        message: what is wrong and what would be right.
        others: what else is wrong with it, so that all can be mended in one go.
    """

    def __init__(self, path: str, message: str, others: Sequence["ConfigError"] = ()) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message
        self.others = tuple(others)


def together(errors: Sequence[ConfigError]) -> ConfigError:
    """Return the first of some errors, at least one, which then has the others with it."""
    first, *others = (one for error in errors for one in (error, *error.others))
    return ConfigError(first.path, first.message, others)


def decode(kind: type[_Decoded], value: object, path: str) -> _Decoded:
    """Return `value` as a struct of this kind.

    Raises:
        ConfigError: if it does not fit; the path goes down to the key or item at fault.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        first = _located(kind, str(error), path)
        others = [one for one in _mistakes(kind, value, path) if str(one) != str(first)]
        raise together([first, *others]) from error


def known_to(name: str, names: Collection[str]) -> str:
    """Return which names there are, for somebody who wrote another one, the likely one first."""
    near = difflib.get_close_matches(name, names, n=1)
    return f"{f'did you mean {near[0]}? ' if near else ''}known are {', '.join(names)}"


def _mistakes(kind: type[msgspec.Struct], value: object, path: str) -> Iterator[ConfigError]:
    """Yield what is wrong with each key, where msgspec stops at the first."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    if not isinstance(value, Mapping):
        return
    for key in value:
        report = f"Object contains unknown field `{key}`"
        if key in fields:
            try:
                msgspec.convert(value[key], fields[key].type)
            except msgspec.ValidationError as error:
                message, at, place = str(error).partition(" - at `$")
                report = f"{message} - at `$.{key}{place if at else '`'}"
            else:
                continue
        yield _located(kind, report, path)
    for name, field in fields.items():
        if field.required and name not in value:
            yield _located(kind, f"Object missing required field `{name}`", path)


def _located(kind: type[msgspec.Struct], report: str, path: str) -> ConfigError:
    """Take msgspec's report apart: "Expected `str`, got `int` - at `$.entities[2]`"."""
    message, _, place = report.partition(" - at `$")
    place = place.rstrip("`")
    if message.startswith("Object contains unknown field `"):
        key = message.split("`")[1]
        known = known_to(key, kind.__struct_encode_fields__)
        return ConfigError(f"{path}{place}.{key}", f"there is no such key; {known}")
    if message.startswith("Object missing required field `"):
        return ConfigError(path + place, f"`{message.split('`')[1]}` is missing")
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
