"""A request of OpenAI's API: from a caller's bytes, and to an OpenAI-compatible provider's.

Decoding checks everything documented (`app/wire/openai/shapes.py`) and keeps everything sent: the document
goes on as it came, with unknown fields and numbers as written. Errors say where, in OpenAI's `param`
notation, and never what.
"""

import re
from typing import Any

import msgspec

from app.domain.errors import InvalidRequest
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.wire.openai.asked_texts import CompletionShape, EmbeddingsShape, require_encoding, tokens_in
from app.wire.openai.shapes import ROLES, Request
from app.wire.strict_json import decode_object


class Limits(msgspec.Struct, frozen=True):
    """What a request may be at most."""

    max_messages: int = 10_000
    max_inputs: int = 2048
    """Texts in one request for vectors, or prompts in one for completions (OpenAI's bound)."""
    max_depth: int = 64
    """Levels of objects and arrays, the document itself counted."""


def decode(
    body: bytes, limits: Limits, operation: Operation = Operation.CHAT, *, strict: bool = True
) -> ModelRequest:
    """Read a caller's request.

    Args:
        body: JSON.
        limits: what it may be at most.
        operation: what it asks for.
        strict: as the caller wants it by header.

    Raises:
        InvalidRequest: `param` names the field.
    """
    if not body:
        asked = _ASKED[operation]
        raise InvalidRequest(f"The body is empty; a JSON object with `model` and `{asked}` is expected.")
    document = decode_object(body, max_depth=limits.max_depth, known_keys=_FIELDS)
    _bound(document, "messages", limits.max_messages)
    if operation is not Operation.CHAT:
        _bound(document, _ASKED[operation], limits.max_inputs)
    return _read(document, operation, strict=strict)


def checked(request: ModelRequest) -> ModelRequest:
    """Return the request as its document says it, which was changed since it was read.

    Raises:
        InvalidRequest: it is no request any more; `param` names the field.
    """
    again = _read(request.document, request.operation, strict=request.strict)
    return msgspec.structs.replace(
        again,
        model=request.model,
        stream=request.stream,
        timeout_s=request.timeout_s,
        headers=request.headers,
        include_usage=request.include_usage,
    )


def _bound(document: dict[str, Any], name: str, most: int) -> None:
    found = document.get(name)
    if isinstance(found, list) and len(found) > most and not isinstance(found[0], int):
        raise InvalidRequest(f"At most {most} {_PLURAL.get(name, name)} are accepted.", param=name)


def _read(document: dict[str, Any], operation: Operation, *, strict: bool) -> ModelRequest:
    if operation is Operation.EMBEDDINGS:
        return _read_embeddings(document)
    shape: Request | CompletionShape
    try:
        if operation is Operation.CHAT:
            shape = msgspec.convert(document, Request)
        else:
            shape = msgspec.convert(document, CompletionShape)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    if shape.stream_options is not None and not shape.stream:
        raise InvalidRequest("`stream_options` is only allowed with `stream: true`.", param="stream_options")
    options = shape.stream_options
    return ModelRequest(
        document=document,
        model=shape.model,
        stream=bool(shape.stream),
        include_usage=options is not None and options.include_usage is True,
        strict=strict,
        operation=operation,
        unreadable=tokens_in(document, _ASKED[operation]) if operation is Operation.COMPLETION else None,
    )


def _read_embeddings(document: dict[str, Any]) -> ModelRequest:
    try:
        shape = msgspec.convert(document, EmbeddingsShape)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    require_encoding(shape)
    name = _ASKED[Operation.EMBEDDINGS]
    return ModelRequest(
        document=document,
        model=shape.model,
        operation=Operation.EMBEDDINGS,
        unreadable=tokens_in(document, name),
    )


def encode(request: ModelRequest, model: str, *, stream_usage: bool) -> bytes:
    """Write the request for an OpenAI-compatible provider: the caller's document under the provider's model.

    Args:
        request: what to ask.
        model: as the provider calls it.
        stream_usage: whether to ask for the usage chunk of a stream, which the caller may not have asked for.
    """
    document: dict[str, Any] = {**request.document, "model": model}
    if request.stream and stream_usage:
        document["stream_options"] = {**(document.get("stream_options") or {}), "include_usage": True}
    return _encode(document)


_ASKED = {Operation.CHAT: "messages", Operation.COMPLETION: "prompt", Operation.EMBEDDINGS: "input"}
"""What each is asked of."""
_PLURAL = {"input": "inputs", "prompt": "prompts"}
_encode = msgspec.json.Encoder().encode
_FIELDS = frozenset(
    (*Request.__struct_fields__, *CompletionShape.__struct_fields__, *EmbeddingsShape.__struct_fields__)
)
_PLACE = re.compile(r"^(?P<reason>.*?)(?: - at `\$?(?:\.)?(?P<path>.*)`)?$", re.DOTALL)
"""How msgspec ends its messages: "Expected `str`, got `int` - at `$.messages[0].name`"."""
_MISSING = re.compile(r"^Object missing required field `(\w+)`$")


def _invalid(message: str) -> InvalidRequest:
    """Turn msgspec's words into ours; those that could quote a value are replaced."""
    found = _PLACE.match(message)
    assert found is not None
    reason, path = found["reason"], (found["path"] or "").replace("[...]", "")
    missing = _MISSING.match(reason)
    if missing is not None:
        param = f"{path}.{missing[1]}" if path else missing[1]
        return InvalidRequest(f"`{param}` is missing.", param=param)
    if reason.startswith("Invalid value"):  # an unknown tag: the role of a message is the only one
        return InvalidRequest(f"`{path}` must be one of {', '.join(ROLES)}.", param=path)
    if "length" in reason:
        return InvalidRequest(f"`{path}` must not be empty.", param=path)
    return InvalidRequest(f"`{path}` is of the wrong type: {_lowered(reason)}.", param=path)


def _lowered(reason: str) -> str:
    return reason[:1].lower() + reason[1:]
