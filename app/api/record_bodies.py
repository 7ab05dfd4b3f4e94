"""Bodies of requests that are about the record: small JSON objects of a known shape."""

import re
from typing import Any, TypeVar

import msgspec
from litestar import Request

from app.api.headers import require_json
from app.domain.errors import InvalidRequest
from app.wire.strict_json import decode_object

_Shape = TypeVar("_Shape")
_PLACE = re.compile(r" - at `\$\.?([^`]*)`\Z")
"""How msgspec ends a message that says where (`msgspec.ValidationError`, 0.20)."""
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]*)`\Z")


async def body_of(
    request: Request[Any, Any, Any], shape: type[_Shape], *, max_bytes: int = 16 * 1024, max_depth: int = 4
) -> _Shape:
    """Return the body.

    Args:
        request: whose body it is.
        shape: a struct.
        max_bytes: that it may have.
        max_depth: how many objects and arrays may stand inside one another.

    Raises:
        InvalidRequest: it is larger, no JSON, or of another shape; `param` names the field.
        UnsupportedMediaType: it does not say that it is JSON.
    """
    require_json(request.scope)
    body = await request.body()
    if len(body) > max_bytes:
        raise InvalidRequest(f"The body is larger than {max_bytes} bytes.")
    try:
        return msgspec.convert(decode_object(body, max_depth=max_depth), shape)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"The body is not as expected: {error}", param=_field(str(error))) from None


def _field(message: str) -> str | None:
    place = _PLACE.search(message)
    path = "" if place is None else place[1]
    unknown = _UNKNOWN.match(message[: None if place is None else place.start()])
    names = (path, "" if unknown is None else unknown[1][:64])
    return ".".join(name for name in names if name) or None
