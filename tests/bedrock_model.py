"""botocore as the judge of what we send to Bedrock and of what we are sent.

    assert faults(body) == []                       against the service model
    assert on_the_wire(model, body) == (path, body)  as botocore would write the same parameters

botocore's own validator finds unknown keys, missing members and wrong containers. Enumerations, patterns,
lengths, bounds and texts where bytes are meant it leaves to the service; `_walk` looks at those. What models
refuse, no model of the service knows: see `tests/emulators/bedrock_rules.py`.
"""

import base64
import functools
import json
import re
from typing import Any

import botocore.session
from botocore.eventstream import EventStreamBuffer
from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"


@functools.cache
def operation(name: str) -> OperationModel:
    """Return an operation of bedrock-runtime: `Converse`, `ConverseStream`."""
    service = botocore.session.get_session().get_service_model("bedrock-runtime")
    return service.operation_model(name)


def faults(body: Any, *, stream: bool = False, model: str = MODEL) -> list[str]:
    """Return what is wrong with a request's body, decoded from JSON; empty if nothing is."""
    shape = operation("ConverseStream" if stream else "Converse").input_shape
    found: list[str] = []
    params = _walk({**body, "modelId": model}, shape, "$", found)
    report = ParamValidator().validate(params, shape).generate_report()
    return [*found, *report.splitlines()]


def on_the_wire(model: str, body: Any, *, stream: bool = False) -> tuple[str, Any]:
    """Return the path and the decoded body that botocore writes for the same parameters."""
    called = operation("ConverseStream" if stream else "Converse")
    params = _walk({**body, "modelId": model}, called.input_shape, "$", [])
    written = create_serializer("rest-json").serialize_to_request(params, called)
    return written["url_path"], json.loads(written["body"])


def parsed_document(body: bytes) -> dict[str, Any]:
    """Return Converse's answer as botocore reads it."""
    response = {"status_code": 200, "headers": {"content-type": "application/json"}, "body": body}
    shape = operation("Converse").output_shape
    parsed: dict[str, Any] = create_parser("rest-json").parse(response, shape)
    del parsed["ResponseMetadata"]
    return parsed


def parsed_stream(body: bytes) -> list[dict[str, Any]]:
    """Return the events of ConverseStream's answer as botocore reads them, checksums included."""
    buffer = EventStreamBuffer()
    buffer.add_data(body)
    shape = operation("ConverseStream").output_shape.members["stream"]
    parser = create_parser("rest-json")._event_stream_parser
    return [parser.parse(message.to_response_dict(), shape) for message in buffer]


def _walk(value: Any, shape: Shape, path: str, found: list[str]) -> Any:
    """Return the value with its blobs decoded, and note what botocore's validator does not look at."""
    if getattr(shape, "is_document_type", False):
        return value
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            key: _walk(item, shape.members[key], f"{path}.{key}", found) if key in shape.members else item
            for key, item in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        _bounds(len(value), shape, path, found)
        return [_walk(item, shape.member, f"{path}[{i}]", found) for i, item in enumerate(value)]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        _bounds(len(value), shape, path, found)
        for key in value:
            _walk(key, shape.key, f"{path}.keys", found)
        return {key: _walk(item, shape.value, f"{path}.{key}", found) for key, item in value.items()}
    return _leaf(value, shape, path, found)


def _leaf(value: Any, shape: Shape, path: str, found: list[str]) -> Any:
    if shape.type_name == "blob" and isinstance(value, str):
        value = base64.b64decode(value, validate=True)
        _bounds(len(value), shape, path, found)
    elif isinstance(shape, StringShape) and isinstance(value, str):
        _bounds(len(value), shape, path, found)
        if shape.enum and value not in shape.enum:
            found.append(f"{path}: {value!r} is none of {shape.enum}")
        pattern = shape.metadata.get("pattern")
        if pattern is not None and not re.fullmatch(pattern, value):
            found.append(f"{path}: {value!r} does not match {pattern}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _bounds(value, shape, path, found)
    return value


def _bounds(size: float, shape: Shape, path: str, found: list[str]) -> None:
    low, high = shape.metadata.get("min", size), shape.metadata.get("max", size)
    if not low <= size <= high:
        found.append(f"{path}: {size} is not within {low} and {high}")
