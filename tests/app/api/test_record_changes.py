import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from app.access.keys import Keyring, key_hash
from app.api.record_changes import change_routes
from app.records.change_desk import ChangeDesk
from app.settings import KeySettings
from tests.databases import _server, database_url, engine, postgresql_url, select, sqlite_url
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
async def client(
    record: ProvenRecord, database_url: str, log: FakeLog, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    async def forget() -> None:
        log.info("forgotten")

    routes = change_routes(ChangeDesk(database_url, tmp_path, None), Keyring(KEYS), log, forget)
    async with client_of(Gateway(keys=KEYS, reports=routes).app) as client:
        client.headers["authorization"] = "Bearer hr-admin"
        yield client


async def test_a_person_is_erased_and_who_did_it_is_said(
    client: httpx.AsyncClient, record: ProvenRecord, log: FakeLog
) -> None:
    counted = await client.post("/v1/records/erase", json={"subject": "ada", "dry_run": True})
    done = await client.post("/v1/records/erase", json={"subject": "ada"})
    assert (counted.status_code, done.status_code) == (200, 200)
    assert (counted.json()["exchanges"], done.json()["exchanges"]) == (8, 8)
    events = select(record.engine, "SELECT actor, exchanges FROM record_events WHERE kind = 'erased'")
    assert events == [{"actor": "key auditor", "exchanges": 8}]
    assert [event for _, event, _ in log.lines] == ["records_erased", "forgotten", "records_erased"]
    assert not re.search(r"\bada\b", repr(log.lines))


@pytest.mark.parametrize(
    "sent", [{}, {"subject": ""}, {"exchange": "x"}, {"subject": "a", "exchange": "b"}, {"subjects": "ada"}]
)
async def test_what_is_meant_must_be_said(client: httpx.AsyncClient, sent: dict[str, str]) -> None:
    assert (await client.post("/v1/records/erase", json=sent)).status_code == 400


@pytest.mark.parametrize(("key", "status"), [("hr-team", 403), ("hr-nobody", 401)])
async def test_nobody_else_erases(
    client: httpx.AsyncClient, record: ProvenRecord, key: str, status: int
) -> None:
    sent = {"authorization": f"Bearer {key}"}
    answer = await client.post("/v1/records/erase", json={"subject": "ada"}, headers=sent)
    assert answer.status_code == status
    assert select(record.engine, "SELECT id FROM record_events WHERE kind = 'erased'") == []
