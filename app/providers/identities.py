"""Who we are to a provider: a key in a header, or what its cloud gives out."""

import httpx

from app.catalogue.row import Row
from app.providers.authorization import Authorization, HeaderKey
from app.settings import ProviderSettings


def authorization_of(
    row: Row, settings: ProviderSettings, transport: httpx.AsyncBaseTransport
) -> Authorization:
    """Return the credentials of a provider.

    Args:
        row: its kind.
        settings: its own.
        transport: for tokens that must be fetched.
    """
    key = settings.api_key.reveal() if settings.api_key is not None else None
    return HeaderKey(key, name=row.auth_header, prefix=row.auth_prefix)
