"""What must hold between settings, beyond the type of each."""

import ipaddress
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

from app.configuration.problems import InvalidConfiguration, Problem, joined
from app.settings import KeySettings, ProviderSettings, ServerSettings, Settings

_FIELD_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
"""What an HTTP field name is made of, in lower case (RFC 9110, section 5.6.2)."""
_OURS = frozenset({"connection", "content-length", "content-type", "host", "transfer-encoding"})
"""Fields that frame the request upstream: one of these from a configuration would break it."""
_MIN_FINGERPRINT_KEY = 16
"""Characters; less could be guessed, and with it every fingerprinted value of low entropy."""


def require(settings: Settings, guardrails: Collection[str]) -> None:
    """Make sure that the settings fit together.

    Args:
        settings: the whole file.
        guardrails: names of those that are configured.

    Raises:
        InvalidConfiguration: with every rule that is broken.
    """
    if problems := tuple(_broken(settings, guardrails)):
        raise InvalidConfiguration(problems)


def _broken(settings: Settings, guardrails: Collection[str]) -> Iterator[Problem]:
    yield from _exposed(settings.server, settings.keys)
    for slug, provider in settings.providers.items():
        yield from _provider(joined("providers", slug), provider)
    yield from _keys(settings.keys, guardrails)
    key = settings.fingerprint_key
    if key is not None and len(key.reveal()) < _MIN_FINGERPRINT_KEY:
        yield Problem("fingerprint_key", f"is shorter than {_MIN_FINGERPRINT_KEY} characters")


def _exposed(server: ServerSettings, keys: Mapping[str, KeySettings]) -> Iterator[Problem]:
    """Yield the problem of a service that other machines can reach and that asks nobody for a key."""
    if not keys and not _is_loopback(server.host):
        yield Problem(
            "server.host",
            "is open to other machines, and no keys are configured, so anybody could use your providers: "
            "add a key (handrail keys new NAME) or listen on 127.0.0.1",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _provider(path: str, provider: ProviderSettings) -> Iterator[Problem]:
    if message := _unusable(provider.base_url):
        yield Problem(joined(path, "base_url"), message)
    if provider.api_key is not None and not _is_field_value(provider.api_key.reveal()):
        yield Problem(joined(path, "api_key"), "is empty or holds characters that no HTTP header may hold")
    for name, value in provider.headers.items():
        place = joined(joined(path, "headers"), name)
        if not name or not set(name.lower()) <= _FIELD_NAME:
            yield Problem(place, "is no name of an HTTP header")
        elif name.lower() in _OURS:
            yield Problem(place, "is set by Handrail itself")
        elif not _is_field_value(value.reveal()):
            yield Problem(place, "is empty or holds characters that no HTTP header may hold")


def _unusable(base_url: str) -> str | None:
    """Return why nothing can be sent to this URL, None if something can."""
    try:
        url = urlsplit(base_url)
        host, _ = url.hostname, url.port
    except ValueError as error:
        return f"is no URL: {error}"
    if url.scheme not in {"http", "https"} or not host:
        return "must begin with http:// or https:// and name a host"
    if url.username is not None or url.password is not None:
        return "must not hold credentials; use api_key or headers"
    if url.fragment:
        return "must not have a fragment; /chat/completions is appended to its path"
    if not base_url.isascii() or not base_url.isprintable() or " " in base_url:
        return "holds characters that a URL must escape"
    return None


def _is_field_value(value: str) -> bool:
    """Return whether it can stand in a header: visible ASCII, spaces inside (RFC 9110, section 5.5)."""
    return bool(value) and value == value.strip() and value.isascii() and value.isprintable()


def _keys(keys: Mapping[str, KeySettings], guardrails: Collection[str]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    known = ", ".join(sorted(guardrails)) or "none"
    for name, key in keys.items():
        path = joined("keys", name)
        first = owners.setdefault(key.hash, name)
        if first != name:
            yield Problem(
                joined(path, "hash"), f"is the hash of {first}, too: each caller needs a key of its own"
            )
        for i, guardrail in enumerate(key.guardrails):
            if guardrail not in guardrails:
                place = joined(joined(path, "guardrails"), i)
                yield Problem(place, f"no guardrail is named {guardrail}; there are: {known}")
