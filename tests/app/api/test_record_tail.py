"""A tail's first look; that it goes on, and ends, is told over a socket in `tests/e2e/test_records.py`."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
import sqlalchemy as sa

from app.access.keys import Keyring, key_hash
from app.api.connection import Drain
from app.api.record_tail import tail_route
from app.records.desk import RecordDesk
from app.settings import KeySettings
from tests.databases import _server, database_url, engine, postgresql_url, sqlite_url
from tests.exchanges import MS, exchange
from tests.fakes import FakeLog
from tests.gateways import Gateway, client_of
from tests.recorded import put

__all__ = ["_server", "database_url", "engine", "postgresql_url", "sqlite_url"]
KEYS = {
    "auditor": KeySettings(hash=key_hash("hr-admin"), admin=True),
    "team-a": KeySettings(hash=key_hash("hr-team")),
}


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
async def client(database_url: str, engine: sa.Engine, log: FakeLog) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a service that is being stopped, so that a stream ends behind its first look."""
    now_ns = int(datetime.now(UTC).timestamp()) * 10**9
    for i in range(3):
        put(engine, exchange(caller=f"c{i}", started_ns=now_ns - 10**9, ended_ns=now_ns - (500 - i) * MS))
    desk, drain = RecordDesk(database_url), Drain(5.0)
    drain.begin()
    route = tail_route(desk, Keyring(KEYS), None, drain, log)
    async with client_of(Gateway(keys=KEYS, reports=[route]).app) as client:
        client.headers["authorization"] = "Bearer hr-admin"
        yield client
    desk.close()


def events(answer: httpx.Response) -> list[tuple[str, str]]:
    """Return cursor and caller of each event."""
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\n") for block in answer.text.split("\n\n") if block.startswith("id: ")]
    return [(cursor[4:], json.loads(row[6:])["caller"]) for cursor, row in blocks]


async def test_who_comes_back_goes_on_behind_what_was_seen(client: httpx.AsyncClient, log: FakeLog) -> None:
    first = events(await client.get("/v1/records/tail?since=1m"))
    assert [caller for _, caller in first] == ["c0", "c1", "c2"]
    seen = {"last-event-id": first[0][0]}
    assert events(await client.get("/v1/records/tail", headers=seen)) == first[1:]
    assert events(await client.get(f"/v1/records/tail?cursor={first[1][0]}")) == first[2:]
    assert [one[1] for one in events(await client.get("/v1/records/tail?since=1m&caller=c1"))] == ["c1"]
    assert events(await client.get("/v1/records/tail")) == []
    assert log.lines[0] == ("info", "records_read", {"caller": "auditor", "what": "tail"})


async def test_what_cannot_be_followed_names_the_field(client: httpx.AsyncClient) -> None:
    for query, param in (("cursor=x", "cursor"), ("since=soon", "since"), ("callr=c1", "callr")):
        answer = await client.get(f"/v1/records/tail?{query}")
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_no_other_key_follows(client: httpx.AsyncClient) -> None:
    for key, status in (("hr-team", 403), ("hr-nobody", 401)):
        headers = {"authorization": f"Bearer {key}"}
        assert (await client.get("/v1/records/tail", headers=headers)).status_code == status


async def test_it_is_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/docs/openapi.json")).json()["paths"]["/v1/records/tail"]["get"]
    assert {one["name"] for one in described["parameters"]} >= {"since", "cursor", "last-event-id"}
