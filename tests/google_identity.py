"""Google's token servers, on a transport: they check what they are asked as Google does."""

import base64
import functools
import json
from typing import Any
from urllib.parse import parse_qsl

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

EMAIL = "robot@my-project.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TOKEN_URI = "https://oauth2.googleapis.com/token"


@functools.cache
def key() -> rsa.RSAPrivateKey:
    """Return one key for all tests: making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem() -> str:
    return (
        key()
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )


def service_account(**fields: Any) -> dict[str, Any]:
    """Return a key file as the Cloud Console writes it."""
    return {
        "type": "service_account",
        "project_id": "my-project",
        "private_key_id": "0123abcd",
        "private_key": pem(),
        "client_email": EMAIL,
        "token_uri": TOKEN_URI,
    } | fields


def authorized_user(**fields: Any) -> dict[str, Any]:
    """Return what `gcloud auth application-default login` writes."""
    return {
        "type": "authorized_user",
        "client_id": "id.apps.googleusercontent.com",
        "client_secret": "client-secret-hunter2",
        "refresh_token": "refresh-token-hunter2",
        "quota_project_id": "quota-project",
    } | fields


def claims(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a signed grant. Raises if it is not signed by `key`."""
    head, body, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in assertion.split(".")
    )
    signed = assertion.rpartition(".")[0].encode()
    key().public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    return json.loads(head), json.loads(body)


class TokenServer:
    """Answers like oauth2.googleapis.com and like the metadata server; counts."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s
        self.given = 0
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.method == "GET":
            return self._metadata(request)
        form = dict(parse_qsl(request.content.decode()))
        if form.get("grant_type") == "refresh_token":
            wanted = authorized_user()
            is_known = all(
                form.get(name) == wanted[name] for name in ("client_id", "client_secret", "refresh_token")
            )
        else:
            is_known = self._is_signed(form, str(request.url))
        if not is_known:
            document = {"error": "invalid_grant", "error_description": f"Bad: {request.content!r}"}
            return httpx.Response(400, json=document)
        return self._token()

    def _is_signed(self, form: dict[str, str], url: str) -> bool:
        header, said = claims(form["assertion"])
        return (
            form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
            and header["alg"] == "RS256"
            and (said["iss"], said["aud"], said["scope"]) == (EMAIL, url, SCOPE)
            and said["iat"] <= self.now_s < said["exp"] <= said["iat"] + 3600
        )

    def _metadata(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("metadata-flavor") != "Google":
            return httpx.Response(403, text="Missing Metadata-Flavor:Google header.")
        assert request.url.path == "/computeMetadata/v1/instance/service-accounts/default/token"
        return self._token()

    def _token(self) -> httpx.Response:
        self.given += 1
        token = {"access_token": f"ya29.token-{self.given}", "expires_in": 3599, "token_type": "Bearer"}
        return httpx.Response(200, json=token, headers={"metadata-flavor": "Google"})
