import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from app.access.keys import Keyring, key_hash
from app.api.record_changes import change_routes
from app.cli import main
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

    routes = change_routes(ChangeDesk(database_url, tmp_path, None, 36_500), Keyring(KEYS), log, forget)
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


async def test_what_is_too_old_goes_as_on_the_command_line(
    client: httpx.AsyncClient,
    record: ProvenRecord,
    database_url: str,
    log: FakeLog,
    capsys: pytest.CaptureFixture[str],
) -> None:
    record.run("UPDATE exchanges SET started_at = '2020-01-01T00:00:00.000000Z'")
    kept = await client.post("/v1/records/retain", json={"dry_run": True})
    assert (kept.status_code, kept.json()["exchanges"]) == (200, 0)
    main(["records", "retain", "--database", database_url, "--days", "7", "--dry-run", "--json"])
    told = json.loads(capsys.readouterr().out)
    counted = (await client.post("/v1/records/retain", json={"days": 7, "dry_run": True})).json()
    assert counted == {"object": "retention", "dry_run": True} | told
    assert counted["exchanges"] == 8
    assert select(record.engine, "SELECT id FROM record_events WHERE kind = 'retained'") == []
    assert (await client.post("/v1/records/retain", json={"days": 7})).json()["exchanges"] == 8
    events = select(record.engine, "SELECT actor, exchanges FROM record_events WHERE kind = 'retained'")
    assert events == [{"actor": "key auditor", "exchanges": 8}]
    assert log.lines[-1][1:] == (
        "records_retained",
        {"caller": "auditor", "dry_run": False, **told, "partitions": log.lines[-1][2]["partitions"]},
    )


async def test_what_is_held_stays_until_it_is_released(
    client: httpx.AsyncClient, record: ProvenRecord, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    held = await client.post("/v1/records/holds", json={"exchange": record.ids[0], "reason": "case 7"})
    span = {"since": "2020-01-01", "until": "today", "reason": "case 8"}
    assert (await client.post("/v1/records/holds", json=span)).status_code == 200
    (id_,) = held.json()["ids"]
    erased = await client.post("/v1/records/erase", json={"exchange": record.ids[0]})
    assert (erased.json()["exchanges"], erased.json()["held"]) == (0, 1)
    released = await client.delete(f"/v1/records/holds/{id_}")
    assert released.json() == {"object": "hold", "id": id_, "released": True}
    again = await client.delete(f"/v1/records/holds/{id_}")
    assert (again.status_code, again.json()["error"]["code"]) == (404, "hold_not_found")
    listed = (await client.get("/v1/records/holds")).json()["data"]
    main(["records", "hold", "list", "--database", database_url])
    assert listed == [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["created_by"], one["released_by"]) for one in listed] == [
        ("key auditor", "key auditor"),
        ("key auditor", None),
    ]
    events = select(
        record.engine, "SELECT kind, actor FROM record_events WHERE kind IN ('held', 'released') ORDER BY at"
    )
    assert [event["kind"] for event in events] == ["held", "held", "released"]
    assert {event["actor"] for event in events} == {"key auditor"}


@pytest.mark.parametrize(
    ("path", "sent", "param"),
    [
        ("retain", {"days": 0}, "days"),
        ("retain", {"days": "7"}, "days"),
        ("retain", {"day": 7}, "day"),
        ("holds", {"exchange": "x", "reason": "r"}, "exchange"),
        ("holds", {"since": "soon", "reason": "r"}, "since"),
        ("holds", {"subject": "a", "until": "today", "reason": "r"}, None),
        ("holds", {"reason": "r"}, None),
        ("holds", {"subject": "a"}, None),
        ("holds", {"subject": "a", "reason": ""}, "reason"),
    ],
)
async def test_a_change_that_cannot_be_made_names_the_field(
    client: httpx.AsyncClient, path: str, sent: dict[str, object], param: str | None
) -> None:
    answer = await client.post(f"/v1/records/{path}", json=sent)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)


@pytest.mark.parametrize(("key", "status"), [("hr-team", 403), ("hr-nobody", 401)])
async def test_no_other_key_changes_anything(
    client: httpx.AsyncClient, record: ProvenRecord, key: str, status: int
) -> None:
    client.headers["authorization"] = f"Bearer {key}"
    answers = [
        await client.post("/v1/records/retain", json={"days": 7}),
        await client.post("/v1/records/holds", json={"subject": "ada", "reason": "r"}),
        await client.get("/v1/records/holds"),
        await client.delete(f"/v1/records/holds/{record.ids[0]}"),
    ]
    assert [answer.status_code for answer in answers] == [status] * 4
    assert select(record.engine, "SELECT id FROM holds") == []


async def test_changes_are_described(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/docs/openapi.json")).json()["paths"]
    assert paths["/v1/records/holds"].keys() >= {"get", "post"}
    assert "post" in paths["/v1/records/retain"]
    assert "delete" in paths["/v1/records/holds/{hold_id}"]


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
