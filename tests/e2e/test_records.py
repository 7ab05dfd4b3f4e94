"""The record over a real socket: what an administrator's key may read, and what is streamed to whom."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.access.keys import key_hash
from tests.e2e.completions import spoken
from tests.e2e.rows import Database
from tests.servers import serve
from tests.upstreams import Upstream

CONFIG = """\
providers: {{up: {{kind: openai, base_url: "{upstream}"}}}}
keys: {{auditor: {{hash: "{admin}", admin: true}}, team: {{hash: "{team}"}}}}
records: {{url: "{record}", content: full}}
"""


async def test_an_administrator_reads_what_a_team_asked(record: Database, tmp_path: Path) -> None:
    folder = tmp_path / "service"
    folder.mkdir()
    async with Upstream(spoken(["Hello ", "there."])) as upstream:
        config = CONFIG.format(
            upstream=upstream.base_url,
            admin=key_hash("hr-admin"),
            team=key_hash("hr-team"),
            record=record.url,
        )
        with serve(config, folder) as service:
            async with httpx.AsyncClient(base_url=service.url, timeout=20) as client:
                question = {"model": "@up/m", "messages": [{"role": "user", "content": "Hello?"}]}
                team = {"authorization": "Bearer hr-team"}
                asked = await client.post("/v1/chat/completions", json=question, headers=team)
                id_ = asked.headers["x-request-id"]
                record.exchange(id_)
                feedback = {"trace_id": id_, "value": 5}
                await client.post("/v1/feedback", json=feedback, headers=team)
                admin = {"authorization": "Bearer hr-admin"}
                shown = (await client.get(f"/v1/records/{id_}", headers=admin)).json()["data"][0]
                listed = (await client.get("/v1/records?caller=team", headers=admin)).json()["data"]
                exported = await client.get("/v1/records/export", headers=admin)
                refused = await client.get("/v1/records", headers=team)
                verified = await client.post("/v1/records/verify", json={}, headers=admin)
                words = {"on": ["input"], "checks": [{"words": {"deny": ["hello"]}}], "action": "block"}
                candidate = {"candidate": {"guardrails": {"words": words}}}
                replayed = await client.post("/v1/records/replay", json=candidate, headers=admin)
                await _leave_tails(client, admin)
                tail = client.stream("GET", "/v1/records/tail?since=1h", headers=admin)
                async with tail as followed:
                    pieces = followed.aiter_text()
                    seen = await _until(pieces, id_)
                    again = await client.post("/v1/chat/completions", json=question, headers=team)
                    seen += await _until(pieces, again.headers["x-request-id"])
                    assert await asyncio.to_thread(service.stop) == 0
                    ended = [piece async for piece in pieces]
    assert [json.loads(payload["body"])["messages"][0]["content"] for payload in shown["payloads"][:1]] == [
        "Hello?"
    ]
    assert [row["feedback"] for row in listed] == [[5]]
    assert json.loads(exported.text.splitlines()[-1])["end"]["payloads"] == {"rows": 2}
    assert refused.status_code == 403
    assert (verified.json()["sound"], verified.json()["proven"]) == (True, 1)
    assert replayed.json()["totals"]["blocked"]["new"] == 1
    assert seen.count("\nid: ") == 2
    assert not any("id: " in piece for piece in ended)


async def _leave_tails(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """Follow more often than is allowed at once, and leave each time: places are given back."""
    opened = 0
    async with asyncio.timeout(60):
        while opened < 6:
            async with client.stream("GET", "/v1/records/tail", headers=admin) as followed:
                assert followed.status_code in {200, 429}
                opened += followed.status_code == 200
            await asyncio.sleep(0.05)


async def _until(pieces: AsyncIterator[str], id_: str) -> str:
    """Return what came of a stream, to the end of the event of this exchange."""
    text = ""
    while f'"id":"{id_}"' not in text or not text.endswith("\n\n"):
        text += await anext(pieces)
    return text


@pytest.mark.parametrize("path", ["/v1/records", "/v1/records/export"])
def test_without_keys_nobody_reads_over_the_network(tmp_path: Path, path: str) -> None:
    with serve(f'records: {{url: "sqlite:///{tmp_path}/r.db"}}\n', tmp_path) as service:
        answer = httpx.get(f"{service.url}{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
