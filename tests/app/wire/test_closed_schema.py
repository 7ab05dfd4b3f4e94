"""The subset of JSON Schema, held against what the vendor's own SDK makes of the same schemas."""

import copy
from typing import Any

import pytest
from anthropic import transform_schema
from hypothesis import given
from hypothesis import strategies as st

from app.wire.closed_schema import Inexpressible, closed_schema

WORD = st.text("abc", min_size=1, max_size=3)
SAID = {
    "description": WORD,
    "title": WORD,
    "default": st.none() | WORD,
    "examples": st.lists(WORD, max_size=1),
}


def _of(kind: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind)}, optional={**SAID, **more})


LEAF = st.one_of(
    _of(
        "string",
        format=st.sampled_from(["date", "uuid", "password"]),
        pattern=WORD,
        maxLength=st.integers(0, 9),
    ),
    _of("integer", minimum=st.integers(0, 9), enum=st.lists(st.integers(), max_size=2)),
    _of("number", const=st.floats(-1, 1)),
    _of("boolean"),
    _of("null"),
    st.just({"$ref": "#/$defs/a", "description": "is lost"}),
)


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        _of("array", items=inner, minItems=st.integers(0, 3), uniqueItems=st.booleans()),
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(WORD, inner, min_size=1, max_size=2)},
            optional={**SAID, "required": st.lists(WORD), "additionalProperties": st.booleans()},
        ),
        *(st.fixed_dictionaries({key: some}, optional=SAID) for key in ("anyOf", "oneOf", "allOf")),
    )


SCHEMA = st.builds(
    lambda name, schema: {**schema, "$defs": {"a": {"type": "string"}, "b": {"enum": [name, None]}}},
    WORD,
    st.recursive(LEAF, _nested, max_leaves=6),
)


@given(SCHEMA)
def test_the_vendor_s_sdk_makes_the_same_of_it(schema: dict[str, Any]) -> None:
    before = copy.deepcopy(schema)
    assert closed_schema(schema) == transform_schema(copy.deepcopy(schema))
    assert schema == before


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "object"}, "no list of properties"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "names that are not listed"),
        ({"type": "object", "properties": {"a": {"type": "null"}}, "patternProperties": {}}, "not listed"),
        ({"type": "object", "properties": {"a": {}}}, "allows anything"),
        ({"type": "object", "properties": {"a": True}}, "no object"),
        ({"type": "array", "items": [{"type": "null"}]}, "no object"),
        ({"type": "text"}, "a type that is none"),
        ({"$ref": "https://schemas.example/a"}, "outside of its $defs"),
        ({"$ref": "#"}, "outside of its $defs"),
        (
            {
                "$ref": "#/$defs/a",
                "$defs": {
                    "a": {"anyOf": [{"$ref": "#/$defs/b"}, {"type": "null"}]},
                    "b": {"type": "array", "items": {"$ref": "#/$defs/a"}},
                },
            },
            "itself",
        ),
    ],
)
def test_what_would_mean_something_else_is_refused(schema: dict[str, Any], reason: str) -> None:
    with pytest.raises(Inexpressible, match=reason.replace("$", r"\$")):
        closed_schema(schema)


def test_several_types_become_alternatives_with_what_is_about_each() -> None:
    schema = {
        "type": ["object", "array", "string", "null"],
        "description": "Any",
        "properties": {"a": {"type": "null"}},
        "items": {"type": "null"},
        "maxLength": 3,
        "default": None,
    }
    assert closed_schema(schema) == {
        "anyOf": [
            {"type": "object", "properties": {"a": {"type": "null"}}, "additionalProperties": False},
            {"type": "array", "items": {"type": "null"}},
            {"type": "string", "description": "{maxLength: 3}"},
            {"type": "null"},
        ],
        "description": "Any\n\n{default: None}",
    }


@pytest.mark.parametrize("kind", [["string"], {"x": 1}, 1])
def test_types_that_are_none_are_inexpressible(kind: object) -> None:
    with pytest.raises(Inexpressible):
        closed_schema({"type": ["string", kind]})


def test_an_object_that_is_empty_on_purpose_is_one() -> None:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "$schema": "https://json-schema.org/draft/2020-12",
    }
    assert closed_schema(schema) == {"type": "object", "properties": {}, "additionalProperties": False}
