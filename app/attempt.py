"""What an attempt learns from the events of its answer: usage, finish reasons, the provider's own ids."""

import re
import time
from collections.abc import Callable
from typing import Any

import msgspec

from app.domain.events import ChoiceFinished, Event, ProviderEvent, Started, UsageReported
from app.domain.exchange import Attempt, Usage

_MAX_TOKENS = 2**53
"""Counts beyond this are nonsense, not usage."""
_MAX_REASONS = 128
"""As many as `n` may ask for; a provider that says it with every chunk is not followed."""
_MAX_DROPPED = 24
"""Names of parameters that are shown; `...` stands for the rest."""
_SHOWN_NAME = re.compile(r"[!-+\--~]{1,64}")
"""Visible ASCII without a comma: what can stand in a list in a header, a column and a log line."""


def note_event(attempt: Attempt, event: ProviderEvent) -> None:
    """Note on the attempt what this event says about it."""
    if attempt.first_event_ns is None:
        attempt.first_event_ns = time.time_ns()
    match event:
        case Started():
            attempt.service_tier = _text(event.fields.get("service_tier"))
        case ChoiceFinished() if event.reason is not None and len(attempt.finish_reasons) < _MAX_REASONS:
            attempt.finish_reasons += (event.reason,)
        case UsageReported():
            attempt.usage = usage_of(event.fields)
            if not attempt.operation.answers_in_words:
                attempt.usage = msgspec.structs.replace(attempt.usage, completion_tokens=0)
        case _:
            pass


def note_released(attempt: Attempt, event: Event) -> None:
    """Note the provider's own names on the attempt, from an event as guardrails have left it."""
    if isinstance(event, Started):
        attempt.response_id = _text(event.fields.get("id"))
        attempt.response_model = _text(event.fields.get("model"))


def usage_of(fields: dict[str, Any]) -> Usage:
    """Read OpenAI's usage object; a count that is none is left out."""
    prompt = _details(fields, "prompt_tokens_details")
    return Usage(
        prompt_tokens=_count(fields.get("prompt_tokens")),
        completion_tokens=_count(fields.get("completion_tokens")),
        cached_tokens=_count(prompt.get("cached_tokens")),
        reasoning_tokens=_count(_details(fields, "completion_tokens_details").get("reasoning_tokens")),
        cache_write_tokens=_count(prompt.get("cache_write_tokens")),
    )


def shown_names(dropped: tuple[str, ...], scrub: Callable[[str], str]) -> tuple[str, ...]:
    """Return the names of dropped parameters as they may be shown: a caller chose them, and how many.

    Args:
        dropped: as the provider noted them, or as they were shown before.
        scrub: takes secrets and personal data out.
    """
    names = tuple(filter(_SHOWN_NAME.fullmatch, map(scrub, dropped[: _MAX_DROPPED + 1])))
    return (*names[:_MAX_DROPPED], "...") if len(names) > _MAX_DROPPED else names


def _details(fields: dict[str, Any], key: str) -> dict[str, Any]:
    details = fields.get(key)
    return details if isinstance(details, dict) else {}


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_TOKENS
    return value if is_count and isinstance(value, int) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
