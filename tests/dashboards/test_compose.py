"""The stack: compose reads it, every file it names is there, and the gateway takes its configuration."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from app.configuration.reader import Overrides, configure, find
from dashboards.generator.files import FOLDER, files
from dashboards.generator.panels import JAEGER_UID, POSTGRESQL, PROMETHEUS
from tests.debian import program

STACK: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())


def test_compose_accepts_it() -> None:
    said = subprocess.run(
        [_compose(), "--env-file", FOLDER / "example.env", "-f", FOLDER / "compose.yaml", "config"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    assert set(yaml.safe_load(said.stdout)["services"]) == set(STACK["services"])


def test_every_file_that_is_mounted_is_there() -> None:
    mounted = [
        volume.split(":")[0]
        for service in STACK["services"].values()
        for volume in service.get("volumes", ())
        if volume.startswith("./")
    ]
    assert mounted
    assert [place for place in mounted if not (FOLDER / place).exists()] == []


def test_everything_listens_on_this_machine_only() -> None:
    ports = [port for service in STACK["services"].values() for port in service.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_gateway_takes_its_configuration(tmp_path: Path) -> None:
    given = {name: value.replace("change-me", "x" * 32) for name, value in _example().items()}
    environ = given | {"OPENAI_API_KEY": "sk-a", "ANTHROPIC_API_KEY": "sk-b"}
    configuration = configure(find(str(FOLDER / "gateway.yaml"), environ, tmp_path), environ, Overrides())
    assert {one.name for one in configuration.guardrails} == {"no-secrets", "privacy", "injection"}
    assert set(given) <= set(_named_by_the_stack()) | {"COMPOSE_PROJECT_NAME"}


def test_grafana_knows_what_the_dashboards_ask() -> None:
    provisioned = yaml.safe_load((FOLDER / "grafana/provisioning/datasources/sources.yaml").read_text())
    known = {source["uid"]: source["type"] for source in provisioned["datasources"]}
    assert known == {
        PROMETHEUS.uid: PROMETHEUS.type_val,
        POSTGRESQL.uid: POSTGRESQL.type_val,
        JAEGER_UID: "jaeger",
    }


def test_an_exemplar_leads_to_its_trace() -> None:
    provisioned = yaml.safe_load((FOLDER / "grafana/provisioning/datasources/sources.yaml").read_text())
    (metrics,) = (one for one in provisioned["datasources"] if one["uid"] == PROMETHEUS.uid)
    leads = metrics["jsonData"]["exemplarTraceIdDestinations"]
    assert leads == [{"name": "trace_id", "datasourceUid": JAEGER_UID}], "as /metrics writes it"
    assert "--enable-feature=exemplar-storage" in STACK["services"]["prometheus"]["command"][0]
    pages = [json.loads(text) for path, text in files().items() if path.startswith("grafana/")]
    targets = [target for page in pages for panel in page["panels"] for target in panel.get("targets", ())]
    assert any(target.get("exemplar") for target in targets)
    for target in targets:
        assert bool(target.get("exemplar")) <= ("_bucket" in target.get("expr", "")), target


def test_the_collector_hands_on_to_services_that_are_there() -> None:
    collector = yaml.safe_load((FOLDER / "collector/collector.yaml").read_text())
    (pipeline,) = collector["service"]["pipelines"].values()
    for part in ("receivers", "processors", "exporters"):
        assert {*pipeline[part]} == {*collector[part]}
    for exporter in collector["exporters"].values():
        assert exporter["endpoint"].split(":")[0] in STACK["services"]
    told = STACK["services"]["handrail"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]
    port = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"].rpartition(":")[2]
    assert told == f"http://collector:{port}"


def test_every_address_is_that_of_a_service() -> None:
    provisioned = yaml.safe_load((FOLDER / "grafana/provisioning/datasources/sources.yaml").read_text())
    hosts = {source["url"].removeprefix("http://").split(":")[0] for source in provisioned["datasources"]}
    assert hosts == {"prometheus", "postgresql", "jaeger"}
    assert hosts <= {*STACK["services"]}
    (pattern,) = json.loads(files()["jaeger/ui.json"])["linkPatterns"]
    found = re.match(r"http://localhost:(\d+)/d/", pattern["url"])
    assert found is not None
    assert STACK["services"]["grafana"]["ports"] == [f"127.0.0.1:{found[1]}:3000"]


def test_prometheus_asks_the_gateway_and_knows_the_alerts() -> None:
    asked = yaml.safe_load((FOLDER / "prometheus/prometheus.yaml").read_text())
    (job,) = asked["scrape_configs"]
    assert job["job_name"] == "handrail", "alerts ask for it by this name"
    assert job["static_configs"] == [{"targets": ["handrail:8787"]}]
    assert asked["rule_files"] == ["/etc/prometheus/alerts.yaml"]


def _named_by_the_stack() -> list[str]:
    return [name for name in os.environ | _example() if f"${{{name}" in (FOLDER / "compose.yaml").read_text()]


def _example() -> dict[str, str]:
    return dict(
        line.split("=", 1) for line in (FOLDER / "example.env").read_text().splitlines() if "=" in line
    )


def _compose() -> str:
    return program("docker-compose", "docker-compose")
