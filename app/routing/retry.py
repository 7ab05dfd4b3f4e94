"""Whether and when the same target is asked again.

Portkey waits 1, 2, 4, ... seconds; clients that failed together then come back together. Here the wait is
drawn between 0 and that ("full jitter": aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
"""

import email.utils
import math
import re
from collections.abc import Mapping
from typing import Protocol

from app.routing.config import Retry
from app.routing.outcome import DENIED, FLAGGED, Outcome

RETRIED = frozenset({429, 500, 502, 503, 504, 529})
"""Statuses that are retried by default (Portkey's docs, 2026-08; its open-source gateway leaves out 529,
Anthropic's `overloaded_error`)."""
MAX_WAIT_S = 60.0
"""Of one wait, and of all waits of a request together. Asked for more, one does not wait (Portkey)."""
_FIRST_S = 1.0
_MOST_S = 16.0
_MILLISECONDS = ("retry-after-ms", "x-ms-retry-after-ms")
"""OpenAI's and Azure's; they go before `retry-after`, which has whole seconds only (Portkey)."""
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?\Z")


class RandomSource(Protocol):
    """Where chance comes from; `random.Random` is one."""

    def random(self) -> float:
        """Return a number of at least 0 and less than 1."""


def may_retry(retry: Retry, outcome: Outcome) -> bool:
    """Return whether another attempt at the same target makes sense after this outcome.

    A list of statuses in the config is taken at its word; by default what is known to be hopeless, such as a
    429 for a spent budget, is not repeated. A success is not, but for a complaint of a guardrail (246) that
    is listed. What could not be reached is tried again whatever is listed, as in Portkey.
    """
    if not retry.attempts or outcome.began or outcome.is_unsupported or outcome.denied_at is not None:
        return False
    if outcome.is_unreachable:
        return True
    if retry.on_status_codes is None:
        return outcome.status in RETRIED and outcome.retryable is not False
    return outcome.status in retry.on_status_codes and (not outcome.ok or outcome.status == FLAGGED)


def wait_s(retry: Retry, outcome: Outcome, number: int, random: RandomSource) -> float | None:
    """Return how long to wait before a retry; None: not to retry, since the provider asks for too long.

    Args:
        retry: what the config says.
        outcome: of the attempt before.
        number: of the retry, from 1.
        random: for the jitter.
    """
    if outcome.status in {FLAGGED, DENIED}:
        return 0.0  # no overload: the next answer may just be another one
    if retry.use_retry_after and outcome.retry_after_s is not None:
        return outcome.retry_after_s if outcome.retry_after_s < MAX_WAIT_S else None
    return random.random() * min(_FIRST_S * 2.0 ** (number - 1), _MOST_S)


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return how many seconds a response asks to wait, None if it does not or cannot be understood.

    Args:
        headers: of the response; names in lower case, or a mapping that does not tell cases apart.
        now_s: Unix time.
    """
    for name in _MILLISECONDS:
        number = _number(headers.get(name))
        if number is not None:
            return number / 1_000
    value = headers.get("retry-after")
    number = _number(value)
    return number if number is not None or value is None else _until(value, now_s)


def _number(value: str | None) -> float | None:
    number = float(value) if value is not None and _NUMBER.match(value := value.strip()) else None
    return number if number is not None and math.isfinite(number) else None


def _until(value: str, now_s: float) -> float | None:
    """Return the seconds until an HTTP date (RFC 9110, 5.6.7), 0 for one that is over."""
    try:
        date = email.utils.parsedate_to_datetime(value)
        return max(date.timestamp() - now_s, 0.0)
    except (ValueError, OverflowError):
        return None
