"""From a provider's settings, and the catalogue's row of its kind, to its adapter."""

import hashlib
from collections.abc import Callable

import msgspec

from app.catalogue.catalogue import Catalogue
from app.catalogue.row import Row
from app.domain.abilities import Abilities
from app.providers.credentials import request_headers
from app.providers.endpoint import Endpoint, base_url
from app.providers.formats import format_of
from app.providers.http import HttpProvider, Media
from app.providers.identities import Surroundings, identity_of
from app.secret import Secret
from app.settings import ProviderSettings
from app.wire.gemini.vertex_url import vertex_base_url

_ACCOUNT_BYTES = 16


def build(  # noqa: PLR0913 (what a provider is made of)
    slug: str,
    settings: ProviderSettings,
    catalogue: Catalogue,
    surroundings: Surroundings,
    media: Media | None = None,
    gate: Media | None = None,
) -> HttpProvider:
    """Return the provider of this name.

    Args:
        slug: its name in the configuration.
        settings: where and how.
        catalogue: knows its kind.
        surroundings: holds the transport that all providers share; whoever made it closes it.
        media: fetches images for providers that take none by URL.
        gate: sees what is named to the others.

    Raises:
        ValueError: a setting is impossible; the message names it, and no secret.
    """
    row = catalogue.row(settings.kind)
    if row is None:
        raise ValueError(f"provider {slug!r} is of no kind that the catalogue has")
    identity = identity_of(slug, row, settings, surroundings)
    project = settings.project or identity.project
    return HttpProvider(
        _endpoint(slug, msgspec.structs.replace(settings, project=project), row),
        format_of(row, settings),
        identity.authorization,
        _abilities(settings, catalogue),
        settings.unsupported,
        media if row.images == "data" else gate,
        surroundings.transport,
    )


def _endpoint(slug: str, settings: ProviderSettings, row: Row) -> Endpoint:
    given = {name.lower(): value.reveal() for name, value in settings.headers.items()}
    base = base_url(_address(settings, row) if settings.base_url is None else settings.base_url, slug)
    return Endpoint(
        slug=slug,
        kind=row.kind,
        telemetry_name=row.telemetry_name or row.kind,
        base=base,
        headers=request_headers({**row.headers, **given}),
        configured=frozenset(given),
        account=_account(str(base), settings),
        secrets=tuple(given.values()),
        propagate_trace=settings.propagate_trace,
        connect_timeout_s=settings.connect_timeout_ms / 1000,
        first_byte_timeout_s=settings.first_byte_timeout_ms / 1000,
        idle_timeout_s=settings.idle_timeout_ms / 1000,
        max_answer_bytes=settings.max_answer_bytes,
    )


def _account(base: str, settings: ProviderSettings) -> str:
    """Return `Provider.account`: all that was set counts, and what an environment made of the address.

    Not what a cloud's own chain finds only when it is asked: such credentials change every hour.
    """
    known = msgspec.json.encode((base, settings), order="deterministic", enc_hook=_shown)
    return hashlib.blake2b(known, digest_size=_ACCOUNT_BYTES).hexdigest()


def _shown(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"settings hold no {type(value).__name__}")


def _address(settings: ProviderSettings, row: Row) -> str:
    """Return the address of this account; empty if it has none.

    Raises:
        ValueError: a place cannot stand in it, or is missing.
    """
    if row.credentials == "google" and row.base_url is None:
        return _vertex(settings, row)
    places = {name: getattr(settings, name, None) or "" for name in row.placeholders}
    return (row.base_url or "").format_map(places)


def _vertex(settings: ProviderSettings, row: Row) -> str:
    if settings.project is None and settings.api_key is None:
        raise ValueError("project is missing: neither the configuration nor the Google credentials name one")
    location = settings.location or "global"
    if row.format == "openai":
        url = vertex_base_url(settings.project, location, "openapi", version="v1")
        return url.replace("/publishers/openapi", "/endpoints/openapi")
    if row.format == "anthropic":
        return vertex_base_url(settings.project, location, "anthropic", version="v1")
    return vertex_base_url(settings.project, location)


def _abilities(settings: ProviderSettings, catalogue: Catalogue) -> Callable[[str], Abilities]:
    kind, known = settings.kind, dict(settings.base_models)

    def abilities(model: str) -> Abilities:
        return catalogue.abilities(kind, known.get(model, model))

    return abilities
