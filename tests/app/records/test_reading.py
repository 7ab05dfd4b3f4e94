from pathlib import Path

import pytest
import sqlalchemy as sa

from app.records import migrate
from app.records.engine import UnusableUrl
from app.records.filters import Filter
from app.records.queries import count
from app.records.reading import Reading, TookTooLong, UnreadableRecord
from tests.databases import ids
from tests.exchanges import exchange
from tests.recorded import put, reading

__all__ = ["reading"]
FOR_EVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.mark.parametrize("statement", ["DELETE FROM exchanges", "CREATE TABLE mine (id INTEGER)"])
def test_nothing_can_be_written(reading: Reading, engine: sa.Engine, statement: str) -> None:
    put(engine, exchange())
    with pytest.raises(UnreadableRecord, match=r"read-?\s?only"), reading.connect() as connection:
        connection.execute(sa.text(statement))
    assert len(ids(engine)) == 1


def test_what_is_read_is_one_moment(reading: Reading, engine: sa.Engine) -> None:
    put(engine, exchange())
    with reading.connect() as connection:
        assert count(connection, Filter()) == 1
        put(engine, exchange())
        assert count(connection, Filter()) == 1
    with reading.connect() as connection:
        assert count(connection, Filter()) == 2


def test_a_question_that_takes_too_long_is_ended(database_url: str, engine: sa.Engine) -> None:
    reading = Reading(database_url, timeout_s=0.05)
    with pytest.raises(TookTooLong, match=r"0\.05 s"), reading.connect() as connection:
        connection.execute(sa.text(FOR_EVER)).scalar()
    with reading.connect() as connection:
        assert count(connection, Filter()) == 0
    reading.close()


def test_a_record_of_another_shape_is_not_read(database_url: str) -> None:
    migrate.upgrade(database_url, "0004")
    reading = Reading(database_url)
    with pytest.raises(UnreadableRecord, match="revision 0004, this Handrail reads"), reading.connect():
        pass
    with reading.connect_anyhow() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM exchanges")).scalar() == 0
    reading.close()


def test_a_record_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    reading = Reading(f"sqlite:///{tmp_path}/none.db")
    with (
        pytest.raises(UnreadableRecord, match=r"there is no record yet: no file .*none\.db"),
        reading.connect(),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_away_is_said_without_its_password() -> None:
    reading = Reading("postgresql://me:hunter2@127.0.0.1:9/none")
    with pytest.raises(UnreadableRecord, match="the database says") as caught, reading.connect():
        pass
    assert "hunter2" not in str(caught.value)
    with pytest.raises(UnusableUrl, match="mysql is not supported"):
        Reading("mysql://me@host/db")


def test_any_name_of_a_file_is_found(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a%20 #file.db"
    migrate.upgrade(url)
    reading = Reading(url, connections=1)
    with reading.connect() as connection:
        assert count(connection, Filter()) == 0
    reading.close()
