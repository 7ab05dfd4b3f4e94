r"""The bytes that are hashed: the same from a row to be written, from either database and from an export.

A row is a JSON array of the values of its columns in the order stated here, without spaces, characters as
they are (escapes only for control characters), where

    moment    "2026-11-22T20:51:52.123456Z"
    double    the shortest text that reads back as the same, as Python's repr writes it, in quotes: "0.1"
    money     in quotes, 12 places, of the 15 digits that PostgreSQL takes of a double: "0.250000000000"
    boolean   true, false
    integer   as it is; text and UUID in quotes; no value: null

An exchange is the array of [VERSION, its row, [its attempts], [verdicts], [findings], [payloads]], children
by number or kind. Its digest is sha256 of that.

Why arrays: names would double what is hashed. Why stated and not all columns of a table: a column that is
added later must not change the digests of what is written; `VERSION` is part of every digest, and changes
with the lists. What is left out is listed too, with the reason.
"""

import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from operator import itemgetter
from typing import Any

import msgspec

Value = str | int | float | bool | Decimal | None
Row = Mapping[str, Any]

VERSION = 1
_ENCODE = msgspec.json.Encoder().encode
_PLACES = Decimal("0.000000000001")

_TOKENS = "prompt_tokens completion_tokens cached_tokens reasoning_tokens cache_write_tokens"
COLUMNS: dict[str, tuple[str, ...]] = {
    "exchanges": tuple(
        (
            "id started_at ended_at trace_id span_id trace_sampled caller policy_version method path "
            "operation unscreened stream requested_model provider model outcome status_code "
            "error_type error_code "
            f"duration_ms upstream_ms overhead_ms time_to_first_token_ms {_TOKENS} cost_usd cache_status "
            "chars_received chars_screened chars_released record_error writer erasable_hash"
        ).split()
    ),
    "attempts": tuple(
        (
            "number provider provider_kind model server_address server_port started_at ended_at duration_ms "
            "time_to_first_event_ms status_code error_type response_id response_model finish_reasons "
            f"{_TOKENS} cost_usd dropped_params cache_status cached_exchange_id cache_similarity span_id"
        ).split()
    ),
    "verdicts": tuple(
        (
            "number guardrail side decision action mode blocked error started_at duration_ms "
            "findings_dropped complete"
        ).split()
    ),
    "findings": tuple(
        "number verdict_number check_kind rule part start_offset end_offset score fingerprint".split()
    ),
    "payloads": ("kind", "content", "hash"),
    "record_events": ("id", "at", "kind", "actor", "exchanges", "detail"),
    "chain": ("writer", "sequence", "at", "kind", "exchange_id", "exchange_started_at", "event_id", "digest"),
}
ERASABLE = ("caller_trace_id", "error_message", "error_param", "metadata", "subject")
"""Columns of `exchanges` that may hold a person's words: the digest knows only a salted hash of them."""
BESIDE = {
    "exchanges": {"erasable_salt": "goes when the exchange is erased"},
    "payloads": {
        "body": "known by its hash",
        "salt": "goes when the body is erased",
        "key_id": "changes when the key does",
        "erased_at": "comes when the body goes; the chain holds an entry for it",
    },
}
"""Columns that are in no digest, and why. Those that name the exchange stand in its own row."""
_DOUBLES = frozenset(
    "duration_ms upstream_ms overhead_ms time_to_first_token_ms time_to_first_event_ms cache_similarity "
    "score".split()
)
_BOOLEANS = frozenset("trace_sampled unscreened stream blocked complete".split())
_MONEY = frozenset({"cost_usd"})


def values_of(table: str) -> Callable[[Row], list[Value]]:
    """Return what makes the array of a row of this table."""
    names = COLUMNS[table]
    get = itemgetter(*names)
    changed = [(i, _CHANGES[kind]) for i, name in enumerate(names) if (kind := _kind(name)) is not None]

    def values(row: Row) -> list[Value]:
        made = list(get(row))
        for i, change in changed:
            if made[i] is not None:
                made[i] = change(made[i])
        return made

    return values


def double(value: float) -> str:
    """Return the shortest text that reads back as the same number; what is none is another text."""
    try:
        return repr(float(value))
    except ValueError:  # SQLite holds any text in any column
        return repr(value)


def flag(value: object) -> Value:
    """Return a boolean. What SQLite may hold instead, and might take for either, is a text."""
    return bool(value) if value in (0, 1) else repr(value)


@functools.lru_cache(maxsize=4096)
def money(value: float | str | Decimal) -> str:
    """Return an amount with 12 places, as PostgreSQL makes a `numeric` of a double: of 15 digits, half up."""
    try:
        exact = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
        return f"{exact.quantize(_PLACES, ROUND_HALF_UP):f}"
    except ArithmeticError:  # as in `double`
        return repr(value)


def exchange_digest(exchange: Row, children: Mapping[str, Sequence[Row]]) -> str:
    """Return what the chain holds of an exchange.

    Args:
        exchange: its row of `exchanges`.
        children: its rows of the other tables, by table, in any order.
    """
    parts: list[Any] = [VERSION, _VALUES["exchanges"](exchange)]
    for table in ("attempts", "verdicts", "findings", "payloads"):
        rows = [_VALUES[table](row) for row in children[table]]
        rows.sort(key=itemgetter(0))
        parts.append(rows)
    return hashlib.sha256(_ENCODE(parts)).hexdigest()


def event_digest(event: Row) -> str:
    """Return what the chain holds of a row of `record_events`."""
    return hashlib.sha256(_ENCODE([VERSION, _VALUES["record_events"](event)])).hexdigest()


def link_hash(previous_hash: str, entry: Row) -> str:
    """Return the hash of an entry of the chain that stands behind another."""
    return hashlib.sha256(_ENCODE([previous_hash, *_VALUES["chain"](entry)])).hexdigest()


def erasable_hash(salt: str, exchange: Row) -> str | None:
    """Return the salted hash of what may be erased of an exchange; None: it has nothing of it."""
    values = [exchange[name] for name in ERASABLE]
    if all(value is None for value in values):
        return None
    return hashlib.sha256(bytes.fromhex(salt) + _ENCODE(values)).hexdigest()


def body_hash(salt: str, body: str) -> str:
    """Return the salted hash of a payload's body, as it was before it was encrypted."""
    return hashlib.sha256(bytes.fromhex(salt) + body.encode()).hexdigest()


def _kind(name: str) -> str | None:
    if name in _DOUBLES:
        return "double"
    if name in _BOOLEANS:
        return "boolean"
    return "money" if name in _MONEY else None


_CHANGES: dict[str, Callable[[Any], Value]] = {"double": double, "money": money, "boolean": flag}
_VALUES = {table: values_of(table) for table in COLUMNS}
