from app.api.json_schema import flag, list_of, nullable_text, object_of, text


def test_schemas_are_written_as_json_schema() -> None:
    schema = object_of(["a"], {"a": list_of(nullable_text("A.")), "b": flag()}, "It.").to_schema()
    assert schema == {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": "array", "items": {"type": ["string", "null"], "description": "A."}},
            "b": {"type": "boolean"},
        },
        "additionalProperties": True,
        "description": "It.",
    }
    assert text().to_schema() == {"type": "string"}
