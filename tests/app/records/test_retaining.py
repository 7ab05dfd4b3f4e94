from pathlib import Path

import sqlalchemy as sa

from app.records.retaining import Retaining
from tests.databases import select, until
from tests.fakes import FakeLog
from tests.proven_records import ProvenRecord


async def test_the_service_lets_go_of_what_is_too_old_and_says_so(
    engine: sa.Engine, database_url: str
) -> None:
    ProvenRecord(engine, exchanges=1)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE exchanges SET started_at = '2020-01-01T00:00:00.000000Z'")
    log = FakeLog()
    first, second = (Retaining(database_url, 30, log) for _ in range(2))
    async with first.running(), second.running():
        await until(lambda: any(event == "records_retained" for _, event, _ in log.lines))
    assert select(engine, "SELECT id FROM exchanges WHERE started_at < '2020-01-02T00:00:00.000000Z'") == []


async def test_without_days_nothing_goes_and_a_database_that_is_away_is_said(tmp_path: Path) -> None:
    log = FakeLog()
    url = f"sqlite:///{tmp_path}/none/r.db"
    async with Retaining(url, None, log).running():
        assert log.lines == []
    Retaining(url, 1, log).look()
    assert [event for _, event, _ in log.lines] == ["records_not_retained"]
