import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.access.keys import Keyring, key_hash
from app.api.connection import Drain
from app.api.record_verification import verification_route
from app.cli import main
from app.records.verify_desk import VerifyDesk
from app.settings import KeySettings
from tests.databases import _server, database_url, engine, postgresql_url, sqlite_url
from tests.fakes import FakeLog
from tests.gateways import Gateway, client_of
from tests.proven_records import ProvenRecord

__all__ = ["_server", "database_url", "engine", "postgresql_url", "sqlite_url"]
KEYS = {
    "auditor": KeySettings(hash=key_hash("hr-admin"), admin=True),
    "team-a": KeySettings(hash=key_hash("hr-team")),
}


@pytest.fixture
def record(engine: sa.Engine) -> ProvenRecord:
    return ProvenRecord(engine)


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
def drain() -> Drain:
    return Drain(5.0)


@pytest.fixture
async def client(
    record: ProvenRecord, database_url: str, drain: Drain, log: FakeLog
) -> AsyncIterator[httpx.AsyncClient]:
    route = verification_route(VerifyDesk(database_url, {}), Keyring(KEYS), drain, log)
    async with client_of(Gateway(keys=KEYS, reports=[route]).app) as client:
        client.headers["authorization"] = "Bearer hr-admin"
        yield client


async def test_it_finds_what_the_command_line_finds(
    client: httpx.AsyncClient,
    record: ProvenRecord,
    database_url: str,
    log: FakeLog,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (await client.post("/v1/records/verify", json={})).json()["sound"] is True
    last = record.log.lines[-1][2]
    record.run(f"UPDATE exchanges SET caller = 'x' WHERE id = '{record.ids[2]}'")
    record.run(f"DELETE FROM checkpoints WHERE sequence = {last['sequence']}")
    record.run(f"DELETE FROM chain WHERE writer = '{last['writer']}' AND sequence = {last['sequence']}")
    (tmp_path / "log").write_text(json.dumps({"event": "record_checkpoint", **last}))
    options = ["--public-key", record.signer.public_key, "--since", "2020-01-01", "--log", f"{tmp_path}/log"]
    main(["records", "verify", "--database", database_url, "--json", *options])
    told = json.loads(capsys.readouterr().out)
    asked = {"public_keys": [record.signer.public_key], "since": "2020-01-01", "checkpoints": [last]}
    found = (await client.post("/v1/records/verify", json=asked)).json()
    assert found == {"object": "verification"} | told
    assert {flaw["kind"] for flaw in found["flaws"]} >= {"changed", "truncated"}
    assert log.lines[-1][1:] == (
        "records_verified",
        {"caller": "auditor", "sound": False, "flaws": found["flaws_total"]},
    )


async def test_what_cannot_be_verified_names_the_field(client: httpx.AsyncClient, tmp_path: Path) -> None:
    private = (
        Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )
    file = tmp_path / "PRIVATE KEY"
    file.write_text(private)
    for sent, param in (
        ({"public_keys": ["junk"]}, "public_keys[0]"),
        ({"public_keys": [str(file)]}, "public_keys[0]"),
        ({"public_keys": [private]}, "public_keys[0]"),
        ({"since": "soon"}, "since"),
        ({"checkpoints": [{"writer": "w"}]}, "checkpoints[0]"),
        ({"log": "/etc/passwd"}, "log"),
    ):
        answer = await client.post("/v1/records/verify", json=sent)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_it_ends_when_the_service_is_asked_to_stop(client: httpx.AsyncClient, drain: Drain) -> None:
    drain.begin()
    answer = await client.post("/v1/records/verify", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "records_unavailable")


async def test_no_other_key_verifies(client: httpx.AsyncClient) -> None:
    for key, status in (("hr-team", 403), ("hr-nobody", 401)):
        headers = {"authorization": f"Bearer {key}"}
        assert (await client.post("/v1/records/verify", json={}, headers=headers)).status_code == status


async def test_it_is_described(client: httpx.AsyncClient) -> None:
    assert "/v1/records/verify" in (await client.get("/docs/openapi.json")).json()["paths"]
