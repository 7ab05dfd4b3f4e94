"""Which headers of a provider's answer its caller gets: what is left of its limits, and how long it took.

Portkey hands on all of them. Others than these are about the provider's account, its cookies or its servers,
and a caller of ours has no business with them (OpenAI's names the operator's organization). Counts, durations
and moments all begin with a digit, so that nothing else comes by these names.
"""

import re
from collections.abc import Iterable

Headers = tuple[tuple[bytes, bytes], ...]
"""As they stand on the wire, which is where they go."""

_PREFIXES = (b"x-ratelimit-", b"anthropic-ratelimit-")
_NAMES = frozenset({b"openai-processing-ms", b"openai-version"})
_LINE = re.compile(rb"[a-z0-9-]{1,64}:-?[0-9][0-9A-Za-z.,:;=+ -]{0,63}")
_MAX_HEADERS = 32
"""OpenAI sends eight, Anthropic twelve."""


def is_about_limits(name: bytes) -> bool:
    """Whether a header of this name (in lower case) is one of these."""
    return name.startswith(_PREFIXES) or name in _NAMES


def limit_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return those of an answer's headers that its caller gets, names in lower case."""
    named = [(name, value) for one, value in headers if is_about_limits(name := one.lower())]
    if not named:
        return ()
    return tuple(line for line in named[:_MAX_HEADERS] if _LINE.fullmatch(b"%b:%b" % line))
