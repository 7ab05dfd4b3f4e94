"""How each of Google's sources is asked, with google-auth as the judge of grants."""

import base64
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.oauth2 import service_account as theirs

from app.providers.google_sources import AuthorizedUser, MetadataServer, ServiceAccount
from tests.google_identity import authorized_user, claims, pem, service_account

NOW_S = 1_795_000_000.5


def grant(info: dict[str, Any]) -> str:
    request = ServiceAccount(info, lambda: NOW_S).request()
    return dict(parse_qsl(request.content.decode()))["assertion"]


def test_a_grant_is_signed_and_says_what_googles_own_library_says() -> None:
    header, said = claims(grant(service_account()))
    credentials = theirs.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]  # theirs
        service_account(), scopes=[said["scope"]]
    )
    their_header, their_claims = claims(credentials._make_authorization_grant_assertion().decode())
    assert header == their_header
    assert said.keys() == their_claims.keys()
    assert (said["iat"], said["exp"]) == (int(NOW_S), int(NOW_S) + 3600)
    for name in ("iss", "aud", "scope"):
        assert said[name] == their_claims[name]


def test_a_person_is_known_by_a_refresh_token() -> None:
    source = AuthorizedUser(authorized_user())
    request = source.request()
    assert str(request.url) == "https://oauth2.googleapis.com/token"
    assert dict(parse_qsl(request.content.decode()))["grant_type"] == "refresh_token"
    assert source.quota_project == "quota-project"
    assert source.secrets() == ("refresh-token-hunter2", "client-secret-hunter2")


def test_the_metadata_server_is_asked_by_its_flavor() -> None:
    request = MetadataServer("127.0.0.1:8080").request()
    assert (request.url.host, request.url.port) == ("127.0.0.1", 8080)
    assert request.headers["metadata-flavor"] == "Google"
    assert MetadataServer().request().url.host == "metadata.google.internal"
    assert MetadataServer().secrets() == ()


def test_the_private_key_is_a_secret() -> None:
    source = ServiceAccount(service_account())
    assert source.secrets() == (pem(),)
    assert source.project == "my-project"


def _elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"private_key": "hunter2"},
        {"private_key": ""},
        {"private_key": _elliptic()},
        {"client_email": None},
        {"token_uri": "http://evil.example/token"},
    ],
)
def test_a_broken_key_file_is_refused_without_being_quoted(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Google credentials") as caught:
        ServiceAccount(service_account(**fields))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("missing", ["client_id", "client_secret", "refresh_token"])
def test_a_broken_gcloud_file_is_refused(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        AuthorizedUser(authorized_user(**{missing: None}))


def test_a_grant_is_base64url_without_padding() -> None:
    head = grant(service_account()).split(".")[0]
    assert "=" not in head
    assert json.loads(base64.urlsafe_b64decode(head + "=="))["kid"] == "0123abcd"
