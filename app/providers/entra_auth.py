"""Microsoft Entra: who we are to Azure without an API key.

Four identities, one kind of token (learn.microsoft.com, 2026-11):

    a client's secret     POST {authority}/{tenant}/oauth2/v2.0/token, client_secret
    a workload's          the same, with a signed assertion that Kubernetes keeps in a file and renews
    the machine's own     GET of the metadata service, or of App Service's endpoint where there is one
    a token as it is      somebody else renews it

`azure-identity` does this and much more (browsers, caches on disk, brokers), over a second HTTP stack that
knows nothing of our deadlines; what is needed here are three requests.
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from app.providers.authorization import Authorization, HeaderKey
from app.providers.bearer_token import BearerToken, Token, no_token, token_document, token_of

SCOPE = "https://cognitiveservices.azure.com/.default"
"""Of Azure OpenAI's data plane."""
AUTHORITY = "https://login.microsoftonline.com"
IMDS = "http://169.254.169.254/metadata/identity/oauth2/token"
"""Azure's Instance Metadata Service."""
_IMDS_VERSION = "2018-02-01"
_APP_SERVICE_VERSION = "2019-08-01"
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523, section 2.2
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_MAX_ASSERTION_BYTES = 64 * 1024


class Entra:
    """Makes the credentials of one provider.

    Args:
        transport: to fetch tokens over.
        slug: of the provider, for messages.
        environ: of the process: where Azure's machines say what identity they have.
        clock: in seconds since the epoch.
        scope: what the token is for.
        authority: who gives it; None: as `AZURE_AUTHORITY_HOST` says, or Azure's public cloud.
    """

    def __init__(  # noqa: PLR0913 (where tokens come from)
        self,
        transport: httpx.AsyncBaseTransport,
        slug: str,
        environ: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.time,
        scope: str = SCOPE,
        authority: str | None = None,
    ) -> None:
        self._transport = transport
        self._slug = slug
        self._environ = environ
        self._clock = clock
        self._scope = scope
        self._authority = (authority or environ.get("AZURE_AUTHORITY_HOST") or AUTHORITY).rstrip("/")

    def identity(
        self,
        *,
        tenant: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        federated_token_file: str | None = None,
        access_token: str | None = None,
    ) -> Authorization:
        """Return the credentials that these name; what is None is as Azure's variables say.

        Raises:
            ValueError: something that belongs to the others is missing; the message holds no secret.
        """
        if access_token is not None:
            return given_token(access_token)
        if client_secret is not None:
            return self.client(*self._client(tenant, client_id), client_secret)
        file = federated_token_file or self._environ.get("AZURE_FEDERATED_TOKEN_FILE")
        if file:
            return self.workload(*self._client(tenant, client_id), Path(file))
        return self.machine(client_id)

    def client(self, tenant: str, client_id: str, secret: str) -> BearerToken:
        """Return the credentials of an app registration that has a secret."""
        url = self._token_url(tenant)

        async def fetch(deadline_s: float) -> Token:
            return await self._granted(url, client_id, {"client_secret": secret}, deadline_s)

        return BearerToken(fetch, keys=(secret,), clock=self._clock)

    def workload(self, tenant: str, client_id: str, file: Path) -> BearerToken:
        """Return the credentials of a workload; the file is read anew for each token."""
        url = self._token_url(tenant)

        async def fetch(deadline_s: float) -> Token:
            assertion = await asyncio.to_thread(self._assertion, file)
            proof = {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": assertion}
            return await self._granted(url, client_id, proof, deadline_s)

        return BearerToken(fetch, clock=self._clock)

    def machine(self, client_id: str | None = None) -> BearerToken:
        """Return the credentials of the machine we run on.

        Args:
            client_id: of the identity, where it has several.
        """
        endpoint = self._environ.get("IDENTITY_ENDPOINT")
        header = self._environ.get("IDENTITY_HEADER")
        params = {"resource": self._scope.removesuffix("/.default")}
        if client_id is not None:
            params["client_id"] = client_id
        if endpoint and header:
            return self._local(
                endpoint,
                {**params, "api-version": _APP_SERVICE_VERSION},
                {"x-identity-header": header},
                (header,),
            )
        return self._local(IMDS, {**params, "api-version": _IMDS_VERSION}, {"metadata": "true"}, ())

    def _local(
        self, url: str, params: Mapping[str, str], headers: Mapping[str, str], keys: tuple[str, ...]
    ) -> BearerToken:
        async def fetch(deadline_s: float) -> Token:
            return await self._token(httpx.Request("GET", url, params=params, headers=headers), deadline_s)

        return BearerToken(fetch, keys=keys, clock=self._clock)

    async def _granted(self, url: str, client_id: str, proof: Mapping[str, str], deadline_s: float) -> Token:
        form = {"grant_type": "client_credentials", "client_id": client_id, "scope": self._scope, **proof}
        return await self._token(httpx.Request("POST", url, data=form), deadline_s)

    async def _token(self, request: httpx.Request, deadline_s: float) -> Token:
        document = await token_document(self._transport, request, slug=self._slug, deadline_s=deadline_s)
        return token_of(document, now_s=self._clock(), slug=self._slug)

    def _client(self, tenant: str | None, client_id: str | None) -> tuple[str, str]:
        tenant = tenant or self._environ.get("AZURE_TENANT_ID")
        client_id = client_id or self._environ.get("AZURE_CLIENT_ID")
        if not tenant or not client_id:
            raise ValueError(f"entra of provider {self._slug!r} needs both tenant and client_id")
        return tenant, client_id

    def _token_url(self, tenant: str) -> str:
        if not _TENANT.fullmatch(tenant):
            raise ValueError(f"entra.tenant of provider {self._slug!r} must be an id or a domain")
        return f"{self._authority}/{tenant}/oauth2/v2.0/token"

    def _assertion(self, file: Path) -> str:
        try:
            with file.open("rb") as opened:
                text = opened.read(_MAX_ASSERTION_BYTES).decode("ascii").strip()
        except (OSError, ValueError) as error:
            raise no_token(self._slug, "the federated token file cannot be read.") from error
        if not text:
            raise no_token(self._slug, "the federated token file is empty.")
        return text


def given_token(token: str) -> HeaderKey:
    """Return the credentials of somebody who renews the token himself."""
    return HeaderKey(token)
