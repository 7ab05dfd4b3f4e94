"""Where access tokens for Google Cloud come from: each source says how to ask for one.

    ServiceAccount   a key file of type `service_account`: a signed grant (RFC 7523) to its `token_uri`
    AuthorizedUser   a key file of type `authorized_user`, as gcloud writes it: a refresh token (RFC 6749)
    MetadataServer   what Compute Engine, GKE and Cloud Run tell the programs that run on them

Asking is `app/providers/google_auth.py`'s, keeping and renewing `app/providers/bearer_token.py`'s.
google-auth does the same with a transport of its own and threads; what is needed of it here is a signature
and three requests. Formats as google-auth 2.62 has them, which the tests compare with.
"""

import base64
import json
import time
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 (a place, no secret)
METADATA_HOST = "metadata.google.internal"
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_GRANT_LIFE_S = 3600
"""Google takes no longer ones (developers.google.com/identity/protocols/oauth2/service-account)."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FLAVOR = {"metadata-flavor": "Google"}


class TokenSource(Protocol):
    """How to ask for a token."""

    project: str | None
    """The project that the credentials belong to, where they say so."""
    quota_project: str | None
    """The project whose quota is used, where that is another one."""

    def request(self) -> httpx.Request:
        """Return the request for a token."""

    def secrets(self) -> tuple[str, ...]:
        """Return what must never be shown."""


class ServiceAccount:
    """A service account with its key.

    Args:
        info: what its key file holds.
        now_s: the time since the epoch.

    Raises:
        ValueError: something is missing, or the key is none; the message holds no secret.
    """

    def __init__(self, info: dict[str, Any], now_s: Callable[[], float] = time.time) -> None:
        self._email = _field(info, "client_email")
        self._pem = _field(info, "private_key")
        self._key_id = info.get("private_key_id")
        self._uri = _token_uri(info)
        self._key = _rsa_key(self._pem)
        self._now_s = now_s
        self.project = _text(info.get("project_id"))
        self.quota_project = _text(info.get("quota_project_id"))

    def request(self) -> httpx.Request:
        """Return the request: a grant signed now."""
        return _form(self._uri, {"grant_type": _JWT_GRANT, "assertion": self._grant()})

    def secrets(self) -> tuple[str, ...]:
        """Return the private key."""
        return (self._pem,)

    def _grant(self) -> str:
        issued_s = int(self._now_s())
        header = {"typ": "JWT", "alg": "RS256", **({"kid": self._key_id} if self._key_id else {})}
        claims = {
            "iss": self._email,
            "scope": SCOPE,
            "aud": self._uri,
            "iat": issued_s,
            "exp": issued_s + _GRANT_LIFE_S,
        }
        signed = b".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        signature = self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return b".".join((signed, _base64url(signature))).decode()


class AuthorizedUser:
    """A person who logged in with gcloud.

    Args:
        info: what the file holds.

    Raises:
        ValueError: something is missing.
    """

    project: str | None = None

    def __init__(self, info: dict[str, Any]) -> None:
        self._uri = _token_uri(info)
        self._fields = {name: _field(info, name) for name in ("client_id", "client_secret", "refresh_token")}
        self.quota_project = _text(info.get("quota_project_id"))

    def request(self) -> httpx.Request:
        """Return the request."""
        return _form(self._uri, {"grant_type": "refresh_token", **self._fields})

    def secrets(self) -> tuple[str, ...]:
        """Return the refresh token and the client's secret."""
        return (self._fields["refresh_token"], self._fields["client_secret"])


class MetadataServer:
    """The server that tells a program on Google Cloud who it is.

    Args:
        host: its name, with a port if it is not 80 (`GCE_METADATA_HOST`).
    """

    project: str | None = None
    quota_project: str | None = None

    def __init__(self, host: str = METADATA_HOST) -> None:
        self._url = f"http://{host}/computeMetadata/v1/instance/service-accounts/default/token"

    def request(self) -> httpx.Request:
        """Return the request."""
        return httpx.Request("GET", self._url, params={"scopes": SCOPE}, headers=_FLAVOR)

    def secrets(self) -> tuple[str, ...]:
        """Return nothing: it keeps them."""
        return ()


def _form(uri: str, fields: dict[str, str]) -> httpx.Request:
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    return httpx.Request("POST", uri, headers=headers, content=urlencode(fields).encode())


def _token_uri(info: dict[str, Any]) -> str:
    """Return where tokens are given out. Raises `ValueError` unless nobody can listen in."""
    uri = _text(info.get("token_uri")) or TOKEN_URI
    url = httpx.URL(uri)
    if url.scheme != "https" and url.host not in _LOOPBACK:
        raise ValueError("token_uri of the Google credentials must begin with https://")
    return uri


def _rsa_key(pem: str) -> rsa.RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise ValueError("private_key of the Google credentials is no private key in PEM") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("private_key of the Google credentials is no RSA key")  # noqa: TRY004 (as the caller is told)
    return key


def _field(info: dict[str, Any], name: str) -> str:
    value = _text(info.get(name))
    if value is None:
        raise ValueError(f"the Google credentials lack {name}")
    return value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
