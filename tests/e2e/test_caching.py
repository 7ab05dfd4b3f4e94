"""Answers that are given again, over sockets: SDK, service, a scripted provider, a real Redis."""

import hashlib
import re
from pathlib import Path
from typing import Any

import httpx
import openai

from app.cache.redis import PREFIX
from tests.e2e.completions import echo
from tests.e2e.rows import Database
from tests.redis_server import redis_prefix, redis_url
from tests.servers import serve
from tests.upstreams import Connection, Received, Upstream, refusing_port, whole

SECRET = "of-all-replicas-of-this-gateway"
WORDS = "the marmalade is kept behind the clock"


def key_of(name: str) -> str:
    digest = hashlib.sha256(f"hr-{name}".encode()).hexdigest()
    return f'{name}: {{hash: "sha256:{digest}", config: again}}'


def config_of(upstream: Upstream, record: Database, cache: str) -> str:
    return f"""
providers: {{scripted: {{kind: openai, base_url: "{upstream.base_url}", api_key: sk-test}}}}
configs: {{again: {{provider: "@scripted", cache: {{mode: simple, max_age: 60}}}}}}
keys:
  {key_of("alice")}
  {key_of("bob")}
guardrails: {{privacy: {{checks: [{{pii: {{entities: [email]}}}}], action: redact, reversible: true}}}}
records: {{url: "{record.url}"}}
fingerprint_key: {SECRET}
cache: {cache}
"""


async def asked(url: str, caller: str, text: str = WORDS, *, stream: bool, **headers: str) -> tuple[str, str]:
    """Return the status of the cache, and the answer as the SDK puts it together."""
    sent: dict[str, Any] = {"model": "gpt-test", "messages": [{"role": "user", "content": text}]}
    named = {f"x-portkey-{name.replace('_', '-')}": value for name, value in headers.items()}
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=f"hr-{caller}", max_retries=0) as client:
        create = client.chat.completions.with_raw_response.create
        raw = await create(**sent, stream=stream, extra_headers=named)
        answer: Any = raw.parse()
        status: str = raw.headers["x-portkey-cache-status"]
        if not stream:
            return status, answer.choices[0].message.content.strip()
        pieces = [chunk.choices[0].delta.content or "" async for chunk in answer if chunk.choices]
        return status, "".join(pieces).strip()


async def test_an_answer_in_memory_is_its_callers_alone(tmp_path: Path) -> None:
    record = Database(f"sqlite:///{tmp_path}/record.db")
    async with Upstream(echo) as upstream:
        with serve(config_of(upstream, record, "{}"), tmp_path) as service:
            url = service.url
            assert await asked(url, "alice", stream=False) == ("MISS", WORDS)
            assert await asked(url, "alice", stream=True) == ("HIT", WORDS)
            assert await asked(url, "alice", stream=False) == ("HIT", WORDS)
            assert await asked(url, "bob", stream=True) == ("MISS", WORDS)
            assert await asked(url, "bob", stream=False) == ("HIT", WORDS)
            assert await asked(url, "bob", stream=False, cache_namespace="other") == ("MISS", WORDS)
            assert await asked(url, "bob", stream=True, cache_force_refresh="true") == ("REFRESH", WORDS)
            assert await asked(url, "bob", stream=True, debug="false") == ("DISABLED", WORDS)
            mail = "write to jane.roe@mail.example.com today"
            for stream in (False, True):
                assert (await asked(url, "alice", mail, stream=stream))[1] == mail
    assert len(upstream.requests) == 6
    rows = record.query("SELECT * FROM exchange_facts ORDER BY started_at")
    statuses = ["miss", "hit", "hit", "miss", "hit", "miss", "refresh", None, "miss", "hit"]
    assert [row["cache_status"] for row in rows] == statuses
    assert rows[1]["cached_exchange_id"] == rows[2]["cached_exchange_id"] == rows[0]["exchange_id"]
    assert rows[4]["cached_exchange_id"] == rows[3]["exchange_id"]
    assert {(row["cost_usd"], row["upstream_ms"]) for row in rows if row["cached_exchange_id"]} == {(0, 0)}
    assert all(row["total_tokens"] == 21 for row in rows)
    assert "jane.roe" not in record.everything()


OWN = re.compile(r"(?:.*_)?(?:id|at|ms|salt|hash)|writer")
"""Columns in which two exchanges differ although the same happened."""


async def test_a_request_that_comes_again_is_told_and_recorded_as_before(
    record: Database, tmp_path: Path
) -> None:
    sent = {"model": "gpt-test", "messages": [{"role": "user", "content": "mail jane.roe@mail.example.com"}]}
    async with Upstream(echo) as upstream:
        config = config_of(upstream, record, "{}").replace("reversible: true", "reversible: false")
        with serve(config, tmp_path) as service:
            key = {"authorization": "Bearer hr-alice"}
            async with httpx.AsyncClient(base_url=service.url, headers=key) as client:
                answers = [
                    await client.post("/v1/chat/completions", json=sent, headers={"x-portkey-trace-id": name})
                    for name in "abcd"
                ]
            rows = [again(record, answer.headers["x-request-id"]) for answer in answers]
    assert len(upstream.requests) == 1
    assert [answer.headers["x-portkey-cache-status"] for answer in answers] == ["MISS", "HIT", "HIT", "HIT"]
    assert [answer.headers["x-portkey-trace-id"] for answer in answers] == list("abcd")
    _, hit, third, fourth = answers
    assert hit.content == third.content == fourth.content
    assert "mail [EMAIL]" in hit.text
    assert rows[1] == rows[2] == rows[3]
    assert [row["decision"] for row in rows[3]["verdicts"]] == ["redact", "pass"]
    assert len(rows[3]["findings"]) == 1


def again(record: Database, request_id: str) -> dict[str, Any]:
    """Return the rows of an exchange without what is its own."""
    rows = {"exchanges": [record.exchange(request_id)]}
    for table in ("payloads", "attempts", "verdicts", "findings"):
        rows[table] = record.of(table, request_id)
    return {
        table: [{name: row[name] for name in row if not OWN.fullmatch(name)} for row in found]
        for table, found in rows.items()
    }


async def test_replicas_share_answers_in_redis_which_nobody_can_read_there(tmp_path: Path) -> None:
    record = Database(f"sqlite:///{tmp_path}/record.db")
    cache = f'{{store: redis, url: "{redis_url()}", timeout_ms: 2000}}'
    async with redis_prefix() as (client, _), Upstream(echo) as upstream:
        before = {key async for key in client.scan_iter(match=f"{PREFIX}*")}
        for folder, statuses in (("one", ["MISS", "HIT"]), ("two", ["HIT", "HIT"])):
            (tmp_path / folder).mkdir()
            with serve(config_of(upstream, record, cache), tmp_path / folder) as service:
                for status, stream in zip(statuses, (True, False), strict=True):
                    assert await asked(service.url, "alice", stream=stream) == (status, WORDS)
        new = [key async for key in client.scan_iter(match=f"{PREFIX}*") if key not in before]
        (value,) = await client.mget(new)
        await client.delete(*new)
    assert len(upstream.requests) == 1
    assert isinstance(value, bytes)
    for word in ("marmalade", "alice", "gpt-test", "content", "chatcmpl"):
        assert word.encode() not in new[0] + value


VECTORS = {
    "What is the capital of France?": [1.0, 0.0],
    "France's capital?": [0.99, 0.14],
    "What is the capital of Spain?": [0.8, 0.6],
}


async def embedding_or_echo(connection: Connection, request: Received) -> None:
    if request.target != "/v1/embeddings":
        await echo(connection, request)
        return
    row = {"object": "embedding", "index": 0, "embedding": VECTORS[request.json()["input"]]}
    await whole({"object": "list", "data": [row], "model": "small"})(connection, request)


async def test_what_means_the_same_has_the_same_answer(tmp_path: Path) -> None:
    first, alike, other = VECTORS
    record = Database(f"sqlite:///{tmp_path}/record.db")
    async with Upstream(embedding_or_echo) as upstream:
        config = config_of(upstream, record, '{embedder: {model: "@scripted/small"}}')
        with serve(config.replace("mode: simple", "mode: semantic"), tmp_path) as service:
            for stream in (False, True):
                caller = "bob" if stream else "alice"
                for text, answer, status in (
                    (first, first, "SEMANTIC MISS"),
                    (first, first, "HIT"),
                    (alike, first, "SEMANTIC HIT"),
                    (other, other, "SEMANTIC MISS"),
                ):
                    assert await asked(service.url, caller, text, stream=stream) == (status, answer)
    (hit, _) = record.query("SELECT * FROM attempts WHERE cache_status = 'semantic_hit'")
    assert 0.98 < hit["cache_similarity"] < 1
    asked_for = [request.json() for request in upstream.requests if request.target == "/v1/embeddings"]
    assert len(asked_for) == 6
    assert asked_for[0] == {"model": "small", "input": first, "encoding_format": "float"}


async def test_replicas_share_what_means_the_same_and_it_survives_a_restart(tmp_path: Path) -> None:
    first, alike, other = VECTORS
    record = Database(f"sqlite:///{tmp_path}/record.db")
    cache = (
        f'{{store: redis, url: "{redis_url()}", timeout_ms: 2000, embedder: {{model: "@scripted/small"}}}}'
    )
    asks = (
        ("one", "alice", first, "SEMANTIC MISS", first),
        ("two", "alice", alike, "SEMANTIC HIT", first),
        ("two", "bob", alike, "SEMANTIC MISS", alike),
        ("two", "alice", other, "SEMANTIC MISS", other),
    )
    async with redis_prefix() as (client, _), Upstream(embedding_or_echo) as upstream:
        before = {key async for key in client.scan_iter(match="handrail:*")}
        config = config_of(upstream, record, cache).replace("mode: simple", "mode: semantic")
        for folder in ("one", "two"):
            (tmp_path / folder).mkdir()
            with serve(config, tmp_path / folder) as service:
                for _, caller, text, status, said in (one for one in asks if one[0] == folder):
                    assert await asked(service.url, caller, text, stream=False) == (status, said)
        new = [key async for key in client.scan_iter(match="handrail:*") if key not in before]
        await client.delete(*new)


async def test_without_its_redis_the_gateway_asks_the_provider(tmp_path: Path) -> None:
    record = Database(f"sqlite:///{tmp_path}/record.db")
    cache = f'{{store: redis, url: "redis://127.0.0.1:{refusing_port()}/0"}}'
    async with Upstream(echo) as upstream:
        with serve(config_of(upstream, record, cache), tmp_path) as service:
            for stream in (False, True, False):
                assert await asked(service.url, "alice", stream=stream) == ("MISS", WORDS)
        assert service.output().count("cache_redis_away") == 1


async def test_what_a_saved_config_changes_of_a_provider_is_another_provider(tmp_path: Path) -> None:
    record = Database(f"sqlite:///{tmp_path}/record.db")
    async with Upstream(echo) as upstream:
        config = f"""
providers: {{scripted: {{kind: openai, base_url: "{upstream.base_url}", api_key: sk-test}}}}
configs:
  plain: {{provider: "@scripted", cache: {{mode: simple}}}}
  other-key: {{provider: "@scripted", api_key: sk-other, cache: {{mode: simple}}}}
  other-path: {{provider: "@scripted", custom_host: "{upstream.base_url}/tenant/v1", cache: {{mode: simple}}}}
records: {{url: "{record.url}"}}
"""
        with serve(config, tmp_path) as service:
            for status in ("MISS", "HIT"):
                for name in ("plain", "other-key", "other-path"):
                    said = await asked(service.url, "anybody", stream=False, config=name)
                    assert said == (status, WORDS)
    assert len(upstream.requests) == 3
