"""Single values as both databases take them."""

import functools
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (UTC throughout, written with Z)
_JSON = msgspec.json.Encoder(decimal_format="number")
_MAX_COUNT = 2**31 - 1
"""Of an INTEGER column."""
_MAX_USD = 10**12
"""Of a NUMERIC(24, 12) column."""


def moment(ns: int) -> str:
    """Return a Unix time in nanoseconds as UTC with microseconds, always 27 characters.

    `2026-11-22T20:51:52.123456Z`.
    """
    seconds, rest_ns = divmod(ns, 1_000_000_000)
    return f"{_second(seconds)}.{rest_ns // 1000:06}Z"


@functools.lru_cache(maxsize=128)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def milliseconds(start_ns: int, end_ns: int | None) -> float | None:
    """Return the time between two moments, None while the second has not come.

    Never negative: these are moments of the wall clock, which may be set.
    """
    return None if end_ns is None else max(0, end_ns - start_ns) / 1e6


def count(value: int | None) -> int | None:
    """Return what a provider says that it counted, None where that can be no count."""
    return value if isinstance(value, int) and 0 <= value <= _MAX_COUNT else None


def usd(cost: Decimal | None) -> float | None:
    """Return an amount of money, None where that can be none.

    PostgreSQL takes 15 digits of a double for its `numeric`, which are all there are below 1,000 USD.
    """
    if not isinstance(cost, Decimal) or not cost.is_finite():
        return None
    return float(cost) if 0 <= cost < _MAX_USD else None


def fitted(text: str, bound: int) -> str:
    """Return a text of at most `bound` code points that every database takes.

    NUL (refused by PostgreSQL) and lone surrogates (no UTF-8 for them) become U+FFFD; what is cut off
    becomes `…`.
    """
    if len(text) > bound:
        text = text[: bound - 1] + "…"
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def json_text(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a JSON value as text, NUL and lone surrogates as escapes, all else as it is."""
    try:
        return _JSON.encode(value).decode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), default=str)
