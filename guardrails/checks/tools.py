"""The `tools` check: which tools a request may offer, and which calls an answer may make.

A call must be of a tool that was offered, and its arguments must be JSON that fits what the request says
about them (or what the configuration says, which outranks). Models make mistakes in both, and whoever runs
the call trusts it. Calls of earlier turns have been judged, and are not again.

An answer's text goes on while a call waits to be complete; a call goes out only after it was examined.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs
import msgspec

from guardrails.check import Reads, Remark, Subject
from guardrails.checks.json_form import compiled_schema
from guardrails.checks.json_values import whole_json
from guardrails.checks.lists import Lists
from guardrails.conversation import ToolCall
from guardrails.decoding import ConfigError, decode
from guardrails.verdict import Side

_SCHEMAS_KEPT = 256
"""Compiled schemas of requests: agents send the same tools again and again."""


class ToolsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What tools may be, and be called with."""

    allow: tuple[str, ...] | None = None
    """Patterns of names, `*` for any characters."""
    deny: tuple[str, ...] = ()
    offered: bool = True
    """Whether a call must be of a tool that the request offers."""
    arguments: bool = True
    """Whether arguments must be JSON, and fit their schema."""
    schemas: Mapping[str, dict[str, Any] | bool] = {}
    """JSON Schema of arguments by name of the tool, instead of the request's."""


class ToolsCheck:
    """Finds tools that may not be offered, and calls that may not be made."""

    kind = "tools"
    reads: frozenset[Reads] = frozenset({"request", "calls"})

    def __init__(self, config: ToolsConfig, schemas: Mapping[str, jsonschema_rs.Validator]) -> None:
        self._config = config
        self._lists = Lists(config.allow, config.deny)
        self._schemas = schemas
        self._compiled = functools.lru_cache(_SCHEMAS_KEPT)(_compiled)

    def examine(self, subject: Subject) -> Sequence[Remark]:
        """Return one remark a tool of a request, and one a call of an answer."""
        if subject.side is Side.INPUT:
            faults = ((self._lists.fault(tool.name), tool.path) for tool in subject.conversation.tools)
        else:
            faults = ((self._fault(call, subject), call.path) for call in subject.calls)
        return [Remark(fault, path) for fault, path in faults if fault is not None]

    def _fault(self, call: ToolCall, subject: Subject) -> str | None:
        fault = self._lists.fault(call.name)
        if fault is not None:
            return fault
        tool = next((tool for tool in subject.conversation.tools if tool.name == call.name), None)
        if tool is None and self._config.offered:
            return "not_offered"
        if not self._config.arguments:
            return None
        schema = self._schemas.get(call.name)
        if schema is None:
            if call.path.endswith(".custom"):  # free text
                return None
            schema = _NO_SCHEMA if tool is None or tool.schema is None else self._of_request(tool.schema)
        return _argument_fault(call.arguments, schema)

    def _of_request(self, schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
        return self._compiled(msgspec.json.encode(schema))


def build(config: object, path: str) -> ToolsCheck:
    """Build the check from its configuration.

    Raises:
        ConfigError: naming the place in a schema that does not hold.
    """
    decoded = decode(ToolsConfig, config, path)
    schemas = {
        name: compiled_schema(schema, f"{path}.schemas.{name}") for name, schema in decoded.schemas.items()
    }
    return ToolsCheck(decoded, schemas)


_NO_SCHEMA = jsonschema_rs.validator_for({"type": "object"})
"""Arguments of a function are an object."""
_NOTHING_FITS = jsonschema_rs.validator_for(False)


def _compiled(schema: bytes) -> jsonschema_rs.Validator:
    """Return what holds arguments to a schema of a request; one that is no schema fits nothing."""
    try:
        return compiled_schema(msgspec.json.decode(schema), "parameters")
    except ConfigError:
        return _NOTHING_FITS


def _argument_fault(arguments: str, schema: jsonschema_rs.Validator) -> str | None:
    """Return what is wrong with arguments. Some providers write nothing where there are none."""
    value = whole_json(arguments if arguments.strip() else "{}")
    if value is None or value.repeats_key:
        return "invalid_json"
    return None if schema.is_valid(value.value) else "schema"
