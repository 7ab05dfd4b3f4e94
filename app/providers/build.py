"""From a provider's settings, and the catalogue's row of its kind, to its adapter."""

from collections.abc import Callable

import httpx

from app.catalogue.catalogue import Catalogue
from app.catalogue.row import Row
from app.domain.abilities import Abilities
from app.providers.credentials import request_headers
from app.providers.endpoint import Endpoint, base_url
from app.providers.formats import format_of
from app.providers.http import HttpProvider, Media
from app.providers.identities import authorization_of
from app.settings import ProviderSettings


def build(
    slug: str,
    settings: ProviderSettings,
    catalogue: Catalogue,
    transport: httpx.AsyncBaseTransport,
    media: Media | None = None,
) -> HttpProvider:
    """Return the provider of this name.

    Args:
        slug: its name in the configuration.
        settings: where and how.
        catalogue: knows its kind.
        transport: shared by all providers; whoever made it closes it.
        media: fetches images for providers that take none by URL.

    Raises:
        ValueError: a setting is impossible; the message names it, and no secret.
    """
    row = catalogue.row(settings.kind)
    if row is None:
        raise ValueError(f"provider {slug!r} is of no kind that the catalogue has")
    return HttpProvider(
        _endpoint(slug, settings, row),
        format_of(row, settings),
        authorization_of(row, settings, transport),
        _abilities(settings, catalogue),
        settings.unsupported,
        media if row.images == "data" else None,
        transport,
    )


def _endpoint(slug: str, settings: ProviderSettings, row: Row) -> Endpoint:
    given = {name.lower(): value.reveal() for name, value in settings.headers.items()}
    return Endpoint(
        slug=slug,
        kind=row.kind,
        telemetry_name=row.telemetry_name or row.kind,
        base=base_url(_address(settings, row) if settings.base_url is None else settings.base_url, slug),
        headers=request_headers({**row.headers, **given}),
        configured=frozenset(given),
        secrets=tuple(given.values()),
        connect_timeout_s=settings.connect_timeout_ms / 1000,
        first_byte_timeout_s=settings.first_byte_timeout_ms / 1000,
        idle_timeout_s=settings.idle_timeout_ms / 1000,
        max_answer_bytes=settings.max_answer_bytes,
    )


def _address(settings: ProviderSettings, row: Row) -> str:
    """Return the row's base URL with the places of this account in it; empty if it has none."""
    return (row.base_url or "").format_map(
        {name: getattr(settings, name, None) or "" for name in row.placeholders}
    )


def _abilities(settings: ProviderSettings, catalogue: Catalogue) -> Callable[[str], Abilities]:
    kind, known = settings.kind, dict(settings.base_models)

    def abilities(model: str) -> Abilities:
        return catalogue.abilities(kind, known.get(model, model))

    return abilities
