"""JSON from a caller, read strictly: what two readers could understand differently is refused.

A gateway that screens a request must read it exactly as the provider behind it will. So duplicate keys (RFC
8259, section 4: "unpredictable"), NaN and Infinity, numbers beyond a double, halves of surrogate pairs and
anything but UTF-8 are errors here, although many decoders take them. The standard library's decoder is used
because it has a hook for keys (7 us for a request of 3 kB; msgspec takes 3 us and keeps the last of two equal
keys) and keeps integers exact.
"""

import json
import math
from collections import Counter
from collections.abc import Container
from typing import Any

from app.domain.errors import InvalidRequest

_NESTS = (dict, list)


def decode_object(
    body: bytes, *, max_depth: int, known_keys: Container[str] = (), what: str = "The body"
) -> dict[str, Any]:
    """Return the object that the body holds.

    Args:
        body: the whole of it.
        max_depth: how many objects and arrays may stand inside one another, the outermost counted.
        known_keys: keys that an error may name; any other key is the caller's content.
        what: what errors call it.

    Raises:
        InvalidRequest: with a message that repeats nothing of the body.
    """
    try:
        return _object(body, max_depth)
    except _Refused as error:
        param = error.key if error.key in known_keys else None
        raise InvalidRequest(f"{what} {error.message}", param=param) from None


def decode_array(body: bytes, *, max_depth: int, what: str = "The body") -> list[Any]:
    """Return the array that the body holds; otherwise as `decode_object`.

    Raises:
        InvalidRequest: with a message that repeats nothing of the body.
    """
    try:
        return _array(body, max_depth)
    except _Refused as error:
        raise InvalidRequest(f"{what} {error.message}") from None


def _object(body: bytes, max_depth: int) -> dict[str, Any]:
    document = _decoded(body, max_depth)
    if not isinstance(document, dict):
        raise _Refused("must be a JSON object.")
    if body.count(b"{") + body.count(b"[") > max_depth:
        _check_depth(document, max_depth)
    if b"\\ud" in body or b"\\uD" in body:
        _check_surrogates(document)
    return document


def _array(body: bytes, max_depth: int) -> list[Any]:
    array = _decoded(body, max_depth)
    if not isinstance(array, list):
        raise _Refused("must be a JSON array.")
    if _is_deeper(array, max_depth):
        raise _too_deep(max_depth)
    _check_surrogates({"": array})
    return array


def _decoded(body: bytes, max_depth: int) -> object:
    try:
        document: object = _DECODER.decode(body.decode("utf-8"))
    except _Refused:
        raise
    except RecursionError:
        raise _too_deep(max_depth) from None
    except ValueError as error:
        raise _Refused(_reason(error)) from None
    return document


class _Refused(ValueError):
    """What is wrong, said of what is read; the key may be shown only if it is a known one."""

    def __init__(self, message: str, key: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.key = key


def _reason(error: ValueError) -> str:
    """Say what is wrong without the words of the decoder, which may quote the body."""
    match error:
        case UnicodeDecodeError():
            return f"is not UTF-8: byte {error.start} is wrong."
        case json.JSONDecodeError():
            return f"is not JSON: line {error.lineno}, column {error.colno} is wrong."
        case _:
            # CPython's bound on the digits of an integer (sys.get_int_max_str_digits), its only other error.
            return "holds an integer with too many digits."


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _Refused("names a key twice in one object.", counts.most_common(1)[0][0])
    return members


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise _Refused("holds a number that is too large.")
    return value


def _no_constant(name: str) -> float:
    raise _Refused(f"holds {name}, which is not JSON.")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)


def _too_deep(max_depth: int, key: str | None = None) -> _Refused:
    return _Refused(f"is nested too deeply: at most {max_depth} levels are accepted.", key)


def _check_depth(document: dict[str, Any], max_depth: int) -> None:
    for key, value in document.items():
        if _is_deeper(value, max_depth - 1):
            raise _too_deep(max_depth, key)


def _is_deeper(value: object, max_depth: int) -> bool:
    """Return whether more than `max_depth` containers stand inside one another, without recursion."""
    level: list[Any] = [value] if type(value) in _NESTS else []
    for _ in range(max_depth):
        level = [
            inner
            for container in level
            for inner in (container.values() if type(container) is dict else container)
            if type(inner) in _NESTS
        ]
        if not level:
            return False
    return bool(level)


def _check_surrogates(document: dict[str, Any]) -> None:
    """Only an escape can bring in half of a pair, so this is called only where one was seen."""
    for key, value in document.items():
        try:
            json.dumps([key, value], ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise _Refused("holds half of a surrogate pair, which is no character.", key) from None
