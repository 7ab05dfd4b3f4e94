from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from app.records.database import Database, RecordsUnavailable
from tests.cable import cable, rerouted


@pytest.mark.parametrize("is_strict", [False, True])
def test_a_commit_to_a_file_survives_the_machine_where_that_is_promised(
    sqlite_url: str, is_strict: bool
) -> None:
    database = Database(sqlite_url, is_strict=is_strict)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == (2 if is_strict else 1)
    database.engine.dispose()


async def test_it_says_whether_it_is_there_and_of_this_version(postgresql_url: str) -> None:
    parts = urlsplit(postgresql_url)
    with cable(parts.hostname or "", parts.port or 5432) as line:
        database = Database(rerouted(postgresql_url, line.port))
        assert await database.answers(5) is True
        line.cut()
        assert await database.answers(5) is None
        line.mend()
        with database.engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        assert await database.answers(5) is False
        database.engine.dispose()


def test_a_database_that_is_away_keeps_the_service_from_starting() -> None:
    with pytest.raises(RecordsUnavailable, match="refused"):
        Database("postgresql://nobody@127.0.0.1:9/nowhere")
