"""What a provider counted, as OpenAI's `usage`: the one place that knows what includes what.

`prompt_tokens` includes what was read from a cache and written to it, `completion_tokens` includes reasoning,
`total_tokens` is their sum. Vendors count otherwise, each in its own way; a format says which of its numbers
are parts of which, and gets an object in which the sums are right.
"""

from typing import Any

_MAX_TOKENS = 2**53
"""Counts beyond this are nonsense, not usage."""


def usage_fields(  # noqa: PLR0913 (what is counted)
    *,
    prompt: object,
    completion: object,
    cached: object = None,
    cache_write: object = None,
    reasoning: object = None,
    prompt_details: dict[str, Any] | None = None,
    completion_details: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return OpenAI's usage object.

    Args:
        prompt: all tokens of the question, cached ones included.
        completion: all tokens of the answer, reasoning included.
        cached: those of `prompt` that were read from a cache.
        cache_write: those of `prompt` that were written to one.
        reasoning: those of `completion` that nobody reads.
        prompt_details: further members of `prompt_tokens_details`: `audio_tokens`, `image_tokens`.
        completion_details: further members of `completion_tokens_details`.

    What is no count is left out: 0 is said only where the provider says it. So is a part that is more than
    its whole: one of the two is wrong, and the whole is what is paid for.
    """
    usage: dict[str, Any] = {}
    asked, answered = token_count(prompt), token_count(completion)
    if asked is not None:
        usage["prompt_tokens"] = asked
    if answered is not None:
        usage["completion_tokens"] = answered
    if asked is not None and answered is not None:
        usage["total_tokens"] = asked + answered
    if prompt_details or cached is not None or cache_write is not None:
        of_prompt = _details(asked, prompt_details, cached_tokens=cached, cache_write_tokens=cache_write)
        usage.update({"prompt_tokens_details": of_prompt} if of_prompt else {})
    if completion_details or reasoning is not None:
        of_completion = _details(answered, completion_details, reasoning_tokens=reasoning)
        usage.update({"completion_tokens_details": of_completion} if of_completion else {})
    return usage


def token_count(value: object) -> int | None:
    """Return a number of tokens, None if it is none; vendors may say 12.0 for 12."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int:  # True is none
        return None
    return value if 0 <= value <= _MAX_TOKENS else None


def tokens_together(*values: object) -> int | None:
    """Return the sum of what is counted apart; None if nothing of it was counted."""
    counts = [count for value in values if value is not None and (count := token_count(value)) is not None]
    return sum(counts) if counts else None


def _details(whole: int | None, further: dict[str, Any] | None, **counts: object) -> dict[str, Any]:
    """Return the counts of parts of `whole`; what was read from a cache was not written to it as well."""
    named = {**(further or {}), **{name: value for name, value in counts.items() if value is not None}}
    found = {
        name: count
        for name, value in named.items()
        if (count := token_count(value)) is not None and (whole is None or count <= whole)
    }
    written = found.get("cache_write_tokens", 0)
    if written and whole is not None and found.get("cached_tokens", 0) + written > whole:
        del found["cache_write_tokens"]
    return found
