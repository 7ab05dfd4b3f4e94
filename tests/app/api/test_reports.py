import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from app.access.keys import Keyring
from app.api.reports import report_routes
from app.records.reports import Feedback, FeedbackChange, InsertedLog
from tests.gateways import Gateway, client_of

KNOWN = "01a22e75-b2b2-7225-88fd-8755ae5578ee"


class FakeReports:
    """Remembers what it is told; knows one piece of feedback."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def add_feedback(self, caller: str, given: Sequence[Feedback], content: str) -> list[str]:
        self.told.append((caller, *given))
        return [KNOWN] * len(given)

    def change_feedback(self, caller: str, id_: str, change: FeedbackChange, content: str) -> bool:
        self.told.append((caller, change))
        return id_ == KNOWN

    def add_log(self, caller: str, log: InsertedLog, content: str) -> str:
        self.content = content
        self.told.append((caller, log))
        return KNOWN


@pytest.fixture
def reports() -> FakeReports:
    return FakeReports()


@pytest.fixture
def client(reports: FakeReports) -> httpx.AsyncClient:
    fake: Any = reports
    return client_of(Gateway(reports=report_routes(fake, Keyring({}))).app)


async def test_feedback_is_given_once_or_often(client: httpx.AsyncClient, reports: FakeReports) -> None:
    one = {"trace_id": "t", "value": 10}
    given = await client.post("/v1/feedback", json=one)
    assert (given.status_code, given.json()["feedback_ids"]) == (200, [KNOWN])
    many = await client.post("/v1/feedback", json=[one, one | {"weight": 0.5, "metadata": {"a": 1}}])
    assert many.json()["feedback_ids"] == [KNOWN, KNOWN]
    assert given.headers["x-portkey-trace-id"]
    plain = Feedback(trace_id="t", value=10)
    assert reports.told[0] == ("anonymous", plain)
    assert reports.told[1][2] == Feedback(trace_id="t", value=10, weight=0.5, metadata={"a": 1})


async def test_feedback_is_changed_where_it_is_known(client: httpx.AsyncClient, reports: FakeReports) -> None:
    changed = await client.put(f"/v1/feedback/{KNOWN}", json={"value": -1})
    assert (changed.status_code, reports.told) == (200, [("anonymous", FeedbackChange(value=-1))])
    for other in (KNOWN.replace("0", "1"), "x", "%00"):
        unknown = await client.put(f"/v1/feedback/{other}", json={"value": -1})
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "feedback_not_found")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"trace_id":"t","value":1},"more":{"value":2}',
        b"{",
        b"7",
        b"[]",
        b'{"trace_id": "", "value": 1}',
        b'{"trace_id": "t", "value": 11}',
        b'{"trace_id": "t", "value": 0.5}',
        b'{"trace_id": "t", "value": 1, "weight": 2}',
        b'{"trace_id": "t", "value": 1, "metadata": []}',
        b'{"value": 1}',
        b"[" * 1_000,
        json.dumps([{"trace_id": "t", "value": 1}] * 101).encode(),
        b'{"trace_id": "t", "value": 1, "metadata": {"a": "%b"}}' % (b"x" * 1_100_000),
    ],
)
async def test_what_is_no_feedback_is_refused(
    body: bytes, client: httpx.AsyncClient, reports: FakeReports
) -> None:
    answer = await client.post("/v1/feedback", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, reports.told) == (400, [])
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert len(answer.content) < 500


async def test_a_web_page_cannot_give_feedback(client: httpx.AsyncClient, reports: FakeReports) -> None:
    answer = await client.post("/v1/feedback", content=b"{}", headers={"content-type": "text/plain"})
    assert (answer.status_code, reports.told) == (415, [])


async def test_a_log_is_inserted_without_its_headers(client: httpx.AsyncClient, reports: FakeReports) -> None:
    log = {
        "request": {"Headers": {"authorization": "sk"}, "body": {"a": 1}},
        "response": {"status": 7, "headers": {}},
        "metadata": {"traceId": "t"},
    }
    answer = await client.post("/v1/logs", json=log)
    assert reports.content == "full"
    await client.post("/v1/logs", json=log, headers={"x-portkey-debug": "false"})
    assert reports.content == "hashes"
    reports.told.pop()
    assert (answer.status_code, answer.json()["status"]) == (200, "success")
    ((_, kept),) = reports.told
    assert kept.body == {"request": {"body": {"a": 1}}, "response": {"status": 7}}
    assert (kept.trace_id, kept.status_code) == ("t", None)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/prompts/pp-1/completions"),
        ("GET", "/v1/configs"),
        ("PUT", "/v1/virtual-keys/a"),
        ("DELETE", "/v1/api-keys/a/b"),
        ("GET", "/v1/logs/exports"),
    ],
)
async def test_what_only_portkeys_service_has_is_answered_with_what_does_it_here(
    method: str, path: str, client: httpx.AsyncClient
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "not_served")
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers["x-portkey-trace-id"]
