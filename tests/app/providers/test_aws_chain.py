"""AWS's credentials and signature by botocore; over sockets and from files in test_aws_auth.py."""

import datetime as dt
import re

import pytest
from botocore.credentials import RefreshableCredentials

from app.providers.aws_chain import AwsChain

URL = "https://bedrock-runtime.us-east-1.amazonaws.com/model/a%3A0/converse"
SIGNED = {"host": "bedrock-runtime.us-east-1.amazonaws.com", "content-type": "application/json"}


def _chain(token: str | None = None) -> AwsChain:
    return AwsChain(access_key_id="AKID", secret_access_key="secret", session_token=token)


def _renewable(life_s: float) -> AwsChain:
    """Return a chain whose credentials end in so many seconds."""

    def again() -> dict[str, str]:
        return {"access_key": "B", "secret_key": "new", "token": "t", "expiry_time": _at(3600)}

    chain = AwsChain()
    end = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=life_s)
    chain._credentials = RefreshableCredentials("A", "old", "t", end, again, "a test")
    chain._frozen = chain._credentials._frozen_credentials
    return chain


def _at(seconds: float) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)).isoformat()


def test_given_credentials_are_there_at_once_and_for_good() -> None:
    chain = _chain("token")
    assert (chain.due(), chain.secrets()) == ("later", ("secret", "token"))


def test_nothing_is_known_before_it_was_looked_for() -> None:
    assert (AwsChain().due(), AwsChain().secrets()) == ("now", ())


@pytest.mark.parametrize(("life_s", "due"), [(30, "now"), (600, "soon"), (3600, "later")])
def test_when_credentials_are_due_depends_on_their_end(life_s: float, due: str) -> None:
    assert _renewable(life_s).due() == due


def test_renewed_credentials_are_used() -> None:
    chain = _renewable(30)
    chain.resolve()
    assert (chain.due(), chain.secrets()) == ("later", ("new", "t"))


def test_the_signature_names_what_it_covers() -> None:
    headers = _chain("token").headers("POST", URL, SIGNED, b"{}", "us-east-1")
    assert set(headers) == {"authorization", "x-amz-date", "x-amz-security-token"}
    assert re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=AKID/\d{8}/us-east-1/bedrock/aws4_request, "
        r"SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}",
        headers["authorization"],
    )


def test_every_part_of_the_request_is_covered() -> None:
    chain = _chain()

    def signature(method: str = "POST", url: str = URL, content: bytes = b"{}", region: str = "r") -> str:
        return chain.headers(method, url, SIGNED, content, region)["authorization"].rpartition("=")[2]

    signatures = {
        signature(),
        signature(method="GET"),
        signature(url=URL.replace("%3A", ":")),
        signature(content=b"[]"),
        signature(region="s"),
    }
    assert len(signatures) == 5
