"""Examples: what stands where a credential would, in documentation, templates and programs."""

from itertools import pairwise

from guardrails.checks.patterns import compiled

_STAND_IN = compiled(
    r"(?i)\$[({]|\{\{|<[a-z]|%[(s]|x{4}|\*{3}|\.{3}|your|example|placeholder|changeme|change_me|replace|redacted|dummy"
    r"|process\.env|os\.(?:environ|getenv)|getenv|secrets\.|://|[\[({]"
)
"""In what a word announces as a credential: programs that read it from elsewhere are among them."""

_STAND_IN_TOKEN = compiled(
    r"(?i)x{6}|\*{3}|\.{3}|your[_-]|placeholder|redacted|0{12}|\Aakia[0-9a-z]+example\z"
)
"""In what has the form of a token: less, for random letters make short words."""

_MAX_ORDERED = 8
"""Characters in their order; so many in a row are no accident."""


def is_stand_in(value: str) -> bool:
    """Return whether a value that a word announces stands for one: `${TOKEN}`, `<your-key>`, `xxxx`."""
    return _STAND_IN.search(value) is not None


def is_stand_in_token(token: str) -> bool:
    """Return whether a token is one of documentation: `AKIAIOSFODNN7EXAMPLE`, `ghp_xxxxxxxxxxxx`."""
    return _STAND_IN_TOKEN.search(token) is not None


def counts_up(value: str) -> bool:
    """Return whether the value is typed along the alphabet or the digits: `aBcDeFgH`, `12345678`."""
    codes = value.lower().encode()
    length = 1
    for code, following in pairwise(codes):
        length = length + 1 if following == code + 1 else 1
        if length == _MAX_ORDERED:
            return True
    return False
