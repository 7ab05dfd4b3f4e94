"""The files that are generated, as text."""

import json
from collections.abc import Mapping
from pathlib import Path

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.generator import alerts, cost, exchange, guardrails, overview, providers, record
from dashboards.generator.panels import EXCHANGE_UID
from telemetry import names

FOLDER = Path(__file__).resolve().parent.parent
PAGES = {
    "overview": overview.dashboard,
    "guardrails": guardrails.dashboard,
    "providers": providers.dashboard,
    "cost": cost.dashboard,
    "record": record.dashboard,
    "exchange": exchange.dashboard,
}
_HEAD = "# Written by `python -m dashboards.generator`.\n"
_GRAFANA = "http://localhost:3000"


def dashboards() -> Mapping[str, Dashboard]:
    """Return the dashboards by the names of their files."""
    return {name: page().build() for name, page in PAGES.items()}


def files() -> Mapping[str, str]:
    """Return the text of each file by its path in `dashboards/`."""
    pages = {
        f"grafana/{name}.json": f"{json.dumps(page, cls=JSONEncoder, indent=2, sort_keys=True)}\n"
        for name, page in dashboards().items()
    }
    written = yaml.safe_dump(alerts.rules(), sort_keys=False, width=1000, allow_unicode=True)
    return {
        **pages,
        "prometheus/alerts.yaml": _HEAD + written,
        "jaeger/ui.json": f"{json.dumps(_jaeger(), indent=2)}\n",
    }


def _jaeger() -> Mapping[str, object]:
    """Return Jaeger's settings: from an exchange's span to its rows in Grafana."""
    return {
        "linkPatterns": [
            {
                "type": "tags",
                "key": names.EXCHANGE_ID,
                "url": f"{_GRAFANA}/d/{EXCHANGE_UID}?var-exchange_id=#{{{names.EXCHANGE_ID}}}",
                "text": "Show the record of #{" + names.EXCHANGE_ID + "}",
            }
        ]
    }
