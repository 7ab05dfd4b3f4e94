import pytest
import sqlalchemy as sa

from app.records.engine import WRITES, open_engine


def test_an_sqlite_file_keeps_a_write_ahead_log_and_large_pages(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(sa.text("PRAGMA synchronous")) == 1
        connection.execute(sa.text("CREATE TABLE t (x integer)"))
        connection.commit()
        assert connection.scalar(sa.text("PRAGMA page_size")) == 8192
    engine.dispose()


def test_a_transaction_that_writes_takes_the_lock_at_once(sqlite_url: str) -> None:
    one, two = open_engine(sqlite_url), open_engine(sqlite_url, lock_timeout_s=0.01)
    with one.connect().execution_options(**WRITES) as writing, two.connect() as reading:
        writing.begin()
        assert reading.scalar(sa.text("SELECT 1")) == 1
        reading.rollback()
        second = reading.execution_options(**WRITES)
        with pytest.raises(sa.exc.OperationalError):
            second.begin()
        writing.rollback()
        second.begin()
    one.dispose()
    two.dispose()


def test_a_transaction_that_fails_leaves_nothing_on_either_database(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect().execution_options(**WRITES) as connection:
        connection.execute(sa.text("CREATE TABLE t (x integer)"))
        connection.rollback()
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_postgresql_speaks_utc_and_says_who_it_is(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW timezone")) == "UTC"
        assert connection.scalar(sa.text("SHOW application_name")) == "handrail"
    engine.dispose()


def test_what_a_url_says_itself_wins(postgresql_url: str) -> None:
    engine = open_engine(f"{postgresql_url}&application_name=mine&connect_timeout=2")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW application_name")) == "mine"
    engine.dispose()


def test_an_error_does_not_show_the_values_of_a_row(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="nowhere") as raised:
        connection.execute(sa.text("SELECT :value FROM nowhere"), {"value": "canary"})
    assert "canary" not in str(raised.value)
    engine.dispose()
