"""Portkey's checks of JSON: `jsonSchema`, `jsonKeys`. Any value will do, in a fence, in prose or alone."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from guardrails.checks.json_form import compiled_schema
from guardrails.checks.json_values import json_values
from guardrails.decoding import ConfigError, decode
from guardrails.portkey.texts import TextVerdict


class JsonSchemaConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A schema of draft 2020-12, unless it says otherwise."""

    schema: Mapping[str, Any]
    inverted: bool = msgspec.field(default=False, name="not")


class JsonKeysConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Keys at the top of an object."""

    keys: tuple[str, ...]
    operator: Literal["any", "all", "none"] = "any"


def json_schema(config: object, path: str) -> TextVerdict:
    """Build `default.jsonSchema`: some value is valid; with `not`, there is one and none is valid."""
    given = decode(JsonSchemaConfig, config, path)
    validator = compiled_schema(given.schema, f"{path}.schema")

    def holds(text: str) -> bool:
        values = json_values(text)
        return bool(values) and any(validator.is_valid(one.value) for one in values) is not given.inverted

    return TextVerdict("jsonSchema", holds)


def json_keys(config: object, path: str) -> TextVerdict:
    """Build `default.jsonKeys`: some value has any or all of the keys; or there are values, and none has."""
    given = decode(JsonKeysConfig, config, path)
    if not given.keys:
        raise ConfigError(f"{path}.keys", "give at least one key")
    wanted = frozenset(given.keys)

    def holds(text: str) -> bool:
        present = [_keys(one.value) & wanted for one in json_values(text)]
        if given.operator == "none":
            return bool(present) and not any(present)
        return any(keys == wanted for keys in present) if given.operator == "all" else any(present)

    return TextVerdict("jsonKeys", holds)


def _keys(value: object) -> frozenset[str]:
    return frozenset(value) if isinstance(value, dict) else frozenset()
