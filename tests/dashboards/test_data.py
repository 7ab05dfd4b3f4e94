"""Every panel and every alert is asked for real: Prometheus scrapes a running Handrail, SQL asks its record.

One gateway on PostgreSQL that does all there is to see: answers, streams, hits of its cache, blocks,
redactions, guardrails that watch, one whose service is away, a fallback from a provider that is away. What
it cannot show in a test of seconds is named in `SILENT`, with why; all else must have something to say.
"""

import contextlib
import json
import re
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
import sqlalchemy as sa

from app.demo.children import free_port
from app.records.engine import open_engine
from dashboards.generator.files import FOLDER, files
from tests.bench.instant import instant_upstream
from tests.postgresql import database
from tests.prometheus import Prometheus, prometheus
from tests.servers import Service, serve

_CONFIG = """
providers:
  main: {{kind: openai, base_url: "http://127.0.0.1:{port}/whole/v1", api_key: sk-a}}
  streamed: {{kind: openai, base_url: "http://127.0.0.1:{port}/streamed/v1", api_key: sk-a}}
  away: {{kind: openai, base_url: "http://127.0.0.1:{nobody}/v1", api_key: sk-a}}
prices: {{"@main/bench": {{input: 1, output: 2}}}}
guardrails:
  no-secrets: {{on: [input], checks: [secrets], action: block}}
  privacy: {{on: [input], checks: [pii], action: redact}}
  watching: {{on: [input], checks: [{{words: {{deny: [invoice]}}}}], action: block, mode: monitor}}
  asking:
    on: [input]
    checks: [{{webhook: {{url: "http://127.0.0.1:{nobody}"}}}}]
    action: block
    on_error: allow
configs:
  cached: {{provider: "@main", cache: {{mode: simple}}}}
  streamed: {{provider: "@streamed"}}
  lost: {{provider: "@away"}}
  spare: {{strategy: {{mode: fallback}}, targets: [{{provider: "@away"}}, {{provider: "@main"}}]}}
records: {{url: "{records}"}}
"""
_ASKED = (
    ("cached", "An invoice, please.", False),
    ("streamed", "A stream, please.", True),
    ("spare", "Write to anna.keller@example.com.", False),
    ("lost", "Nobody is there.", False),
    ("cached", "Use 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.", False),
)
"""Config, question, and whether as a stream; asked again and again."""
SILENT = {
    "Circuits": "no circuit is configured",
    "Open circuits": "no circuit is configured",
    "Calls of unknown cost": "top of what is nothing",
}
"""Panels that may have nothing to say here."""
_ROUNDS_S = 4.0
PANELS: list[tuple[str, dict[str, Any]]] = [
    (f"{path.removeprefix('grafana/').removesuffix('.json')} {panel['title']} ({panel['type']})", panel)
    for path, text in files().items()
    if path.startswith("grafana/")
    for panel in json.loads(text)["panels"]
    if panel["type"] != "row"
]


def _ask(service: Service, config: str, question: str, stream: bool) -> None:
    body = {"model": "bench", "messages": [{"role": "user", "content": question}], "stream": stream}
    connection = HTTPConnection("127.0.0.1", service.port, timeout=30)
    with contextlib.closing(connection):
        headers = {"content-type": "application/json", "x-portkey-config": config}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        connection.getresponse().read()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Prometheus, sa.Engine]]:
    """Yield a Prometheus that has seen it all, and the record of it."""
    folder = tmp_path_factory.mktemp("seen")
    with instant_upstream() as port, database() as records:
        config = _CONFIG.format(port=port, nobody=free_port(), records=records)
        with (
            serve(config, folder) as service,
            prometheus(folder, f"127.0.0.1:{service.port}", FOLDER / "prometheus/alerts.yaml") as metrics,
        ):
            until = time.monotonic() + _ROUNDS_S
            while time.monotonic() < until:
                for config_name, question, stream in _ASKED:
                    _ask(service, config_name, question, stream)
            engine = open_engine(records)
            yield metrics, engine
            engine.dispose()


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "name", [name for name, panel in PANELS if panel["datasource"]["type"] == "prometheus"]
)
def test_a_panel_of_metrics_has_data(seen: tuple[Prometheus, sa.Engine], name: str) -> None:
    panel = dict(PANELS)[name]
    for target in panel["targets"]:
        expression = target["expr"].replace("$__rate_interval", "4s").replace("$__range", "60s")
        series = seen[0].ask(expression)
        assert series or panel["title"] in SILENT, f"{target.get('legendFormat')}: {expression}"


@pytest.mark.postgresql
def test_every_alert_is_evaluated_and_one_of_them_fires(seen: tuple[Prometheus, sa.Engine]) -> None:
    health = seen[0].rules()
    assert set(health.values()) == {"ok"}, health
    firing = {series["metric"]["alertname"] for series in seen[0].ask("ALERTS{alertstate='firing'}")}
    assert "HandrailGuardrailsPassUnjudged" in firing
    assert "HandrailDown" not in firing


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "name", [name for name, panel in PANELS if panel["datasource"]["type"] == "postgres"]
)
def test_a_panel_of_the_record_has_rows(seen: tuple[Prometheus, sa.Engine], name: str) -> None:
    engine = seen[1]
    exchange_id = _text(engine, "SELECT exchange_id FROM findings LIMIT 1")
    for target in dict(PANELS)[name]["targets"]:
        sql = _as_grafana_asks(target["rawSql"], exchange_id)
        with engine.connect() as connection:
            assert connection.exec_driver_sql(sql).fetchall(), sql


def _as_grafana_asks(sql: str, exchange_id: str) -> str:
    """Return the question with Grafana's macros and variables replaced, as its documentation says."""
    sql = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 BETWEEN now() - interval '1 hour' AND now()", sql)
    sql = sql.replace("$__timeFrom()", "(now() - interval '1 hour')").replace("$__timeTo()", "now()")
    return sql.replace("${exchange_id:sqlstring}", f"'{exchange_id}'").replace("%", "%%")


def _text(engine: sa.Engine, sql: str) -> str:
    with engine.connect() as connection:
        return str(connection.exec_driver_sql(sql).scalar())


def test_no_panel_is_left_out() -> None:
    assert {panel["datasource"]["type"] for _, panel in PANELS} == {"prometheus", "postgres"}
    assert len(dict(PANELS)) == len(PANELS)


def test_what_is_silent_is_there() -> None:
    assert set(SILENT) <= {panel["title"] for _, panel in PANELS}
