r"""Questions about a request that a conditional strategy asks: `{"metadata.plan": {"$eq": "paid"}}`.

The operators are Portkey's. Where its open-source gateway and a reader's expectation part, we do this:

- All keys of a query and all operators of a key must hold. There, what follows `$and`, `$or` or `$regex` is
  not looked at.
- A query that can never be what its author meant is refused when the config is read: an unknown operator, a
  pattern that RE2 does not take (it has no look-around), `$gt` with a word. There, it is no match or an error
  of each request.
- `metadata.a.b` is the key `a.b`, or else the key `b` inside of `a`. There, it is `metadata.a`.
- `$regex` does not match what is missing. There, it sees the text "undefined".

What existing configs rely on stays: equality asks for the same type (`5` is not `"5"`); numbers are read as
JavaScript's parseFloat does, so that `"18.2.0"` is 18.2; `$ne` and `$nin` hold for what is missing, as in
MongoDB (Portkey's documentation says otherwise, its code does this); an empty query always holds.
"""

import enum
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

import msgspec
import re2

from app.routing.config_error import ConfigError, kind_of, member, shown
from app.routing.config_fields import Fields, read_items, read_text

MAX_QUERY_DEPTH = 8
"""Levels of `$and` and `$or`."""
_FLOAT = re.compile(r"[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
"""What parseFloat reads at the start of a text (ECMA-262, StrDecimalLiteral)."""
_ROOTS = ("metadata", "params", "url")
_URL_KEYS = ("pathname",)
_PATTERN_OPTIONS = re2.Options()
_PATTERN_OPTIONS.log_errors = False
_SHORT, _MAX_REMEMBERED = 64, 1024
"""Characters of a text of which it is remembered whether a pattern is found there, and of how many."""
_SCALARS = (str, int, float, type(None))
MISSING: Any = msgspec.UNSET
"""What a request has where it has nothing; null is something."""


class Facts(msgspec.Struct, frozen=True):
    """What queries may ask about."""

    metadata: Mapping[str, Any] = {}
    """As the caller sent it in `x-portkey-metadata`."""
    params: Mapping[str, Any] = {}
    """The request's document as it came, before a config changes any of it."""
    pathname: str = ""
    """Of the request's URL: `/v1/chat/completions`."""


class Operator(enum.StrEnum):
    """How a value is compared."""

    EQ = "$eq"
    NE = "$ne"
    GT = "$gt"
    GTE = "$gte"
    LT = "$lt"
    LTE = "$lte"
    IN = "$in"
    NIN = "$nin"
    REGEX = "$regex"


class Operand(msgspec.Struct, frozen=True):
    """A place in a request, `params.model`."""

    root: str
    key: str
    """All behind the first dot."""

    def value(self, facts: Facts) -> Any:  # noqa: ANN401 (JSON)
        """Return what stands there, `MISSING` for nothing."""
        if self.root == "url":
            return facts.pathname
        held = facts.metadata if self.root == "metadata" else facts.params
        found = held.get(self.key, MISSING)
        if found is not MISSING or "." not in self.key:
            return found
        found = held
        for part in self.key.split("."):
            found = found.get(part, MISSING) if isinstance(found, Mapping) else MISSING
        return found


class Test(msgspec.Struct, frozen=True):
    """One comparison."""

    __test__ = False  # its name looks like a test's
    operand: Operand
    operator: Operator
    value: Any
    """What is compared with: a scalar, a float for an order, a tuple for `$in`, the text of a pattern."""
    pattern: Any = None
    """The compiled pattern of `$regex`."""


class All(msgspec.Struct, frozen=True):
    """Holds if all of these do."""

    queries: tuple["Query", ...]


class Some(msgspec.Struct, frozen=True):
    """Holds if one of these does."""

    queries: tuple["Query", ...]


Query = Test | All | Some
Asked = Callable[[Facts], bool]


def asked(query: Query) -> Asked:
    """Return what says whether a request is what the query asks for: made once, asked for each request."""
    if isinstance(query, Test):
        return _comparing(query)
    parts, decisive = tuple(map(asked, query.queries)), isinstance(query, Some)

    def holds(facts: Facts) -> bool:
        for part in parts:  # as `any` and `all`, in half of the time
            if part(facts) is decisive:
                return decisive
        return not decisive

    return holds


def read_query(value: object, path: str, depth: int = 1) -> Query:
    """Return the query that a config holds.

    Raises:
        ConfigError: it is none.
    """
    if depth > MAX_QUERY_DEPTH:
        raise ConfigError(path, f"nests deeper than {MAX_QUERY_DEPTH} levels")
    if not isinstance(value, Mapping):
        raise ConfigError(
            path, f"expected an object such as {{'metadata.plan': 'paid'}}, got {kind_of(value)}"
        )
    queries = tuple(_read_key(key, inner, member(path, key), depth) for key, inner in value.items())
    return queries[0] if len(queries) == 1 else All(queries)


def read_operand(key: object, path: str) -> Operand:
    """Return the place that a key names.

    Raises:
        ConfigError: it is nothing that a request has.
    """
    root, _, name = read_text(key, path).partition(".")
    if root not in _ROOTS or not name:
        raise ConfigError(path, "names no place; write metadata.<key>, params.<key> or url.pathname")
    if root == "url" and name not in _URL_KEYS:
        raise ConfigError(path, "is not known; of the URL there is url.pathname")
    return Operand(root, name)


def _read_key(key: object, value: object, path: str, depth: int) -> Query:
    if key in {"$and", "$or"}:
        inner = tuple(read_query(one, place, depth + 1) for place, one in read_items(value, path))
        return All(inner) if key == "$and" else Some(inner)
    if isinstance(key, str) and key.startswith("$"):
        raise ConfigError(path, "is no operator between queries; there are $and, $or")
    operand = read_operand(key, path)
    if not isinstance(value, Mapping):
        return _read_test(operand, Operator.EQ, value, path)
    if not value:
        raise ConfigError(path, "gives no operator; write {'$eq': ...}")
    Fields(value, path).refuse_unknown(_OPERATORS)
    tests = tuple(_read_test(operand, Operator(name), one, member(path, name)) for name, one in value.items())
    return tests[0] if len(tests) == 1 else All(tests)


def _read_test(operand: Operand, operator: Operator, value: object, path: str) -> Test:
    match operator:
        case Operator.EQ | Operator.NE:
            return Test(operand, operator, _scalar(value, path))
        case Operator.IN | Operator.NIN:
            return Test(
                operand, operator, tuple(_scalar(one, place) for place, one in read_items(value, path))
            )
        case Operator.REGEX:
            pattern = read_text(value, path)
            return Test(operand, operator, pattern, _compiled(pattern, path))
        case _:
            number = _number(value)
            if number is None:
                raise ConfigError(path, "expected a number")
            return Test(operand, operator, number)


def _scalar(value: object, path: str) -> object:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise ConfigError(path, f"expected a string, a number, a boolean or null, got {kind_of(value)}")


def _compiled(pattern: str, path: str) -> object:
    try:
        return cast("object", re2.compile(pattern, _PATTERN_OPTIONS))
    except re2.error as error:
        reason = b"".join(part for part in error.args if isinstance(part, bytes)).decode(errors="replace")
        raise ConfigError(path, f"RE2 does not take this pattern: {shown(reason)}") from None
    except UnicodeEncodeError:
        raise ConfigError(path, "holds half of a surrogate pair, which is no text") from None


def _comparing(test: Test) -> Asked:
    found, value = test.operand.value, test.value
    match test.operator:
        case Operator.EQ:
            return lambda facts: _same(found(facts), value)
        case Operator.NE:
            return lambda facts: not _same(found(facts), value)
        case Operator.IN:
            return lambda facts: _is_one(found(facts), value)
        case Operator.NIN:
            return lambda facts: not _is_one(found(facts), value)
        case Operator.REGEX:
            return lambda facts: _is_found(test.pattern, _text(found(facts)))
        case operator:
            return lambda facts: _is_ordered(operator, _number(found(facts)), value)


def _is_found(pattern: Any, text: str | None) -> bool:  # noqa: ANN401 (RE2 has no types)
    if text is None:
        return False
    return _is_found_in_short(pattern, text) if len(text) <= _SHORT else _is_found_in(pattern, text)


def _is_found_in(pattern: Any, text: str) -> bool:  # noqa: ANN401 (RE2 has no types)
    try:
        return pattern.search(text.encode()) is not None  # of a str it would count
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can hold it, UTF-8 cannot
        return False


_is_found_in_short = lru_cache(_MAX_REMEMBERED)(_is_found_in)
"""What is asked about is mostly one of a few: the model, a plan, a region."""


def _is_ordered(operator: Operator, number: float | None, bound: float) -> bool:
    if number is None:
        return False
    if operator is Operator.GT:
        return number > bound
    if operator is Operator.GTE:
        return number >= bound
    return number < bound if operator is Operator.LT else number <= bound


def _is_one(value: object, others: tuple[object, ...]) -> bool:
    return any(_same(value, other) for other in others)


def _same(value: object, other: object) -> bool:
    """Return whether both are the same scalar of JSON: `1` is `1.0` and neither `true` nor `"1"`."""
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    return isinstance(value, _SCALARS) and value == other


def _number(value: object) -> float | None:
    """Return what parseFloat gives, None for NaN."""
    if isinstance(value, str):
        found = _FLOAT.match(value.lstrip())
        return None if found is None else float(found[0])
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 (NaN)
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _text(value: object) -> str | None:
    """Return what a pattern sees: a string, or a number or boolean as JSON writes it."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else None


_OPERATORS = tuple(operator.value for operator in Operator)
