"""Where a provider is and how much patience it is given."""

from urllib.parse import unquote

import httpx
import msgspec

from app.domain.errors import InvalidRequest

_PORTS = {"http": 80, "https": 443}
_STEPS = frozenset({".", ".."})
"""What clients and servers take out of a path, with the segment before it (RFC 3986, section 5.2.4)."""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One provider's address and bounds."""

    slug: str
    """Its name in the configuration."""
    kind: str
    """The row of the catalogue it is an instance of."""
    telemetry_name: str
    """What traces call it: OpenTelemetry's `gen_ai.provider.name`."""
    base: httpx.URL
    headers: httpx.Headers
    """Of every request, without credentials."""
    configured: frozenset[str] = frozenset()
    """Names of those in `headers` that the configuration gives, in lower case: they win over all others."""
    account: str = ""
    """See `app.domain.ports.Provider`."""
    secrets: tuple[str, ...] = ()
    """Values of `headers` that must not be shown."""
    propagate_trace: bool = False
    """Whether it is told the span that calls it, in `traceparent`."""
    connect_timeout_s: float = 5.0
    first_byte_timeout_s: float = 120.0
    idle_timeout_s: float = 60.0
    max_answer_bytes: int = 64 * 1024 * 1024

    @property
    def port(self) -> int:
        """Return the port, the scheme's own where the URL names none."""
        return self.base.port or _PORTS[self.base.scheme]

    def url(self, path: str) -> httpx.URL:
        """Return the URL of a path below the base.

        Args:
            path: percent-encoded as it must arrive, with its query if it has one. The base URL's own query
                is kept before it.

        Raises:
            InvalidRequest: a step in it is `.` or `..`, which leads elsewhere; only a model's name makes one.
        """
        path, _, query = path.partition("?")
        if not _STEPS.isdisjoint(unquote(path).replace("\\", "/").split("/")):
            raise InvalidRequest("`model` must not hold `.` or `..` as steps of a path.", param="model")
        own_path, _, own_query = self.base.raw_path.partition(b"?")
        queries = b"&".join(part for part in (own_query, query.encode("ascii")) if part)
        raw = own_path.rstrip(b"/") + b"/" + path.encode("ascii") + (b"?" + queries if queries else b"")
        return self.base.copy_with(raw_path=raw)


def base_url(text: str, slug: str) -> httpx.URL:
    """Return a base URL that can be used.

    Raises:
        ValueError: it cannot; the message names the provider.
    """
    url = httpx.URL(text)
    if url.scheme not in _PORTS or not url.host:
        raise ValueError(f"base_url of provider {slug!r} must begin with http:// or https:// and name a host")
    if url.userinfo:
        raise ValueError(f"base_url of provider {slug!r} must not hold credentials; use api_key or headers")
    return url
