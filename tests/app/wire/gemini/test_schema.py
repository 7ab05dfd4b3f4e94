"""JSON Schema as Gemini takes it."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.wire.gemini.schema import clean_schema, parameters_schema


def test_what_gemini_knows_stays() -> None:
    schema = {
        "type": ["object", "null"],
        "properties": {"a": {"$ref": "#/$defs/A"}, "b": {"type": "number", "format": "float", "minimum": 1}},
        "required": ["a"],
        "additionalProperties": False,
        "$defs": {"A": {"type": "string", "enum": ["x"], "description": "d"}},
        "anyOf": [{"type": "object"}],
        "propertyOrdering": ["b", "a"],
    }
    assert clean_schema(schema) == schema


def test_what_it_does_not_know_is_left_out_everywhere() -> None:
    noise: dict[str, Any] = {
        "$schema": "s",
        "title": "t",
        "examples": [1],
        "discriminator": {"propertyName": "k"},
    }
    schema = {
        **noise,
        "type": "object",
        "properties": {"a": {**noise, "type": "array", "items": {**noise, "type": "string"}}},
        "$defs": {"A": {**noise, "oneOf": [{**noise, "type": "null"}]}},
        "prefixItems": [{**noise, "type": "string"}],
        "additionalProperties": {**noise, "type": "string"},
    }
    assert clean_schema(schema) == {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "string"}}},
        "$defs": {"A": {"oneOf": [{"type": "null"}]}},
        "prefixItems": [{"type": "string"}],
        "additionalProperties": {"type": "string"},
    }


def test_names_of_properties_are_no_keywords() -> None:
    schema = {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "const": {"type": "string"},
            "format": {"type": "string"},
        },
        "required": ["title"],
    }
    assert clean_schema(schema) == schema


def test_values_are_no_schemas() -> None:
    schema = {"enum": [{"title": "t"}], "default": {"title": "t", "const": 1}}
    assert clean_schema(schema) == schema


def test_a_constant_is_an_enumeration_of_one() -> None:
    assert clean_schema({"const": "x"}) == {"enum": ["x"]}
    assert clean_schema({"const": None, "type": "null"}) == {"enum": [None], "type": "null"}


def test_formats_and_open_bounds_are_told_in_words() -> None:
    assert clean_schema({"type": "string", "format": "date", "description": "When."}) == {
        "type": "string",
        "description": "When. Format: date.",
    }
    assert clean_schema({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 9}) == {
        "type": "number",
        "description": "Must be greater than 0. Must be less than 9.",
    }


def test_a_function_without_parameters_says_nothing_of_them() -> None:
    assert parameters_schema(None) is None
    assert parameters_schema({"type": "object", "properties": {}, "required": [], "title": "T"}) is None
    assert parameters_schema({"type": "object", "additionalProperties": False}) is None
    assert parameters_schema({"type": "object", "$ref": "#/$defs/A", "$defs": {}}) is not None


def test_parameters_are_an_object() -> None:
    said = parameters_schema({"properties": {"a": True}})
    assert said == {"type": "object", "properties": {"a": True}}


SCHEMA = st.recursive(
    st.booleans()
    | st.dictionaries(st.sampled_from(["type", "title", "const", "format"]), st.text(max_size=3)),
    lambda inner: (
        st.dictionaries(
            st.sampled_from(["properties", "$defs"]), st.dictionaries(st.sampled_from(["title", "a"]), inner)
        )
        | st.dictionaries(st.sampled_from(["anyOf", "prefixItems"]), st.lists(inner, max_size=2))
        | st.dictionaries(st.sampled_from(["items", "not"]), inner)
    ),
    max_leaves=8,
).filter(lambda schema: isinstance(schema, dict))


def test_a_type_that_is_none_is_left_to_the_vendor() -> None:
    schema = {"type": {"x": 1}, "format": "int32"}
    assert clean_schema(schema) == {"type": {"x": 1}, "description": "Format: int32."}


@given(SCHEMA)
def test_the_given_schema_stays_as_it_is_and_a_clean_one_is_clean(schema: dict[str, Any]) -> None:
    before = copy.deepcopy(schema)
    clean = clean_schema(schema)
    assert schema == before
    assert clean_schema(clean) == clean
