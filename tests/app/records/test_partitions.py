from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.records import migrate
from app.records.engine import open_engine
from app.records.inserts import Inserts
from app.records.partitions import PARTITIONED, Partition, Partitions, make_ahead, partitions
from app.records.rows import Capture, rows_of
from tests.databases import select
from tests.exchanges import exchange
from tests.fakes import FakeLog

TODAY = datetime.now(UTC).date()
DAY_NS = 86_400 * 10**9


@pytest.fixture
def days(postgresql_url: str) -> sa.Engine:
    migrate.upgrade(postgresql_url)
    return open_engine(postgresql_url)


def of(engine: sa.Engine, table: str) -> list[Partition]:
    with engine.connect() as connection:
        return partitions(connection, table)


def moment_ns(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY_NS


def put(engine: sa.Engine, day: date) -> str:
    record = exchange(started_ns=moment_ns(day), ended_ns=moment_ns(day) + 10**9)
    Inserts(engine).write([rows_of(record, Capture("full", str))])
    (row,) = select(
        engine, "SELECT CAST(tableoid::regclass AS text) AS place FROM exchanges WHERE id = :id", id=record.id
    )
    return str(row["place"])


def test_days_are_made_a_week_ahead_without_a_gap_and_once(days: sa.Engine) -> None:
    for _ in range(2):
        Partitions(days, FakeLog()).look(TODAY)
        for table in PARTITIONED:
            first, *ahead = of(days, table)
            assert (first.name, first.begin) == (f"{table}_first", None)
            assert first.end > TODAY + timedelta(days=1)
            assert [one.begin for one in ahead] == [first.end, *(one.end for one in ahead[:-1])]
            assert ahead[-1].end == TODAY + timedelta(days=8)
    Partitions(days, FakeLog()).look(TODAY + timedelta(days=1))
    assert of(days, "chain")[-1].name == f"chain_{TODAY + timedelta(days=8):%Y%m%d}"
    days.dispose()


def test_a_row_is_in_the_partition_of_its_day(days: sa.Engine) -> None:
    Partitions(days, FakeLog()).look(TODAY)
    day = TODAY + timedelta(days=5)
    assert put(days, TODAY) == "exchanges_first"
    assert put(days, day) == f"exchanges_{day:%Y%m%d}"
    assert put(days, TODAY + timedelta(days=400)) == "exchanges_default"
    days.dispose()


def test_rows_that_came_before_their_day_move_into_it(days: sa.Engine) -> None:
    day, log = TODAY + timedelta(days=4), FakeLog()
    assert put(days, day) == "exchanges_default"
    Partitions(days, log).look(TODAY)
    assert not log.lines
    for table in PARTITIONED:
        assert of(days, table)[-1].end == TODAY + timedelta(days=8)
    places = select(days, "SELECT CAST(tableoid::regclass AS text) AS place FROM attempts")
    assert places == [{"place": f"attempts_{day:%Y%m%d}"}]
    assert select(days, "SELECT CAST(tableoid::regclass AS text) AS place FROM exchanges") == [
        {"place": f"exchanges_{day:%Y%m%d}"}
    ]
    days.dispose()


def test_a_day_with_too_many_rows_to_move_is_said_and_those_behind_it_are_made(
    days: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.records.partitions._MOST_MOVED", 0)
    day, log = TODAY + timedelta(days=4), FakeLog()
    assert put(days, day) == "exchanges_default"
    Partitions(days, log).look(TODAY)
    assert {fields["table"] for _, event, fields in log.lines if event == "record_partition_not_made"} == {
        "exchanges",
        "payloads",
        "attempts",
        "verdicts",
    }
    begins = {one.begin for one in of(days, "exchanges")}
    assert day not in begins
    assert {day - timedelta(days=1), day + timedelta(days=1), TODAY + timedelta(days=7)} <= begins
    assert select(days, "SELECT count(*) AS n FROM exchanges") == [{"n": 1}]
    assert put(days, day + timedelta(days=1)) == f"exchanges_{day + timedelta(days=1):%Y%m%d}"
    days.dispose()


def test_others_go_on_writing_while_a_day_is_made(days: sa.Engine) -> None:
    with days.begin() as connection:
        connection.execute(sa.text("LOCK TABLE exchanges_first IN ROW EXCLUSIVE MODE"))
        make_ahead(days, "exchanges", TODAY + timedelta(days=7))
    assert len(of(days, "exchanges")) > 1
    days.dispose()


def test_a_service_looks_at_its_start_and_ends(days: sa.Engine, sqlite_url: str) -> None:
    ahead = Partitions(days, FakeLog())
    ahead.start()
    assert len(of(days, "exchanges")) > 1
    ahead.stop()
    days.dispose()
    on_sqlite = Partitions(open_engine(sqlite_url), FakeLog())
    on_sqlite.start()
    on_sqlite.stop()
