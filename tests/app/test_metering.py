"""Which labels the settings allow, and what everything tells of itself when it is asked."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from app.access.keys import key_hash
from app.domain.operation import Operation
from app.main import build
from app.metering import configured_models, route_of
from app.settings import PriceSettings, ProviderSettings, Settings
from telemetry.instruments import INSTRUMENTS
from tests.app.test_main import configured, question, running
from tests.e2e.completions import spoken
from tests.upstreams import Upstream


def test_models_that_the_settings_name() -> None:
    deep: dict[str, Any] = {"targets": [{"targets": [{"override_params": {"model": "@up/deep"}}]}]}
    settings = Settings(
        providers={"up": ProviderSettings(kind="openai", models=("served",), base_models={"name": "gpt-4o"})},
        prices={"@up/priced": PriceSettings(input=1, output=1), "many-*": PriceSettings(input=1, output=1)},
        configs={"prod": deep | {"override_params": {"model": 7}}, "other": {"strategy": {"mode": "single"}}},
    )
    assert configured_models(settings) == {"served", "name", "priced", "deep"}


def test_every_operation_has_a_route() -> None:
    assert {route_of(one) for one in Operation} == {
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/{path:path}",
    }


async def test_a_metric_that_only_some_exchanges_have_is_the_only_one_that_can_be_missing(
    tmp_path: Path,
) -> None:
    async with (
        Upstream(spoken(["Hello ", "there."])) as upstream,
        running(build(configured(tmp_path, upstream.base_url), {})) as client,
    ):
        await client.post("/v1/chat/completions", json=question(stream=True))
        text = (await client.get("/metrics")).text
    missing = {one.name for one in INSTRUMENTS if f"# TYPE {one.prometheus_name} " not in text}
    assert missing == {
        "handrail.cost.usd",
        "handrail.guardrail.verdicts",
        "handrail.guardrail.duration",
        "handrail.guardrail.errors",
        "handrail.guardrail.findings",
        "handrail.metrics.overflow",
    }


KEYS = f"""keys:
  team: {{hash: "{key_hash("hr-team")}"}}
  auditor: {{hash: "{key_hash("hr-admin")}", admin: true}}
"""


@pytest.mark.parametrize(
    ("more", "sent", "status"),
    [
        ("", "", 200),
        (KEYS, "", 401),
        (KEYS, "Bearer hr-team", 403),
        (KEYS, "Bearer hr-admin", 200),
        (KEYS, "Bearer scrape-me", 401),
        (KEYS + "metrics: {token: scrape-me}\n", "Bearer scrape-me", 200),
        (KEYS + "metrics: {token: scrape-me}\n", "bearer  scrape-me ", 200),
        (KEYS + "metrics: {token: scrape-me}\n", "Basic scrape-me", 401),
        (KEYS + "metrics: {token: scrape-me}\n", "Bearer scrape-you", 401),
        (KEYS + "metrics: {token: scrape-me}\n", "Bearer hr-admin", 200),
        ("metrics: {token: scrape-me}\n", "", 403),
    ],
)
async def test_who_may_read_metrics(tmp_path: Path, more: str, sent: str, status: int) -> None:
    headers = {"authorization": sent} if sent else {}
    async with running(build(configured(tmp_path, more=more), {})) as client:
        reply: httpx.Response = await client.get("/metrics", headers=headers)
    assert reply.status_code == status, reply.text
    assert ("handrail_workers" in reply.text) == (status == 200)
    assert "scrape-me" not in reply.text


async def test_a_service_serves_although_its_workers_cannot_share_their_metrics(tmp_path: Path) -> None:
    async with running(build(configured(tmp_path), {}, tmp_path / "nowhere")) as client:
        text = (await client.get("/metrics")).text
    assert "handrail_workers 1" in text
    assert "handrail_metrics_failed_total 0" in text
