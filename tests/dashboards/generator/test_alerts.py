"""Alerts lead to something that is there, and fire when they should, asked of Prometheus itself."""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from app.api.health import health_routes
from app.cli import main
from dashboards.generator.alerts import ALERTS, Alert
from dashboards.generator.files import FOLDER, files
from tests.e2e.readme import BLOCKS, ROOT
from tests.prometheus import promtool

_PAGES = [json.loads(text) for path, text in files().items() if path.startswith("grafana/")]
_PANELS = {
    page["title"].removeprefix("Handrail: "): {panel["title"] for panel in page["panels"]} for page in _PAGES
}
_SETTINGS = next(text for language, text in BLOCKS if language == "yaml")
_SOURCE = "\n".join(
    path.read_text(encoding="utf-8") for part in ("app", "telemetry") for path in (ROOT / part).rglob("*.py")
)
_LINE = r'\.(?:info|warning|error)\(\s*f?"(?:\{what\}|[\w ]*)'
_QUOTED = re.compile(r"`([^`]+)`")


def _is_there(word: str) -> bool:
    """Return whether it is a page, panel, path, view, setting, variable, command or line of the log."""
    if word.startswith("handrail "):
        return _is_command(word)
    paths = {path for route in health_routes({}) for path in route.paths}
    views = {path.stem for path in (ROOT / "migrations/views").rglob("*.sql")}
    known = {*paths, *views, *_PANELS, *(title for titles in _PANELS.values() for title in titles)}
    return (
        word in known
        or all(re.search(rf"\b{name}:", _SETTINGS) for name in word.split("."))
        or (word.startswith("OTEL_") and re.search(rf'"{word}"', _SOURCE) is not None)
        or re.search(rf'{_LINE}{re.escape(word.removeprefix("traces"))}"', _SOURCE) is not None
    )


def _is_command(words: str) -> bool:
    """Return whether the parser takes it; `--help` ends it before it does anything."""
    with pytest.raises(SystemExit) as ended:
        main([*words.split()[1:], "--help"])
    return ended.value.code == 0


@pytest.mark.parametrize("alert", ALERTS, ids=[alert.name for alert in ALERTS])
def test_what_a_runbook_names_is_there(alert: Alert) -> None:
    assert [word for word in _QUOTED.findall(alert.runbook) if not _is_there(word)] == []
    unquoted = _QUOTED.sub("", alert.runbook)
    assert not re.search(r"[/_]|\w\.\w", unquoted), "names stand in backquotes, where this test sees them"
    for panels, page in re.findall(r"[Pp]anels? (.*?) of `([^`]+)`", alert.runbook):
        assert {*_QUOTED.findall(panels)} <= _PANELS[page]
    assert {*re.findall(r"Handrail[A-Z]\w+", unquoted)} <= {one.name for one in ALERTS}


@pytest.mark.parametrize("alert", ALERTS, ids=[alert.name for alert in ALERTS])
def test_what_a_summary_fills_in_is_a_label_of_its_series(alert: Alert) -> None:
    labels = [label for by in re.findall(r"sum by \((.*?)\)", alert.expression) for label in by.split(", ")]
    assert {*re.findall(r"\$labels\.(\w+)", alert.summary)} <= {*labels, "instance"}
    assert "$labels.instance" not in alert.summary or alert.expression.startswith("up{")


_UP = 'up{job="handrail",instance="a"}'
_ERRORS = (
    'handrail_guardrail_errors_total{job="handrail",instance="a",handrail_guardrail_name="g",'
    'handrail_guardrail_fail_open="true"}'
)
_UNPRICED = 'handrail_cost_unknown_total{job="handrail",instance="a",gen_ai_request_model="m"}'


@pytest.mark.parametrize(
    ("name", "labels", "up", "counted", "firing"),
    [
        pytest.param("PassUnjudged", {"g"}, "1x200", (_ERRORS, "_x100 1x100"), (104, 110), id="first-error"),
        pytest.param("PassUnjudged", {"g"}, "1x200", (_ERRORS, "3x99 4x100"), (104, 110), id="next-error"),
        pytest.param("PassUnjudged", {"g"}, "1x200", (_ERRORS, "3x200"), (), id="old-errors"),
        pytest.param("PassUnjudged", {"g"}, "_x90 1x90", (_ERRORS, "_x90 3x90"), (), id="new-prometheus"),
        pytest.param("CostUnknown", {"m"}, "1x400", (_UNPRICED, "_x300 1x100"), (304, 310), id="first-call"),
    ],
)
def test_what_happens_once_fires_and_what_is_long_past_does_not(
    tmp_path: Path, name: str, labels: set[str], up: str, counted: tuple[str, str], firing: Sequence[int]
) -> None:
    """Times are scrapes, 15 s apart."""
    (alert,) = (one for one in ALERTS if one.name.endswith(name))
    silent = [place for place in range(60, 200, 20) if not any(at - 10 < place < at + 40 for at in firing)]
    asked = [(place, labels) for place in firing] + [(place, set[str]()) for place in silent]
    case = {
        "interval": "15s",
        "input_series": [{"series": _UP, "values": up}, {"series": counted[0], "values": counted[1]}],
        "alert_rule_test": [_expected(alert, place, found) for place, found in asked],
    }
    test = {"rule_files": [str(FOLDER / "prometheus/alerts.yaml")], "tests": [case]}
    (tmp_path / "test.yaml").write_text(json.dumps(test))  # JSON is YAML
    done = subprocess.run(
        [promtool(), "test", "rules", tmp_path / "test.yaml"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _expected(alert: Alert, place: int, found: set[str]) -> dict[str, Any]:
    """Return what is expected of an alert at one scrape: with these values of its one label."""
    (label,) = re.findall(r"\$labels\.(\w+)", alert.summary)
    filled = [alert.summary.replace(f"{{{{ $labels.{label} }}}}", value) for value in found]
    return {
        "eval_time": f"{place * 15}s",
        "alertname": alert.name,
        "exp_alerts": [
            {
                "exp_labels": {"severity": alert.severity, label: value},
                "exp_annotations": {"summary": summary, "runbook": alert.runbook},
            }
            for value, summary in zip(found, filled, strict=True)
        ],
    }
