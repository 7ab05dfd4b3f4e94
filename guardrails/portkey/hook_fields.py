"""How a hook is written: raw, or in shorthand. Keys may be spelled either way, `on_fail` or `onFail`.

What its checks mean is in `guardrails/portkey/hooks.py`.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from guardrails.decoding import ConfigError, decode
from guardrails.portkey.hook import Feedback, HookType

Form = Literal["raw", "shorthand"]
_CONTROLS = frozenset("id type deny async sequential on_fail on_success guardrail_version_id".split())
"""Keys of a hook that are none of a check (Portkey gateway 1.15)."""
_ID = r"^[A-Za-z0-9_.:@-]{1,64}\Z"
_HUMP = re.compile(r"(?<=[a-z0-9])[A-Z]")


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    feedback: Feedback | None = None


class Controls(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a hook says of itself."""

    id: Annotated[str, msgspec.Meta(pattern=_ID)] | None = None
    type: HookType | None = None
    deny: bool = False
    is_async: bool = msgspec.field(default=False, name="async")
    sequential: bool = False
    on_fail: _Told | None = None
    on_success: _Told | None = None
    guardrail_version_id: str | None = None


class RawCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A check of a hook, as it is written."""

    id: str
    parameters: dict[str, object] | None = None
    is_enabled: bool = True


def taken_apart(
    given: Mapping[str, object], form: Form, path: str
) -> tuple[Controls, list[tuple[RawCheck, str]]]:
    """Return what a hook says of itself, and its checks, each with the place of its parameters.

    Raises:
        ConfigError: it is no hook.
    """
    controls = {
        name: value
        for key, value in given.items()
        if (name := _snake(key)) in _CONTROLS and value is not None
    }
    others = {key: value for key, value in given.items() if _snake(key) not in _CONTROLS}
    if form == "shorthand":
        return decode(Controls, controls, path), [_short(key, one, path) for key, one in others.items()]
    listed = others.pop("checks", ())
    if others:
        known = ", ".join((*Controls.__struct_encode_fields__, "checks"))
        raise ConfigError(f"{path}.{next(iter(others))[:64]}", f"there is no such key; known are {known}")
    if not isinstance(listed, list | tuple):
        raise ConfigError(f"{path}.checks", "expected an array")
    return decode(Controls, controls, path), [
        (_raw(one, f"{path}.checks[{index}]"), f"{path}.checks[{index}].parameters")
        for index, one in enumerate(listed)
    ]


def _raw(one: object, path: str) -> RawCheck:
    if isinstance(one, Mapping):
        one = {_snake(str(key)): value for key, value in one.items()}
    return decode(RawCheck, one, path)


def _short(key: str, parameters: object, path: str) -> tuple[RawCheck, str]:
    place = f"{path}.{key[:64]}"
    if parameters is not None and not isinstance(parameters, Mapping):
        raise ConfigError(place, "expected an object: the parameters of a check")
    given = dict(parameters or {})
    id_ = given.pop("id", key)
    if not isinstance(id_, str):
        raise ConfigError(f"{place}.id", "expected a string: the id of a check")
    return RawCheck(id=id_, parameters=given), place


def _snake(key: str) -> str:
    return _HUMP.sub(lambda hump: "_" + hump[0].lower(), key)
