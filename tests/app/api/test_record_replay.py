import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.access.keys import Keyring, key_hash
from app.api.connection import Drain
from app.api.record_replay import replay_route
from app.cli import main
from app.recording import record_redactor
from app.records.protection import Protection
from app.replaying.replay_desk import ReplayDesk
from app.settings import KeySettings
from tests.databases import _server, database_url, engine, postgresql_url, sqlite_url
from tests.exchanges import MS, STARTED_NS, exchange, request
from tests.fakes import FakeLog
from tests.gateways import Gateway, client_of
from tests.recorded import put

__all__ = ["_server", "database_url", "engine", "postgresql_url", "sqlite_url"]
KEYS = {
    "auditor": KeySettings(hash=key_hash("hr-admin"), admin=True),
    "team-a": KeySettings(hash=key_hash("hr-team")),
}
PRIVACY: dict[str, Any] = {
    "privacy": {"on": ["input"], "checks": [{"pii": {"entities": ["email"]}}], "action": "block"},
    "bound": {
        "on": ["input"],
        "checks": [{"words": {"deny": ["fine"]}}],
        "action": "block",
        "default": False,
    },
}


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
def drain() -> Drain:
    return Drain(5.0)


@pytest.fixture
async def client(
    database_url: str, engine: sa.Engine, drain: Drain, log: FakeLog
) -> AsyncIterator[httpx.AsyncClient]:
    texts = ("to anna@example.com", "fine", "cc: anna@example.com")
    put(
        engine,
        *(
            exchange(request=request(text), started_ns=STARTED_NS + i * MS, caller=f"team-{i}", verdicts=())
            for i, text in enumerate(texts)
        ),
    )
    desk = ReplayDesk(database_url, Protection(), record_redactor)
    route = replay_route(desk, Keyring(KEYS), None, drain, log)
    async with client_of(Gateway(keys=KEYS, reports=[route]).app) as client:
        client.headers["authorization"] = "Bearer hr-admin"
        yield client
    desk.close()


async def test_the_report_is_that_of_the_command_line(
    client: httpx.AsyncClient,
    database_url: str,
    log: FakeLog,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "new.yaml"
    key = {"hash": key_hash("hr-1"), "guardrails": ["bound"]}
    file.write_text(json.dumps({"guardrails": PRIVACY, "keys": {"team-1": key}}))
    candidate = {"guardrails": PRIVACY, "keys": {"team-1": {"guardrails": ["bound"]}}}
    for sent, options, blocked in (
        ({}, [], 3),
        ({"filters": {"caller": ["team-0", "team-1"]}}, ["--caller", "team-0", "--caller", "team-1"], 2),
        ({"limit": 1, "samples": 0}, ["--limit", "1", "--samples", "0"], 1),
    ):
        answer = await client.post("/v1/records/replay", json={"candidate": candidate} | sent)
        command = ["records", "replay", str(file), "--database", database_url, "--json", *options]
        assert await asyncio.to_thread(main, command) == 0
        report = json.loads(capsys.readouterr().out)
        assert answer.json() == {"object": "replay"} | report | {"candidate": "candidate"}
        assert report["totals"]["blocked"]["new"] == blocked
        assert "anna" not in answer.text
    assert log.lines[0] == ("info", "records_read", {"caller": "auditor", "what": "replay"})


WEBHOOK = {"webhook": {"url": "http://169.254.169.254/latest"}}


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({}, "candidate"),
        ({"candidate": {}}, "candidate.guardrails"),
        ({"candidate": {"records": {"url": "sqlite:////etc/passwd"}}}, "candidate.records"),
        (
            {
                "candidate": {
                    "guardrails": {"x": {"on": ["input"], "checks": [{"length": {}}], "action": "no"}}
                }
            },
            "candidate.guardrails.x.action",
        ),
        (
            {"candidate": {"guardrails": {"x": PRIVACY["privacy"] | {"checks": [WEBHOOK]}}}},
            "candidate.guardrails.x.checks[0].webhook",
        ),
        (
            {"candidate": {"guardrails": PRIVACY, "keys": {"team": {"guardrails": ["gone"]}}}},
            "candidate.keys.team.guardrails[0]",
        ),
        ({"candidate": {"guardrails": PRIVACY}, "filters": {"since": "soon"}}, "filters.since"),
        ({"candidate": {"guardrails": PRIVACY}, "filters": {"callr": ["a"]}}, "filters.callr"),
        ({"candidate": {"guardrails": PRIVACY}, "limit": -1}, "limit"),
        ({"candidate": {"guardrails": PRIVACY}, "remote": True}, "remote"),
    ],
)
async def test_what_cannot_be_tried_names_the_field(
    client: httpx.AsyncClient, sent: dict[str, Any], param: str
) -> None:
    answer = await client.post("/v1/records/replay", json=sent)
    error = answer.json()["error"]
    if param == "candidate":
        assert "`candidate`" in error["message"]
        param = error["param"]
    assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)


async def test_no_variable_of_the_environment_is_read(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED", "fine")
    words = {"on": ["input"], "checks": [{"words": {"deny": ["${PLANTED}"]}}], "action": "block"}
    sent = {"candidate": {"guardrails": {"x": words}}}
    assert (await client.post("/v1/records/replay", json=sent)).json()["totals"]["blocked"]["now"] == 0


async def test_it_ends_when_the_service_is_asked_to_stop(client: httpx.AsyncClient, drain: Drain) -> None:
    drain.begin()
    answer = await client.post("/v1/records/replay", json={"candidate": {"guardrails": PRIVACY}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "records_unavailable")


async def test_no_other_key_replays(client: httpx.AsyncClient) -> None:
    for key, status in (("hr-team", 403), ("hr-nobody", 401)):
        headers = {"authorization": f"Bearer {key}"}
        sent = {"candidate": {"guardrails": PRIVACY}}
        assert (await client.post("/v1/records/replay", json=sent, headers=headers)).status_code == status


async def test_it_is_described(client: httpx.AsyncClient) -> None:
    assert "/v1/records/replay" in (await client.get("/docs/openapi.json")).json()["paths"]
