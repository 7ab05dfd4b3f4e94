"""Who we are to a provider: a key in a header, or what its cloud gives out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_never

import httpx
import msgspec

from app.catalogue.row import Row
from app.providers.authorization import Authorization, HeaderKey
from app.providers.aws_auth import AwsSignature, bedrock_key
from app.providers.entra_auth import Entra
from app.providers.google_auth import Google
from app.secret import Secret
from app.settings import AwsSettings, EntraSettings, GoogleSettings, ProviderSettings


class Surroundings(msgspec.Struct, frozen=True):
    """Where a cloud's own credentials may be."""

    environ: Mapping[str, str]
    home: Path
    transport: httpx.AsyncBaseTransport
    """For tokens that must be fetched."""


class Identity(msgspec.Struct, frozen=True):
    """Who we are."""

    authorization: Authorization
    project: str | None = None
    """Of Google Cloud, where the credentials name one."""


def identity_of(slug: str, row: Row, settings: ProviderSettings, surroundings: Surroundings) -> Identity:
    """Return who we are to a provider. An API key, where one is given, comes before all else.

    Args:
        slug: of the provider, for messages.
        row: its kind.
        settings: its own.
        surroundings: where to look for what they do not say.

    Raises:
        ValueError: something is missing or is no credential; the message holds no secret.
    """
    key = _revealed(settings.api_key)
    match row.credentials:
        case "aws":
            return Identity(bedrock_key(key) if key is not None else _aws(settings))
        case "google" if key is not None:
            return Identity(HeaderKey(key, name="x-goog-api-key", prefix=""))
        case "google":
            return _google(slug, settings.google or GoogleSettings(), surroundings)
        case "azure" if key is None or settings.entra is not None:
            return Identity(_azure(slug, settings.entra or EntraSettings(), surroundings))
        case "azure" | "key":
            return Identity(HeaderKey(key, name=row.auth_header, prefix=row.auth_prefix))
        case _:
            assert_never(row.credentials)


def _aws(settings: ProviderSettings) -> Authorization:
    aws = settings.aws or AwsSettings()
    return AwsSignature(
        settings.region or "",
        access_key_id=aws.access_key_id,
        secret_access_key=_revealed(aws.secret_access_key),
        session_token=_revealed(aws.session_token),
        profile=aws.profile,
    )


def _azure(slug: str, entra: EntraSettings, surroundings: Surroundings) -> Authorization:
    return Entra(surroundings.transport, slug, surroundings.environ).identity(
        tenant=entra.tenant,
        client_id=entra.client_id,
        client_secret=_revealed(entra.client_secret),
        federated_token_file=entra.federated_token_file,
        access_token=_revealed(entra.access_token),
    )


def _google(slug: str, settings: GoogleSettings, surroundings: Surroundings) -> Identity:
    environ = surroundings.environ
    if settings.credentials_file is not None:
        environ = {**environ, "GOOGLE_APPLICATION_CREDENTIALS": settings.credentials_file}
    google = Google(surroundings.transport, slug, environ, surroundings.home)
    if settings.access_token is not None:
        return Identity(google.given_token(settings.access_token.reveal()))
    if settings.credentials is not None:
        source = google.source_of(_document(settings.credentials.reveal()))
    else:
        source = google.default_source()
    return Identity(google.authorization(source), source.project)


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        raise ValueError("google.credentials is not JSON") from None
    if not isinstance(document, dict):
        raise ValueError("google.credentials is no JSON object")  # noqa: TRY004 (as the docstring says)
    return document


def _revealed(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()
