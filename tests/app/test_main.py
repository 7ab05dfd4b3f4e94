"""The whole service in this process: real records, a real socket to the upstream."""

import asyncio
import contextlib
import gc
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from app.configuration.problems import InvalidConfiguration
from app.configuration.reader import Configuration, Source, configure
from app.main import build, create
from tests.e2e.completions import spoken
from tests.gateways import client_of
from tests.upstreams import Upstream


def configured(folder: Path, base_url: str = "http://127.0.0.1:9/v1", more: str = "") -> Configuration:
    text = f'providers: {{up: {{kind: openai, base_url: "{base_url}"}}}}\nrecords: {{url: "sqlite:///{folder}/r.db"}}\n'
    return configure(Source("handrail.yaml", text + more), {})


@contextlib.asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with app.lifespan(), client_of(app) as client:
        yield client


def question(content: str = "Hello?", **fields: Any) -> dict[str, Any]:
    return {"model": "@up/m", "messages": [{"role": "user", "content": content}], **fields}


def rows(folder: Path, sql: str) -> list[Any]:
    with sqlite3.connect(folder / "r.db") as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_an_exchange_goes_all_the_way_and_is_on_record_when_the_service_has_stopped(
    tmp_path: Path, stream: bool
) -> None:
    async with Upstream(spoken(["Hello ", "there."])) as upstream:
        app = build(configured(tmp_path, upstream.base_url), {})
        async with running(app) as client:
            reply = await client.post("/v1/chat/completions", json=question(stream=stream))
    assert reply.status_code == 200
    assert "there." in reply.text
    assert rows(tmp_path, "SELECT outcome, caller, stream FROM exchanges") == [("ok", "anonymous", stream)]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("model", ["gpt-4o", "mine", "unheard-of"])
async def test_what_an_exchange_cost_is_on_record(tmp_path: Path, model: str, stream: bool) -> None:
    """By published prices, by the operator's own, or not at all: for 9 tokens and 12."""
    costs = {
        "gpt-4o": pytest.approx(9 * 2.5e-6 + 12 * 10e-6),
        "mine": pytest.approx(9 * 100e-6 + 12 * 200e-6),
        "unheard-of": None,
    }
    async with Upstream(spoken(["Hello ", "there."])) as upstream:
        more = 'prices: {"@up/mi*": {input: 100, output: 200}}\n'
        app = build(configured(tmp_path, upstream.base_url, more), {})
        async with running(app) as client:
            await client.post(
                "/v1/chat/completions", json=question(stream=stream) | {"model": f"@up/{model}"}
            )
    assert rows(tmp_path, "SELECT cost_usd FROM exchanges") == [(costs[model],)]
    assert rows(tmp_path, "SELECT cost_usd FROM cost_by_key") == [(costs[model],)]


async def test_a_deployment_costs_what_the_model_behind_it_does(tmp_path: Path) -> None:
    async with Upstream(spoken(["Hello ", "there."])) as upstream:
        up = f'{{kind: openai, base_url: "{upstream.base_url}", base_models: {{m: gpt-4o}}}}'
        text = f'providers: {{up: {up}}}\nrecords: {{url: "sqlite:///{tmp_path}/r.db"}}\n'
        app = build(configure(Source("handrail.yaml", text), {}), {})
        async with running(app) as client:
            await client.post("/v1/chat/completions", json=question())
    assert rows(tmp_path, "SELECT cost_usd FROM exchanges") == [(pytest.approx(9 * 2.5e-6 + 12 * 10e-6),)]


async def test_what_goes_on_record_holds_no_personal_data_even_without_guardrails(tmp_path: Path) -> None:
    async with Upstream(spoken(["Write to bob@example.com."])) as upstream:
        app = build(configured(tmp_path, upstream.base_url), {})
        async with running(app) as client:
            reply = await client.post("/v1/chat/completions", json=question("I am alice@example.com."))
    assert "bob@example.com" in reply.text
    recorded = str(rows(tmp_path, "SELECT body FROM payloads"))
    assert "example.com" not in recorded
    assert "[EMAIL]" in recorded


async def test_a_service_whose_database_is_of_another_version_gets_no_work(tmp_path: Path) -> None:
    async with running(build(configured(tmp_path), {})) as client:
        assert (await client.get("/readyz")).json() == {"status": "ready"}
        with contextlib.closing(sqlite3.connect(tmp_path / "r.db", isolation_level=None)) as other:
            other.execute("UPDATE alembic_version SET version_num = '0001'")
        reply = await client.get("/readyz")
    assert reply.status_code == 503
    assert set(reply.json()["reasons"]) == {"database"}


async def test_limits_are_those_of_the_configuration(tmp_path: Path) -> None:
    app = build(
        configured(tmp_path, more="server: {max_body_bytes: 300, max_messages: 2, max_depth: 6}\n"), {}
    )
    async with running(app) as client:
        large = await client.post("/v1/chat/completions", json=question("x" * 300))
        many = await client.post(
            "/v1/chat/completions", json=question() | {"messages": [{"role": "user", "content": "x"}] * 3}
        )
        deep = await client.post("/v1/chat/completions", json=question(x=[[[[[[[]]]]]]]))
    assert (large.status_code, many.status_code, deep.status_code) == (413, 400, 400)
    assert many.json()["error"]["param"] == "messages"


async def test_models_are_those_of_configuration_and_upstream(tmp_path: Path) -> None:
    async with running(build(configured(tmp_path), {})) as client:
        assert (await client.get("/v1/models")).json()["data"] == []


async def test_a_signal_starts_the_drain_and_leaves_what_was_there(tmp_path: Path) -> None:
    heard: list[int] = []
    earlier = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        async with Upstream(spoken(("word " for _ in range(1000)), delay_s=0.05)) as upstream:
            app = build(configured(tmp_path, upstream.base_url, "server: {stop_grace_ms: 100}\n"), {})
            async with running(app) as client:
                asking = asyncio.ensure_future(
                    client.post("/v1/chat/completions", json=question(stream=True))
                )
                await upstream.asked.wait()
                os.kill(os.getpid(), signal.SIGTERM)
                reply = await asking
        assert "shutting_down" in reply.text
        assert heard == []
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)
        assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, earlier)
    assert rows(tmp_path, "SELECT outcome, error_code FROM exchanges") == [("failed", "shutting_down")]


def test_a_factory_reads_what_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "other.yaml"
    file.write_text("sever: {}\n")
    monkeypatch.setenv("HANDRAIL_CONFIG", str(file))
    with pytest.raises(InvalidConfiguration, match=r"other\.yaml:1: sever"):
        create()


async def test_the_interpreter_is_tuned_while_the_service_runs_and_only_then(tmp_path: Path) -> None:
    earlier = sys.getswitchinterval(), gc.get_threshold(), gc.get_freeze_count()
    async with running(build(configured(tmp_path), {})):
        assert sys.getswitchinterval() == pytest.approx(0.001)
        assert gc.get_threshold()[0] > earlier[1][0]
        assert gc.get_freeze_count() > 0
    assert (sys.getswitchinterval(), gc.get_threshold(), gc.get_freeze_count()) == earlier
