"""Headers that a caller wants handed on to the provider: Portkey's `forward_headers`.

Nothing is forwarded that was not named, and nothing that says who anybody is: the caller's `authorization` is
most likely a key of this gateway, and the provider knows us by our own. Portkey forwards it; a caller's own
key for a provider has a way of its own (`caller_keys`).
"""

from collections.abc import Iterable, Sequence

HEADER = "x-portkey-forward-headers"
_SIGNS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
"""RFC 9110, 5.6.2."""
_OURS = ("x-portkey-", "x-handrail-")
_CREDENTIALS = frozenset("authorization proxy-authorization cookie x-api-key api-key x-goog-api-key".split())
_FRAMING = frozenset(
    "host connection keep-alive upgrade te trailer expect content-length content-type content-encoding"
    " transfer-encoding accept accept-encoding".split()
)
"""Of one connection or one body: the provider gets another (RFC 9110, 7.6.1)."""


def why_not(name: str) -> str | None:
    """Return why a header of this name is not forwarded; None: it is."""
    name = name.lower()
    if not name or not set(name) <= _SIGNS:
        return "is no name of an HTTP header"
    if name == HEADER:
        return "cannot forward itself"
    name = name.replace("_", "-")
    if name in _CREDENTIALS:
        return "says who you are here; the provider is not told"
    if name in _FRAMING or name.startswith(_OURS):
        return "is for Handrail, not for the provider"
    return None


def forwarded(names: Sequence[str], headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Return those of a caller's headers that have one of these names.

    Portkey's Python SDK names `x_foo` and sends `x-foo`, so both spellings are the same name.
    """
    wanted = {name.lower().replace("_", "-").encode() for name in names}
    return tuple(
        (name.decode("latin-1"), value.strip().decode("latin-1"))
        for name, value in headers
        if name.replace(b"_", b"-") in wanted
    )
