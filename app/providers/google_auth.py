"""How Google Cloud knows us: access tokens of a service account, a person or the machine we run on.

Where tokens come from is `app/providers/google_sources.py`, who keeps and renews them
`app/providers/bearer_token.py`. `application_default` looks for credentials in the order that all of Google's
libraries keep to (docs.cloud.google.com/docs/authentication/application-default-credentials, 2026-11). Kinds
that it does not know (workload identity federation, impersonation) it refuses.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec

from app.providers.authorization import Authorization, HeaderKey
from app.providers.bearer_token import BearerToken, Token, token_document, token_of
from app.providers.google_sources import AuthorizedUser, MetadataServer, ServiceAccount, TokenSource

_FETCH_S = 10.0
"""How long a token server may take."""
_TIMEOUT = {"connect": 3.0, "read": _FETCH_S}
_WELL_KNOWN = Path(".config/gcloud")
_FILE = "application_default_credentials.json"
_QUOTA_HEADER = "x-goog-user-project"


class Google:
    """Makes the credentials of one provider.

    Args:
        transport: to fetch tokens over; not closed here.
        slug: of the provider, for messages.
        environ: of the process: where Google's programs say what identity they have.
        home: the user's folder, where gcloud keeps its own.
        clock: in seconds since the epoch.
        quota_project: whose quota is used; None: as the environment or the credentials say.
    """

    def __init__(  # noqa: PLR0913 (where tokens come from)
        self,
        transport: httpx.AsyncBaseTransport,
        slug: str,
        environ: Mapping[str, str],
        home: Path,
        *,
        clock: Callable[[], float] = time.time,
        quota_project: str | None = None,
    ) -> None:
        self._transport = transport
        self._slug = slug
        self._environ = environ
        self._home = home
        self._clock = clock
        self._quota_project = quota_project or environ.get("GOOGLE_CLOUD_QUOTA_PROJECT") or None

    def given_token(self, token: str) -> Authorization:
        """Return the authorization by a token whose renewal is somebody else's affair."""
        if self._quota_project is None:
            return HeaderKey(token)
        return _GivenToken(token, self._quota_project)

    def source_of(self, info: dict[str, Any]) -> TokenSource:
        """Return where tokens come from for what a credentials file holds.

        Raises:
            ValueError: it is of no kind that is known, or something in it is missing; the message holds no
                secret.
        """
        kind = info.get("type")
        if kind == "service_account":
            return ServiceAccount(info, self._clock)
        if kind == "authorized_user":
            return AuthorizedUser(info)
        raise ValueError(
            f"the Google credentials of provider {self._slug!r} are of a type that is not known; "
            "service_account and authorized_user are"
        )

    def default_source(self) -> TokenSource:
        """Return Application Default Credentials. Reads files; call it at start.

        In this order: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, the file that
        `gcloud auth application-default login` writes, the metadata server.

        Raises:
            ValueError: there is a file, and it holds no credentials that are known.
        """
        named = self._environ.get("GOOGLE_APPLICATION_CREDENTIALS")
        folder = self._environ.get("CLOUDSDK_CONFIG")
        file = Path(named) if named else (Path(folder) if folder else self._home / _WELL_KNOWN) / _FILE
        if named or file.is_file():
            return self.source_of(self._content(file))
        host = self._environ.get("GCE_METADATA_HOST")
        return MetadataServer(host) if host else MetadataServer()

    def authorization(self, source: TokenSource) -> BearerToken:
        """Return the authorization by tokens of a source."""
        quota_project = self._quota_project or source.quota_project
        headers = {_QUOTA_HEADER: quota_project} if quota_project else {}

        async def fetch(deadline_s: float) -> Token:
            limit_s = min(deadline_s, asyncio.get_running_loop().time() + _FETCH_S)
            request = source.request()
            request.extensions["timeout"] = _TIMEOUT
            document = await token_document(self._transport, request, slug=self._slug, deadline_s=limit_s)
            token = token_of(document, now_s=self._clock(), slug=self._slug)
            return msgspec.structs.replace(token, headers=headers)

        return BearerToken(fetch, keys=source.secrets(), clock=self._clock)

    def _content(self, file: Path) -> dict[str, Any]:
        try:
            info = json.loads(file.read_bytes())
        except (OSError, ValueError):
            info = None
        if not isinstance(info, dict):
            message = f"{file}, the Google credentials of provider {self._slug!r}, cannot be read"
            raise ValueError(message)  # noqa: TRY004 (one error for all that a file can be)
        return info


class _GivenToken:
    """A token as it is, and whose quota it uses."""

    def __init__(self, token: str, quota_project: str) -> None:
        self._token = token
        self._headers = {"authorization": f"Bearer {token}", _QUOTA_HEADER: quota_project}

    async def headers(self, request: httpx.Request, deadline_s: float) -> Mapping[str, str]:  # noqa: ARG002 (as the port says)
        """Return the headers."""
        return self._headers

    def secrets(self) -> tuple[str, ...]:
        """Return the token."""
        return (self._token,)
