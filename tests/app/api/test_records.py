import json
from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa

from app.access.keys import Keyring, key_hash
from app.api.records import record_routes
from app.records.desk import RecordDesk
from app.settings import KeySettings
from tests.databases import _server, database_url, engine, postgresql_url, sqlite_url
from tests.exchanges import MS, STARTED_NS, exchange
from tests.fakes import FakeLog
from tests.gateways import Gateway, client_of
from tests.recorded import put

__all__ = ["_server", "database_url", "engine", "postgresql_url", "sqlite_url"]
KEYS = {
    "auditor": KeySettings(hash=key_hash("hr-admin"), admin=True),
    "team-a": KeySettings(hash=key_hash("hr-team")),
}
EXCHANGES = [
    exchange(
        id=f"01a22e75-b2b2-7225-88fd-8755ae5578e{i}",
        started_ns=STARTED_NS + i * 1000 * MS,
        caller=f"c{i}",
        metadata={"_user": "anna"},
    )
    for i in range(3)
]


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
async def client(database_url: str, engine: sa.Engine, log: FakeLog) -> AsyncIterator[httpx.AsyncClient]:
    put(engine, *EXCHANGES)
    desk = RecordDesk(database_url)
    routes = record_routes(desk, Keyring(KEYS), None, log)
    async with client_of(Gateway(keys=KEYS, reports=routes).app) as client:
        client.headers["authorization"] = "Bearer hr-admin"
        yield client
    desk.close()


async def test_pages_follow_one_another(client: httpx.AsyncClient) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        sent = {"limit": "2", "order": "oldest"} | ({} if cursor is None else {"cursor": cursor})
        page = (await client.get("/v1/records", params=sent)).json()
        seen += [row["caller"] for row in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert (page["object"], seen) == ("list", ["c0", "c1", "c2"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["c2", "c1", "c0"]),
        ("caller=c0&caller=c2", ["c2", "c0"]),
        ("since=2026-11-22T20:51:53.000000Z&until=2026-11-22T20:51:54Z", ["c1"]),
        ("outcome=failed", []),
        ("subject=anna&limit=1", ["c2"]),
    ],
)
async def test_filters_are_parameters(client: httpx.AsyncClient, query: str, found: list[str]) -> None:
    page = (await client.get(f"/v1/records?{query}")).json()
    assert [row["caller"] for row in page["data"]] == found


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("callr=c0", "no parameter 'callr'"),
        ("outcome=fine", "outcome 'fine' is none of ok"),
        ("since=soon", "is no moment"),
        ("cursor=x", "cursor is none that was given"),
        ("limit=1001", "limit must be from 1 to 1000"),
        ("limit=many", ""),
        ("order=up", ""),
        ("caller=%00", "holds what no row does"),
    ],
)
async def test_what_cannot_be_asked_is_a_400(client: httpx.AsyncClient, query: str, said: str) -> None:
    answer = await client.get(f"/v1/records?{query}")
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
    assert said in answer.json()["error"]["message"]


async def test_an_exchange_is_shown_whole(client: httpx.AsyncClient, log: FakeLog) -> None:
    answer = await client.get(f"/v1/records/{EXCHANGES[0].id}")
    (whole,) = answer.json()["data"]
    assert [payload["kind"] for payload in whole["payloads"]] == ["request", "response"]
    assert answer.headers["cache-control"] == "no-store"
    by_trace = (await client.get(f"/v1/records/{EXCHANGES[0].trace_id}")).json()["data"]
    assert len(by_trace) == 3
    unknown = await client.get(f"/v1/records/{'f' * 32}")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "exchange_not_found")
    assert log.lines[0] == (
        "info",
        "records_read",
        {"caller": "auditor", "what": "show", "name": EXCHANGES[0].id},
    )


@pytest.mark.parametrize(("form", "media_type"), [("jsonl", "application/jsonl"), ("csv", "text/csv")])
async def test_an_export_is_streamed(client: httpx.AsyncClient, form: str, media_type: str) -> None:
    answer = await client.get(f"/v1/records/export?format={form}&caller=c1")
    assert answer.headers["content-type"].startswith(media_type)
    lines = answer.text.splitlines()
    if form == "csv":
        assert [line.split(",")[0] for line in lines] == ["id", EXCHANGES[1].id]
    else:
        assert json.loads(lines[-1])["end"]["exchanges"] == {"rows": 1}
    assert (await client.get("/v1/records/export?format=xml")).status_code == 400
    assert (await client.get("/v1/records/export?since=soon")).status_code == 400


@pytest.mark.parametrize("path", ["/v1/records", "/v1/records/export", f"/v1/records/{EXCHANGES[0].id}"])
@pytest.mark.parametrize(("key", "status"), [("hr-team", 403), ("hr-nobody", 401), ("", 401)])
async def test_no_other_key_reads_anything(
    client: httpx.AsyncClient, path: str, key: str, status: int
) -> None:
    answer = await client.get(path, headers={"authorization": f"Bearer {key}"})
    assert (answer.status_code, set(answer.json())) == (status, {"error"})
    assert EXCHANGES[0].id not in answer.text


async def test_where_nobody_needs_a_key_nobody_reads(sqlite_url: str) -> None:
    desk = RecordDesk(sqlite_url)
    routes = record_routes(desk, Keyring({}), None, FakeLog())
    async with client_of(Gateway(reports=routes).app) as client:
        answer = await client.get("/v1/records")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")


async def test_it_is_described(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/docs/openapi.json")).json()["paths"]
    listed = {one["name"] for one in paths["/v1/records"]["get"]["parameters"]}
    assert listed >= {"since", "caller", "decision", "limit", "cursor", "order"}
    assert "format" in {one["name"] for one in paths["/v1/records/export"]["get"]["parameters"]}
    assert "/v1/records/{name}" in paths
