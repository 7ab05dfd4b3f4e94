"""JSON Schema as Gemini takes it in `parametersJsonSchema` and `responseJsonSchema`.

These fields know `$ref`, `$defs`, `additionalProperties` and lists of types (ai.google.dev/gemini-api/docs/
structured-output, 2026-11); the older `parameters` and `responseSchema`, a subset of OpenAPI's, are not used.
What they refuse or ignore is left out here, and said in the description where it tells the model something.
Names of properties are nobody's keywords: a property called `title` stays.
"""

from typing import Any

_LEFT_OUT = frozenset({"$schema", "title", "examples", "discriminator"})
_TOLD = {"exclusiveMinimum": "greater than", "exclusiveMaximum": "less than"}
_MAPS = frozenset({"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"})
"""Keywords whose members are schemas under names that somebody made up."""
_SCHEMAS = frozenset(
    "items additionalProperties not if then else contains propertyNames unevaluatedProperties "
    "unevaluatedItems additionalItems".split()
)
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems", "items"})
_NUMBERS = frozenset({"integer", "number"})
_SAYS_NOTHING = frozenset({"type", "properties", "required", "additionalProperties"}) | _LEFT_OUT


def clean_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema in Gemini's words; the given one stays as it is."""
    clean: dict[str, Any] = {}
    told: list[str] = []
    for key, value in schema.items():
        if key in _LEFT_OUT:
            continue
        if key == "const":
            clean.setdefault("enum", [value])
        elif key == "format" and str(schema.get("type")) not in _NUMBERS:
            told.append(f"Format: {value}.")
        elif key in _TOLD:
            if not isinstance(value, bool):  # draft 4, where it qualifies `minimum`
                told.append(f"Must be {_TOLD[key]} {value}.")
        else:
            clean[key] = _clean_member(key, value)
    if told:
        clean["description"] = " ".join([str(clean.get("description") or "").strip(), *told]).strip()
    return clean


def parameters_schema(schema: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the schema of a function's parameters; None if it has none, which Gemini wants unsaid."""
    if schema is None or (not schema.get("properties") and schema.keys() <= _SAYS_NOTHING):
        return None
    clean = clean_schema(schema)
    if "type" not in clean and "properties" in clean:
        clean["type"] = "object"
    return clean


def _clean_member(key: str, value: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, dict):
        if key in _MAPS:
            return {name: _clean(member) for name, member in value.items()}
        return clean_schema(value) if key in _SCHEMAS else value
    if isinstance(value, list) and key in _LISTS:
        return [_clean(item) for item in value]
    return value


def _clean(schema: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a schema cleaned; `true` and `false` are schemas too."""
    return clean_schema(schema) if isinstance(schema, dict) else schema
