"""What a provider is sent to know us by, and its removal from what the provider says.

Providers quote keys in their errors, whole or with stars in the middle ("Incorrect API key provided:
sk-ab***yz"), and what they say goes to callers and on record.
"""

import itertools
import re
from collections.abc import Iterable, Mapping

import httpx

_STARS = "***"
_MIN_FRAGMENT = 8
"""Characters of a secret in a row that give it away; a shorter secret counts as a whole."""
_MIN_SECRET = 6
"""Shorter ones are placeholders (`none`, `x`) for servers that want none: taking them out of sentences hides
nothing and spoils them."""
_MAX_CHARS = 8192
"""Of what a provider says in one place; the wire formats keep a quarter of it."""
_KEY_LIKE = re.compile(
    r"\bBearer\s+[^\s\"',;]+"  # RFC 6750, section 2.1
    r"|\b(?:sk|rk|pk|gsk|xai|pplx|csk|nvapi|hf|r8|fw|tgp)[-_][A-Za-z0-9_\-.*]{6,}"  # vendors', 2026-11
    r"|\bAIza[A-Za-z0-9_\-*]{10,}(?:[A-Za-z0-9_\-.*]*[A-Za-z0-9_\-*])?"  # Google
    # Masked by the provider. A match begins where a word does: else each place in a long one is tried.
    r"|(?<![A-Za-z0-9_\-.])[A-Za-z0-9_\-.]*\*{3,}(?:[A-Za-z0-9_\-.*]*[A-Za-z0-9_\-*])?"
)


def request_headers(extra: Mapping[str, str]) -> httpx.Headers:
    """Return the headers of every request to a provider; those that are given win over ours.

    Raises:
        ValueError: a value cannot stand in a header; the message names the header only.
    """
    fields = {
        "accept": "application/json, text/event-stream",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": "handrail",
    }
    fields.update((name.lower(), value) for name, value in extra.items())
    for name, value in fields.items():
        if not value or not is_sendable(name, value):
            raise ValueError(f"header {name!r} of a provider holds characters that HTTP does not allow")
    return httpx.Headers(fields)


def is_sendable(name: str, value: str) -> bool:
    """Whether HTTP allows this as a header."""
    return bool(_NAME.fullmatch(name.lower())) and (not value or bool(_VALUE.fullmatch(value)))


_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+")  # RFC 9110, section 5.6.2, in lower case
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")  # RFC 9110, section 5.5, ASCII only


def scrub(text: str, secrets: Iterable[str]) -> str:
    """Return the text with stars in place of credentials: ours, parts of ours, and what looks like one.

    What is longer than any message of use is cut.
    """
    text = text[:_MAX_CHARS]
    hidden = [False] * len(text)
    spans = [found.span() for found in _KEY_LIKE.finditer(text)]
    for secret in secrets:
        if len(secret) < _MIN_SECRET:
            continue
        spans.extend(_occurrences(text, secret))
    for start, end in spans:
        hidden[start:end] = [True] * (end - start)
    runs = itertools.groupby(zip(hidden, text, strict=True), key=lambda pair: pair[0])
    return "".join(_STARS if hide else "".join(pair[1] for pair in run) for hide, run in runs)


def _occurrences(text: str, secret: str) -> Iterable[tuple[int, int]]:
    """Return where any fragment of the secret stands."""
    size = min(_MIN_FRAGMENT, len(secret))
    for fragment in {secret[i : i + size] for i in range(len(secret) - size + 1)} if secret else ():
        start = text.find(fragment)
        while start >= 0:
            yield start, start + size
            start = text.find(fragment, start + 1)
