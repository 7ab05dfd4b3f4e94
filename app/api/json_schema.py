"""Schemas of JSON, as the OpenAPI document writes them."""

from typing import Any

from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Schema


def text(description: str | None = None) -> Schema:
    """Return the schema of a text."""
    return Schema(type=OpenAPIType.STRING, description=description)


def nullable_text(description: str | None = None) -> Schema:
    """Return the schema of a text that may be null."""
    return Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL], description=description)


def list_of(items: Schema, description: str | None = None) -> Schema:
    """Return the schema of a list."""
    return Schema(type=OpenAPIType.ARRAY, items=items, description=description)


def flag(description: str | None = None) -> Schema:
    """Return the schema of a yes or no."""
    return Schema(type=OpenAPIType.BOOLEAN, description=description)


def object_of(required: list[str], properties: dict[str, Schema], description: str | None = None) -> Schema:
    """Return the schema of an object that may hold more than is named."""
    return Schema(
        type=OpenAPIType.OBJECT,
        required=required or None,
        properties=dict(properties) or None,
        additional_properties=True,
        description=description,
    )


ANY_OBJECT = object_of([], {})


def json_of(schema: Schema, name: str, example: dict[str, Any]) -> OpenAPIMediaType:
    """Return the schema of a body of JSON with an example."""
    return OpenAPIMediaType(schema=schema, examples={name: Example(value=example)})
