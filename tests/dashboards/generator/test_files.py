"""What is checked in is what the generator writes, and what Grafana and Prometheus take."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.generator.__main__ import main
from dashboards.generator.alerts import ALERTS
from dashboards.generator.files import FOLDER, dashboards, files
from dashboards.generator.panels import EXCHANGE_UID
from telemetry import names
from tests.prometheus import promtool

FILES = files()
PAGES: dict[str, dict[str, Any]] = {
    path: json.loads(text) for path, text in FILES.items() if path.startswith("grafana/")
}


@pytest.mark.parametrize("path", FILES)
def test_what_is_checked_in_is_current(path: str) -> None:
    assert (FOLDER / path).read_text(encoding="utf-8") == FILES[path], "run python -m dashboards.generator"


def test_a_check_says_what_is_not_current(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert main(["--check"]) == 0
    monkeypatch.setattr("dashboards.generator.__main__.FOLDER", tmp_path)
    assert main(["--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert main([]) == 0
    assert {path: (tmp_path / path).read_text() for path in FILES} == FILES


def test_nothing_else_is_among_the_dashboards() -> None:
    assert {f"grafana/{path.name}" for path in (FOLDER / "grafana").glob("*.json")} == set(PAGES)


@pytest.mark.parametrize("path", PAGES)
def test_a_dashboard_is_what_grafanas_own_types_hold(path: str) -> None:
    read = Dashboard.from_json(PAGES[path])
    again = json.loads(json.dumps(read, cls=JSONEncoder))
    assert again["panels"] == PAGES[path]["panels"]
    assert (again["uid"], again["title"]) == (PAGES[path]["uid"], PAGES[path]["title"])


def test_every_dashboard_has_a_name_of_its_own_and_says_what_it_is_for() -> None:
    assert len({page["uid"] for page in PAGES.values()}) == len(PAGES)
    for page in PAGES.values():
        assert page["description"].endswith(".")
        for panel in _panels(page):
            assert panel["description"], panel["title"]
            assert panel["targets"], panel["title"]


@pytest.mark.parametrize("path", PAGES)
def test_panels_lie_beside_each_other_and_never_over_each_other(path: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PAGES[path]["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_what_a_link_fills_in_is_the_field_that_it_hangs_on() -> None:
    for page in PAGES.values():
        for override in (one for panel in _panels(page) for one in panel["fieldConfig"]["overrides"]):
            field = override["matcher"]["options"]
            urls = [link["url"] for one in override["properties"] for link in one["value"]]
            assert all(re.findall(r"__data\.fields\.(\w+)", url) == [field] for url in urls), field


def test_rows_lead_to_the_exchange_and_to_its_trace() -> None:
    record = PAGES["grafana/record.json"]
    latest = next(panel for panel in _panels(record) if panel["title"] == "The latest exchanges")
    links = {
        one["matcher"]["options"]: one["properties"][0]["value"][0]["url"]
        for one in latest["fieldConfig"]["overrides"]
    }
    assert links["exchange_id"].startswith(f"/d/{EXCHANGE_UID}?var-exchange_id=")
    assert "handrail-jaeger" in links["trace_id"]
    assert EXCHANGE_UID in {page["uid"] for page in PAGES.values()}


def test_a_span_leads_to_its_exchange() -> None:
    (pattern,) = json.loads(FILES["jaeger/ui.json"])["linkPatterns"]
    assert pattern["key"] == names.EXCHANGE_ID
    assert pattern["url"].endswith(f"/d/{EXCHANGE_UID}?var-exchange_id=#{{{names.EXCHANGE_ID}}}")


def test_prometheus_reads_the_alerts() -> None:
    said = subprocess.run(
        [promtool(), "check", "rules", FOLDER / "prometheus/alerts.yaml"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (said.returncode, f"{len(ALERTS)} rules found" in said.stdout) == (0, True), said.stderr


def test_every_alert_says_what_to_do() -> None:
    for alert in ALERTS:
        assert alert.runbook.endswith(".")
        assert alert.severity in {"page", "ticket"}
    assert len({alert.name for alert in ALERTS}) == len(ALERTS)


def test_the_dashboards_are_those_of_the_pages() -> None:
    assert {f"grafana/{name}.json" for name in dashboards()} == set(PAGES)


def _panels(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in page["panels"] if panel["type"] != "row"]
