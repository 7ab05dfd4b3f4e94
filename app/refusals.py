"""A provider's own words: what it says about an error, and the names it gives to things.

They may quote what was asked or answered, so they are no safer than an answer.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import msgspec

from app.domain.errors import CallerError, HandrailError, UpstreamRefused
from app.domain.exchange import Attempt
from guardrails import OutputScreen, Part, PartKind

_RETRY_VALUE = re.compile(
    r"[0-9]{1,8}(?:\.[0-9]{1,6})?|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}(?::[0-9]{2}){2} GMT"
)
"""A number of seconds or milliseconds, or a date (RFC 9110, 10.2.3)."""
_KNOWN_REASONS = frozenset(
    """
    stop length tool_calls content_filter function_call eos eos_token stop_sequence max_tokens model_length
    end_turn tool_use refusal pause_turn error abort cancelled recitation safety insufficient_system_resource
    """.split()
)
"""Why answers end, with OpenAI and those that say it in their own words."""
_OTHER = "other"
_REMEMBERED = 4_096
_SHORT = 128
"""Characters of a text that may come again; together at most half a megabyte is remembered."""


async def screen_refusal(error: UpstreamRefused, screen: OutputScreen, scrub: Callable[[str], str]) -> None:
    """Screen all that a provider says about an error as an answer; the error is changed in place.

    Args:
        error: as the provider put it.
        screen: of the answer that did not come.
        scrub: takes secrets and personal data out.
    """
    said = {"message": error.message, "type": error.upstream_type, "param": error.param, "code": error.code}
    coverage = msgspec.structs.astuple(screen.coverage)
    for name, text in said.items():
        if text:
            path = f"error.{name}"
            released = await screen.feed(Part(path, text, PartKind.FIELD, "assistant"))
            said[name] = scrub(released + await screen.finish(path))
    # Coverage counts what an answer says; this is none.
    screen.coverage.received, screen.coverage.screened, screen.coverage.released = coverage
    if screen.blocked is not None:
        said = dict.fromkeys(said, None)
    error.message = said["message"] or "The provider refused; a guardrail withheld what it said."
    error.upstream_type = said["type"] or UpstreamRefused.type
    error.param, error.code = said["param"], said["code"]
    error.headers = tuple(header for header in error.headers if _RETRY_VALUE.fullmatch(header[1]))


def remembering(scrub: Callable[[str], str]) -> Callable[[str], str]:
    """Return what scrubs short texts once: models, reasons to end and ids of answers given again come often.

    Args:
        scrub: gives the same text for the same one. To scrub a word takes it some 40 us.
    """
    remembered = lru_cache(_REMEMBERED)(scrub)
    return lambda text: remembered(text) if len(text) <= _SHORT else scrub(text)


def scrubbed_error(error: HandrailError, scrub: Callable[[str], str]) -> HandrailError:
    """Return a caller's error without secrets in what it repeats of his own words; changed in place."""
    if isinstance(error, CallerError):
        error.message = scrub(error.message)
    return error


def scrub_names(attempt: Attempt, scrub: Callable[[str], str]) -> None:
    """Scrub the provider's ids and names on an attempt, which go on record and into traces."""
    attempt.response_id = scrub(attempt.response_id) if attempt.response_id else None
    attempt.response_model = scrub(attempt.response_model) if attempt.response_model else None
    attempt.finish_reasons = tuple(
        reason if reason.lower() in _KNOWN_REASONS else _OTHER for reason in attempt.finish_reasons
    )
