"""What must hold for a provider's settings, given the kind it is of."""

import difflib
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from app.catalogue.catalogue import Catalogue
from app.catalogue.row import Row
from app.configuration.problems import Problem, joined
from app.settings import ProviderSettings

_FIELD_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
"""What an HTTP field name is made of, in lower case (RFC 9110, section 5.6.2)."""
_OURS = frozenset({"connection", "content-length", "content-type", "host", "transfer-encoding"})
"""Fields that frame the request upstream: one of these from a configuration would break it."""
_VARIABLE = re.compile(r"\$([A-Z][A-Z0-9_]*)")
"""A shell's way to name a variable, which is not ours."""
_PLACES = ("region", "project", "location", "resource", "account", "workspace")
"""Settings that stand in an address."""
_PLACES_OF = {"aws": {"region"}, "google": {"project", "location"}, "azure": {"resource"}, "key": set[str]()}
"""Those of a cloud's services, whatever their addresses."""
_CREDENTIALS = {"aws": "aws", "google": "google", "entra": "azure"}
"""Sections that say who we are, and whose they are."""


def provider_problems(path: str, provider: ProviderSettings, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what is wrong with one provider.

    Args:
        path: of the provider in the file: `providers.openai`.
        provider: its settings.
        catalogue: which kinds there are.
    """
    row = catalogue.row(provider.kind)
    if row is None:
        yield Problem(joined(path, "kind"), _unknown_kind(provider.kind, catalogue))
    else:
        yield from _misplaced(path, provider, row)
        yield from _address(path, provider, row)
    if provider.api_key is not None and not _is_field_value(provider.api_key.reveal()):
        yield Problem(joined(path, "api_key"), "is empty or holds characters that no HTTP header may hold")
    if provider.api_key is not None and (named := _VARIABLE.fullmatch(provider.api_key.reveal())):
        yield Problem(joined(path, "api_key"), f'did you mean "${{{named[1]}}}"?')
    for name, value in provider.headers.items():
        place = joined(joined(path, "headers"), name)
        if not name or not set(name.lower()) <= _FIELD_NAME:
            yield Problem(place, "is no name of an HTTP header")
        elif name.lower() in _OURS:
            yield Problem(place, "is set by Handrail itself")
        elif not _is_field_value(value.reveal()):
            yield Problem(place, "is empty or holds characters that no HTTP header may hold")


def _unknown_kind(kind: str, catalogue: Catalogue) -> str:
    names = catalogue.kinds()
    if near := difflib.get_close_matches(kind, names, n=1):
        return f"is no kind of provider; did you mean {near[0]}?"
    return f"is no kind of provider; there are {', '.join(names)}"


def _misplaced(path: str, provider: ProviderSettings, row: Row) -> Iterator[Problem]:
    """Yield settings that mean nothing for this kind: nobody shall believe that they do."""
    known = {*row.placeholders, *_PLACES_OF[row.credentials]}
    strange = [name for name in _PLACES if name not in known and getattr(provider, name) is not None]
    strange += [
        name
        for name, cloud in _CREDENTIALS.items()
        if cloud != row.credentials and getattr(provider, name) is not None
    ]
    if provider.api_version is not None and row.format not in {"azure", "anthropic"}:
        strange.append("api_version")
    for name in strange:
        yield Problem(joined(path, name), f"is no setting of a provider of kind {provider.kind}")


def _address(path: str, provider: ProviderSettings, row: Row) -> Iterator[Problem]:
    """Yield why it is not known, or not possible, where this provider is."""
    if provider.base_url is not None:
        if message := _unusable(provider.base_url):
            yield Problem(joined(path, "base_url"), message)
        return
    for name in row.placeholders:
        if name not in _PLACES or getattr(provider, name) is None:
            yield Problem(joined(path, name), f"is missing: the address of {provider.kind} has it")
    if row.base_url is None and row.credentials != "google":
        yield Problem(joined(path, "base_url"), f"is missing: {provider.kind} has no address of its own")


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
        return "must not have a fragment; the path of the call is appended to it"
    if not base_url.isascii() or not base_url.isprintable() or " " in base_url:
        return "holds characters that a URL must escape"
    return None


def _is_field_value(value: str) -> bool:
    """Return whether it can stand in a header: visible ASCII, spaces inside (RFC 9110, section 5.5)."""
    return bool(value) and value == value.strip() and value.isascii() and value.isprintable()
