"""A tool whose call is the answer: how a model gives JSON that has no other way to be made to.

Formats offer the tool beside the caller's, in their own words, and make the model call it where they can
(else they tell it to); their readers turn the call back into content. What is the same for all is here: which
name it has, which schema, and how the answer comes out of its arguments.

Arguments are an object always. So an answer whose schema may allow anything else is a member of theirs,
`value`: one without a type, or of several, or one whose root is a reference or a choice of schemas, even if
each of them were an object's, as vendors refuse these at the root ("input_schema does not support oneOf,
allOf, or anyOf at the top level", Anthropic, 2026-11).
"""

from collections.abc import Container
from typing import Any

import msgspec

from app.wire.conversation import AnswerFormat

_NAME = "json_output"
_DESCRIPTION = "Give the final answer to the user by calling this tool; its arguments are the answer."
_INSTRUCTION = (
    "Give the final answer by calling the tool `{}` exactly once, with the answer as its arguments, "
    "and say nothing beside it."
)
_VALUE = "value"
_DEFINITIONS = ("$defs", "definitions")
_INNER = ("#/$defs/", "#/definitions/")
_COMPOSED = frozenset({"$ref", "anyOf", "oneOf", "allOf"})
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class AnswerTool(msgspec.Struct, frozen=True):
    """The tool, as a format offers it and the reader of the answer knows it again."""

    name: str
    description: str = _DESCRIPTION
    schema: dict[str, Any] = {}
    """Of its arguments."""
    is_wrapped: bool = False
    """Whether the answer is only the member `value` of the arguments."""

    @property
    def instruction(self) -> str:
        """Return what a model is told that cannot be made to call it."""
        return _INSTRUCTION.format(self.name)

    def answer(self, arguments: str) -> str:
        """Return the answer that stands in the arguments; what is not wrapped as it should be stays."""
        if not self.is_wrapped:
            return arguments
        try:
            value = _decode(arguments)
        except (ValueError, RecursionError):
            return arguments
        return _encode(value[_VALUE]).decode() if isinstance(value, dict) and _VALUE in value else arguments


def answer_tool(wish: AnswerFormat, taken: Container[str]) -> AnswerTool:
    """Return the tool for an answer.

    Args:
        wish: what JSON the answer must be.
        taken: names of the caller's tools, the forbidden ones included: the history may hold their calls.
    """
    name = _NAME
    while name in taken:
        name += "_"
    description = f"{_DESCRIPTION} {wish.description}".strip()
    schema = wish.schema or {"type": "object"}
    if schema.get("type") == "object" and _COMPOSED.isdisjoint(schema):
        return AnswerTool(name, description, schema)
    definitions = {key: schema[key] for key in _DEFINITIONS if key in schema}
    value = {key: item for key, item in schema.items() if key not in definitions}
    wrapped = {"properties": {_VALUE: _moved(value)}, "required": [_VALUE], **_moved(definitions)}
    return AnswerTool(name, description, {"type": "object", **wrapped}, is_wrapped=True)


def _moved(schema: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a schema whose references to the root, but for its definitions, follow it below `value`."""
    if isinstance(schema, list):
        return [_moved(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    moved = {key: _moved(item) for key, item in schema.items()}
    reference = moved.get("$ref")
    if isinstance(reference, str) and _is_of_root(reference):
        moved["$ref"] = f"#/properties/{_VALUE}{reference[1:]}"
    return moved


def _is_of_root(reference: str) -> bool:
    """Whether it points into the schema, but not at one of its definitions; `#name` is an anchor's."""
    return reference == "#" or (reference.startswith("#/") and not reference.startswith(_INNER))
