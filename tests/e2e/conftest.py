"""What end-to-end tests share: a record in each database, and a collector of traces."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.otlp import Collector
from tests.e2e.rows import Database
from tests.postgresql import database
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
