"""AWS's credentials and its signature, by botocore; the only file that knows it.

botocore finds credentials (environment, web identity, SSO, shared files, processes, assumed roles, container,
instance), renews them, and signs (Signature Version 4). It never calls Bedrock: its clients are synchronous
and translate on their own. Importing it costs 0.3 s of CPU and 8 MB, so `app/providers/aws_auth.py` does so
when credentials are first needed, off the event loop. Its signature costs about 130 us of CPU a request; a
smaller one of our own was rejected, as this one is AWS's.
"""

import os
from collections.abc import Mapping
from typing import Any, Literal

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials, RefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from app.domain.errors import UpstreamUnauthorized

Due = Literal["now", "soon", "later"]
"""When credentials must be had: before the next request, in good time, or not yet."""
_SERVICE = "bedrock"
"""What is signed for (service model, `signingName`), whatever the host is called."""
_EXPIRES_S = 60
"""How long before their end credentials are no longer used: longer than clocks differ and requests travel."""
_RENEW_S = 15 * 60
"""How long before their end new ones are fetched (botocore's own advisory time)."""
KEY_VARIABLE = "AWS_BEARER_TOKEN_BEDROCK"
"""Where AWS's tools look first: an API key of Bedrock's, which needs no signature (Bedrock User Guide, "API
keys", 2026-11)."""
_PLACES = (
    f"{KEY_VARIABLE}, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_WEB_IDENTITY_TOKEN_FILE, "
    "the shared files (~/.aws/credentials and ~/.aws/config, {profile}), the container's credentials "
    "(AWS_CONTAINER_CREDENTIALS_*) and the instance's role"
)
_FAILURES = (BotoCoreError, ClientError, OSError, RuntimeError, ValueError, KeyError)
"""What botocore raises where credentials cannot be had: its own, STS's, and those of files and processes."""


class AwsChain:
    """Credentials from where AWS's tools look for them, or as given.

    Args:
        access_key_id: with `secret_access_key`, the credentials; None: they are looked for.
        secret_access_key: see there.
        session_token: of credentials that expire; nobody renews them.
        profile: of the shared files, which may name a role to assume; None: as `AWS_PROFILE` says.
    """

    def __init__(
        self,
        *,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
        session_token: str | None = None,
        profile: str | None = None,
    ) -> None:
        self._profile = profile
        self._session: Any = None
        self._credentials: Any = None
        self._frozen: ReadOnlyCredentials | None = None
        self._key: str | None = None
        if access_key_id is not None and secret_access_key is not None:
            self._credentials = Credentials(access_key_id, secret_access_key, session_token)
            self._frozen = self._credentials.get_frozen_credentials()

    def resolve(self) -> None:
        """Find credentials, or renew them; blocks for as long as that takes.

        Raises:
            UpstreamUnauthorized: they cannot be had.
        """
        if self._credentials is None and self._profile is None:
            self._key = os.environ.get(KEY_VARIABLE) or None
            if self._key is not None:
                return
        try:
            if self._credentials is None:
                self._session = self._session or Session(profile=self._profile)
                self._credentials = self._session.get_credentials()
            if self._credentials is None:
                raise UpstreamUnauthorized(f"No AWS credentials were found. Looked for: {self._places()}.")
            self._frozen = self._credentials.get_frozen_credentials()
        except _FAILURES as error:  # their words may quote what was sent
            raise UpstreamUnauthorized(
                f"AWS credentials could not be had ({type(error).__name__}). Looked for: {self._places()}."
            ) from error

    def due(self) -> Due:
        """Return when `resolve` must be called."""
        if self._key is not None:
            return "later"
        if self._frozen is None:
            return "now"
        if not isinstance(self._credentials, RefreshableCredentials):
            return "later"
        if self._credentials.refresh_needed(_EXPIRES_S):
            return "now"
        return "soon" if self._credentials.refresh_needed(_RENEW_S) else "later"

    def headers(
        self, method: str, url: str, signed: Mapping[str, str], content: bytes, region: str
    ) -> dict[str, str]:
        """Return what makes a request ours, once there are credentials.

        Args:
            method: of the request.
            url: exactly as it is sent; AWS encodes its path once more before it signs.
            signed: headers that the signature covers, `host` among them.
            content: the body.
            region: of the host.
        """
        if self._key is not None:
            return {"authorization": f"Bearer {self._key}"}
        assert self._frozen is not None
        request = AWSRequest(method, url, headers=dict(signed), data=content)
        SigV4Auth(self._frozen, _SERVICE, region).add_auth(request)
        return {name.lower(): value for name, value in request.headers.items() if name.lower() not in signed}

    def secrets(self) -> tuple[str, ...]:
        """Return the secret key and the token, as far as they are known."""
        if self._key is not None:
            return (self._key,)
        if self._frozen is None:
            return ()
        return tuple(value for value in (self._frozen.secret_key, self._frozen.token) if value)

    def _places(self) -> str:
        named = f"profile {self._profile!r}" if self._profile else "the profile of AWS_PROFILE or 'default'"
        return _PLACES.format(profile=named)
