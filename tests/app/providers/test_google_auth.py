"""Credentials of Google Cloud, against token servers that check what they are asked."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.errors import UpstreamUnauthorized
from app.providers.google_auth import Google
from app.providers.google_sources import AuthorizedUser, MetadataServer, ServiceAccount
from app.providers.transport import AiohttpTransport
from tests.google_identity import TokenServer, authorized_user, service_account
from tests.upstreams import Upstream, whole

REQUEST = httpx.Request("POST", "http://up/x")
NOW_S = 1_795_000_000.0


class World:
    """Token servers and a clock that moves when told to."""

    def __init__(self) -> None:
        self.server = TokenServer(NOW_S)

    def google(self, home: Path = Path("/nowhere"), quota: str | None = None, **environ: str) -> Google:
        return Google(
            httpx.MockTransport(self.server),
            "vertex",
            environ,
            home,
            clock=lambda: self.server.now_s,
            quota_project=quota,
        )


@pytest.fixture
def world() -> World:
    return World()


def soon() -> float:
    return asyncio.get_running_loop().time() + 5


@pytest.mark.parametrize(
    ("info", "headers"),
    [
        (service_account(), {"authorization": "Bearer ya29.token-1"}),
        (
            service_account(quota_project_id="q"),
            {"authorization": "Bearer ya29.token-1", "x-goog-user-project": "q"},
        ),
        (authorized_user(), {"authorization": "Bearer ya29.token-1", "x-goog-user-project": "quota-project"}),
    ],
)
async def test_a_file_gives_a_token(info: dict[str, Any], headers: dict[str, str], world: World) -> None:
    google = world.google()
    authorization = google.authorization(google.source_of(info))
    assert dict(await authorization.headers(REQUEST, soon())) == headers
    assert "ya29.token-1" in authorization.secrets()
    assert (info.get("private_key") or info["refresh_token"]) in authorization.secrets()


async def test_many_requests_fetch_one_token_and_renew_it_a_minute_early(world: World) -> None:
    google = world.google()
    authorization = google.authorization(google.source_of(service_account()))
    asked = [authorization.headers(REQUEST, soon()) for _ in range(20)]
    assert {said["authorization"] for said in await asyncio.gather(*asked)} == {"Bearer ya29.token-1"}
    world.server.now_s += 3599 - 61
    assert (await authorization.headers(REQUEST, soon()))["authorization"] == "Bearer ya29.token-1"
    world.server.now_s += 2
    assert (await authorization.headers(REQUEST, soon()))["authorization"] == "Bearer ya29.token-2"
    assert world.server.given == 2


async def test_a_refusal_quotes_nothing_but_its_word(world: World) -> None:
    google = world.google()
    authorization = google.authorization(google.source_of(authorized_user(refresh_token="revoked-hunter2")))
    with pytest.raises(UpstreamUnauthorized) as caught:
        await authorization.headers(REQUEST, soon())
    assert "invalid_grant" in caught.value.message
    assert "hunter2" not in caught.value.message


def test_credentials_are_looked_for_in_googles_order(world: World, tmp_path: Path) -> None:
    assert isinstance(world.google(tmp_path).default_source(), MetadataServer)
    folder = tmp_path / ".config" / "gcloud"
    folder.mkdir(parents=True)
    (folder / "application_default_credentials.json").write_text(json.dumps(authorized_user()))
    assert isinstance(world.google(tmp_path).default_source(), AuthorizedUser)
    elsewhere = world.google(Path("/nowhere"), CLOUDSDK_CONFIG=str(folder))
    assert isinstance(elsewhere.default_source(), AuthorizedUser)
    named = tmp_path / "key.json"
    named.write_text(json.dumps(service_account()))
    source = world.google(tmp_path, GOOGLE_APPLICATION_CREDENTIALS=str(named)).default_source()
    assert isinstance(source, ServiceAccount)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"type": "external_account", "secret": "hunter2"}'])
def test_a_file_that_is_named_must_be_one(content: str | None, world: World, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ValueError, match="Google credentials") as caught:
        world.google(tmp_path, GOOGLE_APPLICATION_CREDENTIALS=str(file)).default_source()
    assert "hunter2" not in str(caught.value)


async def test_a_quota_project_may_be_named_for_any_credentials(world: World) -> None:
    google = world.google(GOOGLE_CLOUD_QUOTA_PROJECT="env")
    authorization = google.authorization(google.source_of(authorized_user()))
    assert (await authorization.headers(REQUEST, soon()))["x-goog-user-project"] == "env"
    given = world.google(quota="mine").given_token("ya29.given")
    assert dict(await given.headers(REQUEST, soon())) == {
        "authorization": "Bearer ya29.given",
        "x-goog-user-project": "mine",
    }
    assert given.secrets() == ("ya29.given",)
    alone = world.google().given_token("ya29.given")
    assert dict(await alone.headers(REQUEST, soon())) == {"authorization": "Bearer ya29.given"}


async def test_the_metadata_server_is_asked_over_a_socket() -> None:
    token = {"access_token": "ya29.machine", "expires_in": 100, "token_type": "Bearer"}
    transport = AiohttpTransport()
    try:
        async with Upstream(whole(token)) as server:
            environ = {"GCE_METADATA_HOST": f"127.0.0.1:{server.port}"}
            google = Google(transport, "vertex", environ, Path("/nowhere"))
            authorization = google.authorization(google.default_source())
            said = await authorization.headers(REQUEST, soon())
        assert dict(said) == {"authorization": "Bearer ya29.machine"}
        assert server.requests[0].headers["metadata-flavor"] == "Google"
        assert server.requests[0].target.startswith(
            "/computeMetadata/v1/instance/service-accounts/default/token"
        )
    finally:
        await transport.aclose()


async def test_a_machine_that_is_not_googles_has_no_token() -> None:
    transport = AiohttpTransport()
    try:
        google = Google(transport, "vertex", {"GCE_METADATA_HOST": "127.0.0.1:1"}, Path("/nowhere"))
        with pytest.raises(UpstreamUnauthorized):
            await google.authorization(google.default_source()).headers(REQUEST, soon())
    finally:
        await transport.aclose()
