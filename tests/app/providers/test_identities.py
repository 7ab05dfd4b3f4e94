import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.catalogue.row import Row
from app.providers.authorization import Authorization
from app.providers.aws_auth import AwsSignature
from app.providers.bearer_token import BearerToken
from app.providers.identities import Surroundings, identity_of
from app.secret import Secret
from app.settings import AwsSettings, EntraSettings, GoogleSettings, ProviderSettings

REQUEST = httpx.Request("POST", "https://h/v1")
USER = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}


def authorization(row: Row, environ: dict[str, str] | None = None, **settings: Any) -> Authorization:
    nowhere = httpx.MockTransport(lambda _: httpx.Response(500))
    surroundings = Surroundings(environ or {}, Path("/nowhere"), nowhere)
    return identity_of("up", row, ProviderSettings(kind="x", **settings), surroundings).authorization


@pytest.mark.parametrize(
    ("row", "headers"),
    [
        (Row(), {"authorization": "Bearer k"}),
        (Row(auth_header="x-api-key", auth_prefix=""), {"x-api-key": "k"}),
        (Row(credentials="aws"), {"authorization": "Bearer k"}),
        (Row(credentials="google"), {"x-goog-api-key": "k"}),
        (Row(credentials="azure", auth_header="api-key", auth_prefix=""), {"api-key": "k"}),
    ],
)
async def test_a_key_is_sent_where_its_kind_wants_it(row: Row, headers: dict[str, str]) -> None:
    made = authorization(row, api_key=Secret("k"))
    assert await made.headers(REQUEST, 1.0) == headers
    assert made.secrets() == ("k",)


async def test_without_a_key_nothing_is_sent() -> None:
    made = authorization(Row())
    assert await made.headers(REQUEST, 1.0) == {}
    assert made.secrets() == ()


async def test_without_a_key_aws_is_asked_with_a_signature() -> None:
    aws = AwsSettings(access_key_id="AKIDEXAMPLE", secret_access_key=Secret("s"))
    made = authorization(Row(credentials="aws"), region="us-east-1", aws=aws)
    assert isinstance(made, AwsSignature)
    assert "AKIDEXAMPLE" in (await made.headers(REQUEST, 1e9))["authorization"]


@pytest.mark.parametrize(
    ("entra", "key"),
    [
        (None, None),
        (EntraSettings(tenant="t", client_id="c", client_secret=Secret("s")), None),
        (EntraSettings(), Secret("k")),
    ],
)
def test_without_a_key_or_with_entra_azure_is_asked_with_a_token(
    entra: EntraSettings | None, key: Secret | None
) -> None:
    assert isinstance(authorization(Row(credentials="azure"), entra=entra, api_key=key), BearerToken)


async def test_a_token_that_is_given_is_sent() -> None:
    google = GoogleSettings(access_token=Secret("t"))
    assert await authorization(Row(credentials="google"), google=google).headers(REQUEST, 1.0) == {
        "authorization": "Bearer t"
    }
    entra = EntraSettings(access_token=Secret("t"))
    assert await authorization(Row(credentials="azure"), entra=entra).headers(REQUEST, 1.0) == {
        "authorization": "Bearer t"
    }


def test_googles_credentials_are_given_named_or_found(tmp_path: Path) -> None:
    row = Row(credentials="google")
    file = tmp_path / "adc.json"
    file.write_text(json.dumps(USER))
    given = GoogleSettings(credentials=Secret(json.dumps(USER)))
    named = GoogleSettings(credentials_file=str(file))
    for made in (
        authorization(row, google=given),
        authorization(row, google=named),
        authorization(row, {"GOOGLE_APPLICATION_CREDENTIALS": str(file)}),
    ):
        assert isinstance(made, BearerToken)
        assert "r" in made.secrets()


@pytest.mark.parametrize("text", ["hunter2", "[]", '{"type": "hunter2x"}'[:9]])
def test_credentials_that_are_none_are_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="credentials") as caught:
        authorization(Row(credentials="google"), google=GoogleSettings(credentials=Secret(text)))
    assert "hunter2" not in str(caught.value)
