"""The vendors' own types as judges of what we send, and of what we answer.

    check = checker(MessageCreateParamsNonStreaming)
    assert violations(check, body) == []

A pydantic `TypeAdapter` by itself proves little: it drops keys it does not know and leaves iterables unread.
So the type is turned into a JSON Schema in which every object that names its properties is closed, and the
document is held against that. Such a judge knows shapes; what a model of today refuses, it does not know.
"""

import functools
import warnings
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from pydantic import TypeAdapter
from pydantic.json_schema import PydanticJsonSchemaWarning


@functools.cache
def checker(type_: Any, *, close_open: bool = True) -> Validator:
    """Return a validator of the type that refuses unknown keys.

    Args:
        type_: a TypedDict, a pydantic model or a union of them.
        close_open: also close objects that the type declares open (`extra="allow"`). Response models are;
            some requests take them too (an assistant's earlier blocks), and Cohere's are nothing else.
            False to judge an answer that may have fields of its own. Schemas of tools stay open.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PydanticJsonSchemaWarning)  # defaults that JSON has no form for
        schema = TypeAdapter(type_).json_schema()
    _close(schema, close_open=close_open)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def violations(validator: Validator, body: Any) -> list[str]:
    """Return what is wrong with a decoded body, each fault behind its path; empty if nothing is."""
    found = []
    for error in validator.iter_errors(body):
        # Of a union that fits nowhere, the member that came closest says what is wrong.
        nearest = best_match([error]) or error
        found.append(f"{nearest.json_path}: {nearest.message}")
    return sorted(found)


def _close(schema: Any, *, close_open: bool) -> None:
    if isinstance(schema, list):
        for member in schema:
            _close(member, close_open=close_open)
    elif isinstance(schema, dict):
        declared = schema.get("additionalProperties")
        closes = declared is None or (declared is True and close_open and schema.get("title") not in _SCHEMAS)
        if closes and isinstance(schema.get("properties"), dict):
            schema["additionalProperties"] = False
        for key, member in schema.items():
            if key not in _LITERAL:
                _close(member, close_open=close_open)


_SCHEMAS = frozenset({"InputSchemaTyped"})
"""Types (anthropic SDK 2.12) whose value is a JSON Schema of the caller's: any keyword may stand there."""
_LITERAL = frozenset({"default", "const", "enum", "examples", "required"})
"""Keywords whose values are data, not schemas."""
