"""Tokens of Entra, over real sockets: what is asked of whom, and what is said when there is none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from app.domain.errors import UpstreamUnauthorized
from app.providers import entra_auth
from app.providers.authorization import Authorization
from app.providers.entra_auth import Entra
from app.providers.transport import AiohttpTransport
from tests.upstreams import Received, Upstream, whole

SECRET = "s3cr3t~of.the-client"
ASSERTION = "eyJ0eXAi.eyJzdWIi.c2ln"
TOKEN = {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "entra-token"}
SCOPE = "https://cognitiveservices.azure.com/.default"
RESOURCE = "https://cognitiveservices.azure.com"


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as running:
        yield running


class Redirected(httpx.AsyncBaseTransport):
    """Sends what is meant for the metadata service, which has a fixed address, to another port."""

    def __init__(self, inner: httpx.AsyncBaseTransport, port: int) -> None:
        self._inner = inner
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url).startswith(entra_auth.IMDS)
        url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(
            httpx.Request(request.method, url, headers=request.headers)
        )


async def sent(authorization: Authorization) -> str:
    request = httpx.Request("POST", "http://up/chat")
    deadline_s = asyncio.get_running_loop().time() + 5
    return (await authorization.headers(request, deadline_s))["authorization"]


def form(received: Received) -> dict[str, str]:
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"
    return dict(parse_qsl(received.body.decode(), strict_parsing=True))


def query(received: Received) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(received.target).query, strict_parsing=True))


async def test_a_client_proves_itself_by_its_secret(transport: AiohttpTransport) -> None:
    async with Upstream(whole(TOKEN), path="") as authority:
        entra = Entra(transport, "az", {}, authority=authority.base_url + "/")
        identity = entra.identity(tenant="t.example", client_id="c", client_secret=SECRET)
        assert [await sent(identity) for _ in range(3)] == ["Bearer entra-token"] * 3
    [asked] = authority.requests
    assert (asked.method, asked.target) == ("POST", "/t.example/oauth2/v2.0/token")
    assert form(asked) == {
        "grant_type": "client_credentials",
        "client_id": "c",
        "client_secret": SECRET,
        "scope": SCOPE,
    }
    assert identity.secrets() == (SECRET, "entra-token")


async def test_a_workload_proves_itself_by_what_its_file_holds_now(
    transport: AiohttpTransport, tmp_path: Path
) -> None:
    now_s = 1_000_000.0
    file = tmp_path / "azure-identity-token"
    async with Upstream(whole(TOKEN), path="") as authority:
        environ = {
            "AZURE_TENANT_ID": "t",
            "AZURE_CLIENT_ID": "c",
            "AZURE_FEDERATED_TOKEN_FILE": str(file),
            "AZURE_AUTHORITY_HOST": authority.base_url,
        }
        identity = Entra(transport, "az", environ, clock=lambda: now_s).identity()
        for text in (ASSERTION, f"{ASSERTION}-renewed\n"):
            file.write_text(text, "ascii")
            assert await sent(identity) == "Bearer entra-token"
            now_s += 3600
    first, second = map(form, authority.requests)
    assert first == {
        "grant_type": "client_credentials",
        "client_id": "c",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": ASSERTION,
        "scope": SCOPE,
    }
    assert second["client_assertion"] == f"{ASSERTION}-renewed"


@pytest.mark.parametrize("content", [None, b"", b" \n", "ä".encode()])
async def test_a_file_without_a_token_is_said(
    transport: AiohttpTransport, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    identity = Entra(transport, "az", {}).identity(tenant="t", client_id="c", federated_token_file=str(file))
    with pytest.raises(UpstreamUnauthorized, match="@az: the federated token file"):
        await sent(identity)


@pytest.mark.parametrize("client_id", [None, "mine"])
async def test_a_machine_asks_its_metadata_service(
    transport: AiohttpTransport, client_id: str | None
) -> None:
    answer = {"access_token": "entra-token", "expires_in": "3599", "expires_on": "1", "resource": RESOURCE}
    async with Upstream(whole(answer), path="") as imds:
        entra = Entra(Redirected(transport, imds.port), "az", {})
        identity = entra.identity(client_id=client_id)
        assert [await sent(identity) for _ in range(2)] == ["Bearer entra-token"] * 2
    [asked] = imds.requests
    assert (asked.method, urlsplit(asked.target).path) == ("GET", "/metadata/identity/oauth2/token")
    assert asked.headers["metadata"] == "true"
    named = {"client_id": client_id} if client_id else {}
    assert query(asked) == {"resource": RESOURCE, "api-version": "2018-02-01", **named}


async def test_a_machine_of_app_service_asks_its_endpoint(transport: AiohttpTransport) -> None:
    answer = {"access_token": "entra-token", "expires_on": "9999999999", "resource": RESOURCE}
    async with Upstream(whole(answer), path="/msi/token") as service:
        environ = {"IDENTITY_ENDPOINT": service.base_url, "IDENTITY_HEADER": "local-secret"}
        identity = Entra(transport, "az", environ).identity()
        assert [await sent(identity) for _ in range(2)] == ["Bearer entra-token"] * 2
    [asked] = service.requests
    assert asked.headers["x-identity-header"] == "local-secret"
    assert query(asked) == {"resource": RESOURCE, "api-version": "2019-08-01"}
    assert identity.secrets() == ("local-secret", "entra-token")


async def test_a_given_token_is_sent_as_it_is(transport: AiohttpTransport) -> None:
    identity = Entra(transport, "az", {"AZURE_FEDERATED_TOKEN_FILE": "/x"}).identity(access_token="given")
    assert await sent(identity) == "Bearer given"
    assert identity.secrets() == ("given",)


async def test_entras_refusal_is_told_by_its_number_only(transport: AiohttpTransport) -> None:
    refusal = {
        "error": "invalid_client",
        "error_description": f"AADSTS7000215: Invalid client secret provided: {SECRET}",
        "error_codes": [7000215],
    }
    async with Upstream(whole(refusal, status=401), path="") as authority:
        entra = Entra(transport, "az", {}, authority=authority.base_url)
        with pytest.raises(UpstreamUnauthorized) as caught:
            await sent(entra.identity(tenant="t", client_id="c", client_secret=SECRET))
    assert "(invalid_client, AADSTS7000215)" in caught.value.message
    assert SECRET not in str(caught.value.body())


Wrong = Callable[[Entra], Any]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda entra: entra.identity(client_secret=SECRET), "needs both tenant and client_id"),
        (lambda entra: entra.identity(client_secret=SECRET, tenant="t"), "needs both tenant and client_id"),
        (lambda entra: entra.identity(federated_token_file="/f", client_id="c"), "needs both"),
        (lambda entra: entra.identity(client_secret=SECRET, tenant="a/b", client_id="c"), "must be an id"),
    ],
)
async def test_half_an_identity_is_a_mistake(transport: AiohttpTransport, wrong: Wrong, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        wrong(Entra(transport, "az", {}))
    assert SECRET not in str(caught.value)
