"""What end-to-end tests share: a record in each database, and a collector of traces."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access.keys import key_hash
from tests.e2e.otlp import Collector
from tests.e2e.portkey_clients import KEY, Gateway
from tests.e2e.rows import Database
from tests.postgresql import database
from tests.servers import free_port, serve
from tests.telemetry.receiver import http_collector


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def record(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path}/record.db")
    else:
        with database() as url:
            yield Database(url)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with http_collector() as received:
        yield Collector(received)


@pytest.fixture(scope="session")
def four(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Yield a service with providers of four kinds, all at one port."""
    port = free_port()
    base_url = f"http://127.0.0.1:{port}/v1"
    config = f"""
providers:
  main: {{kind: openai, base_url: "{base_url}", api_key: sk-m, models: [gpt-main]}}
  claude: {{kind: anthropic, base_url: "{base_url}", api_key: sk-c}}
  mistral: {{kind: mistral, base_url: "{base_url}", api_key: sk-i}}
  together: {{kind: together, base_url: "{base_url}", api_key: sk-t}}
configs:
  prod: {{strategy: {{mode: fallback}}, targets: [{{provider: "@claude"}}, {{provider: "@main"}}]}}
keys: {{team: {{hash: "{key_hash(KEY)}"}}}}
"""
    folder = tmp_path_factory.mktemp("contract")
    with serve(config, folder) as service:
        yield Gateway(f"{service.url}/v1", port, 0, folder)
