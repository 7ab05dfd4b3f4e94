import json
from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa

from app.access.keys import Keyring, key_hash
from app.api.record_questions import question_routes
from app.cli import main
from app.records.desk import RecordDesk
from app.records.questions import questions
from app.settings import KeySettings
from tests.databases import _server, database_url, engine, postgresql_url, sqlite_url
from tests.exchanges import exchange
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
    put(engine, exchange(caller="=c1"), exchange(caller="c2"))
    desk = RecordDesk(database_url)
    routes = question_routes(desk, Keyring(KEYS), log)
    async with client_of(Gateway(keys=KEYS, reports=routes).app) as client:
        client.headers["authorization"] = "Bearer hr-admin"
        yield client
    desk.close()


async def test_questions_are_answered_as_on_the_command_line(
    client: httpx.AsyncClient, database_url: str, log: FakeLog, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = (await client.get("/v1/records/questions")).json()["data"]
    assert listed == [{"name": one.name, "answers": one.says} for one in questions()]
    for one in ("spend-by-caller", "slowest-exchanges", "holds"):
        answer = await client.get(f"/v1/records/questions/{one}")
        as_csv = await client.get(f"/v1/records/questions/{one}?format=csv")
        main(["records", "sql", one, "--database", database_url, "--json"])
        lines = capsys.readouterr().out.splitlines()
        assert answer.json()["data"] == [json.loads(line) for line in lines], one
        main(["records", "sql", one, "--database", database_url, "--csv"])
        assert as_csv.text.splitlines() == capsys.readouterr().out.splitlines(), one
        assert as_csv.headers["content-type"].startswith("text/csv")
        assert as_csv.text.splitlines()[0].split(",") == answer.json()["columns"], one
    assert log.lines[1] == (
        "info",
        "records_read",
        {"caller": "auditor", "what": "question", "name": "spend-by-caller"},
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("questions/spent", 404),
        ("questions/SELECT%201", 404),
        ("questions/holds?format=xml", 400),
        ("questions/holds?caller=c1", 400),
        ("questions?since=7d", 400),
    ],
)
async def test_nothing_else_is_asked(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(f"/v1/records/{path}")
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, "invalid_request_error")


async def test_no_other_key_asks(client: httpx.AsyncClient) -> None:
    for path in ("questions", "questions/holds"):
        for key, status in (("hr-team", 403), ("hr-nobody", 401)):
            headers = {"authorization": f"Bearer {key}"}
            assert (await client.get(f"/v1/records/{path}", headers=headers)).status_code == status


async def test_questions_are_described(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/docs/openapi.json")).json()["paths"]
    assert {"/v1/records/questions", "/v1/records/questions/{name}"} <= paths.keys()
