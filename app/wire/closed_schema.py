"""JSON Schema in the subset that the structured output and strict tools of Anthropic and Bedrock take.

The rules are those of the vendor's own SDK (anthropic 2.12, `anthropic.lib._parse._transform`): every object
is closed, `oneOf` becomes `anyOf`, a reference stands alone, and a keyword outside the subset becomes words
of the description, so that the model may still keep to it. Beyond what the SDK does, a list of types becomes
`anyOf`, and what the subset would turn into something else (free-form objects, which closed are empty ones;
schemas that refer to themselves) is refused here, so that the caller gets the forced tool instead.
"""

from collections.abc import Container
from typing import Any

_FORMATS = frozenset("date-time time date duration email hostname uri ipv4 ipv6 uuid".split())
_TYPES = frozenset("object array string integer number boolean null".split())
_DEFS = "#/$defs/"
_SAID = frozenset({"description", "title"})
_OF_TYPE = {
    "object": "properties required additionalProperties patternProperties minProperties maxProperties",
    "array": "items prefixItems minItems maxItems uniqueItems contains",
    "string": "format pattern minLength maxLength",
    "number": "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
}
_KEYWORDS = {name: frozenset(words.split()) for name, words in _OF_TYPE.items()}
_KEYWORDS["integer"] = _KEYWORDS["number"]
_BOUND_TO_A_TYPE = frozenset().union(*_KEYWORDS.values())


class Inexpressible(ValueError):
    """The schema has no equal in the subset; the message says why, as the end of a sentence."""


def closed_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema in the subset; the one given stays as it is.

    Raises:
        Inexpressible: there is none that means the same or less.
    """
    schema = {key: value for key, value in schema.items() if key != "$schema"}
    _check_recursion(schema.get("$defs"))
    return _node(schema)


def _node(schema: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    if not isinstance(schema, dict):
        raise Inexpressible("a part of it is no object")
    left = dict(schema)
    closed: dict[str, Any] = {}
    definitions = left.pop("$defs", None)
    if isinstance(definitions, dict):
        closed["$defs"] = {name: _node(inner) for name, inner in definitions.items()}
    reference = left.get("$ref")
    if reference is not None:
        return {**closed, "$ref": _inner_reference(reference)}
    kind = _kind(left, closed)
    closed.update((key, left.pop(key)) for key in ("description", "title") if left.get(key) is not None)
    if kind == "object":
        _object(left, closed)
    elif kind == "array":
        _array(left, closed)
    elif kind == "string":
        _narrow("format", _FORMATS, left, closed)
    _describe(left, closed)
    return closed


def _describe(left: dict[str, Any], closed: dict[str, Any]) -> None:
    """Say the keywords that are left in words."""
    left = {key: value for key, value in left.items() if value is not None or key not in _SAID}
    if not left:
        return
    words = "{" + ", ".join(f"{key}: {value}" for key, value in left.items()) + "}"
    said = closed.get("description")
    closed["description"] = words if said is None else f"{said}\n\n{words}"


def _inner_reference(reference: Any) -> str:  # noqa: ANN401 (JSON)
    if isinstance(reference, str) and reference.startswith(_DEFS):
        return reference
    raise Inexpressible("it refers to something outside of its $defs")


def _kind(left: dict[str, Any], closed: dict[str, Any]) -> str | None:
    """Take from `left` what says of which kind a value is, write it to `closed`, and return its one type."""
    kind = left.pop("type", None)
    unions = {key: left.pop(key, None) for key in ("anyOf", "oneOf", "allOf")}
    enum = left.get("enum")
    if isinstance(enum, list) and enum and all(map(_is_primitive, enum)):
        closed["enum"] = list(left.pop("enum"))
    if "const" in left and _is_primitive(left["const"]):
        closed["const"] = left.pop("const")
    is_literal = "enum" in closed or "const" in closed
    for key, variants in unions.items():
        if isinstance(variants, list):
            closed["allOf" if key == "allOf" else "anyOf"] = [_node(variant) for variant in variants]
            return None if is_literal else _one_type(kind)
    if is_literal:
        return None
    if isinstance(kind, list):
        _several_types(kind, left, closed)
        return None
    closed["type"] = _one_type(kind)
    if closed["type"] is None:
        raise Inexpressible("a part of it allows anything")
    return _one_type(kind)


def _one_type(kind: object) -> str | None:
    if isinstance(kind, str) and kind not in _TYPES:
        raise Inexpressible("it names a type that is none")
    return kind if isinstance(kind, str) else None


def _several_types(kinds: list[Any], left: dict[str, Any], closed: dict[str, Any]) -> None:
    """Write `"type": ["string", "null"]` as `anyOf`, each with the keywords that are about it."""
    if not all(isinstance(kind, str) for kind in kinds):
        raise Inexpressible("it names a type that is none")
    bound = {key: left.pop(key) for key in list(left) if key in _BOUND_TO_A_TYPE}
    closed["anyOf"] = [
        _node({"type": kind, **{key: bound[key] for key in bound if key in _KEYWORDS.get(kind, ())}})
        for kind in kinds
    ]


def _object(left: dict[str, Any], closed: dict[str, Any]) -> None:
    properties = left.pop("properties", None) or {}
    others = left.pop("additionalProperties", None)
    if "patternProperties" in left or (isinstance(others, dict) and others):
        raise Inexpressible("an object in it has names that are not listed")
    if not properties and others is not False:
        raise Inexpressible("an object in it has no list of properties")
    closed["properties"] = {key: _node(inner) for key, inner in properties.items()}
    closed["additionalProperties"] = False
    required = left.pop("required", None)
    if required is not None:
        closed["required"] = required


def _array(left: dict[str, Any], closed: dict[str, Any]) -> None:
    items = left.pop("items", None)
    if items is not None:
        closed["items"] = _node(items)
    _narrow("minItems", {0, 1}, left, closed)


def _narrow(key: str, known: Container[Any], left: dict[str, Any], closed: dict[str, Any]) -> None:
    """Write a keyword that takes only some values; with others it becomes the last of the words."""
    value = left.pop(key, None)
    if value is not None:
        (closed if value in known else left)[key] = value


def _is_primitive(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _check_recursion(definitions: object) -> None:
    """Raise for definitions that lead back to themselves, which the vendor refuses."""
    if not isinstance(definitions, dict):
        return
    edges = {name: set(_references(inner)) for name, inner in definitions.items()}
    while edges:
        leaves = [name for name, targets in edges.items() if not targets & edges.keys()]
        if not leaves:
            raise Inexpressible("it refers to itself")
        for name in leaves:
            del edges[name]


def _references(value: Any) -> list[str]:  # noqa: ANN401 (JSON)
    if isinstance(value, list):
        return [name for item in value for name in _references(item)]
    if not isinstance(value, dict):
        return []
    found = [name for item in value.values() for name in _references(item)]
    reference = value.get("$ref")
    return [*found, reference.removeprefix(_DEFS)] if isinstance(reference, str) else found
