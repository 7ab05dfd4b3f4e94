import re

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app.records import migrate, tables
from app.records.engine import open_engine
from app.records.inserts import Inserts
from app.records.rows import Capture, Row, rows_of
from tests.databases import select
from tests.exchanges import exchange

VIEWS = {
    "blocked",
    "cost_by_key",
    "errors",
    "exchange_facts",
    "findings_by_rule",
    "guardrail_outcomes",
    "redactions",
    "slow_exchanges",
    "unscreened",
    "usage_by_day",
}


REPORTS = {"feedback", "inserted_logs", "chain", "checkpoints", "holds", "record_events", "writers"}
"""Tables that are about no single exchange."""
_COSTS = ("cost_usd", "cache_write_tokens", "dropped_params")
_CACHED = ("cache_status", "cached_exchange_id", "cache_similarity")


def test_a_database_goes_up_down_to_nothing_and_up_again(database_url: str) -> None:
    for _ in range(2):
        migrate.upgrade(database_url)
        assert _tables(database_url) == {*tables.metadata.tables, "alembic_version"}
        assert _views(database_url) == VIEWS
        migrate.downgrade(database_url, "base")
        assert _tables(database_url) == {"alembic_version"}
        assert _views(database_url) == set()


def test_rows_of_before_costs_stay_as_they_are_and_have_none(database_url: str) -> None:
    migrate.upgrade(database_url, "0001")
    engine = open_engine(database_url)
    rows = rows_of(exchange(), Capture("none", str))
    _insert_as_it_was(engine, "exchanges", rows.exchanges[0])
    _insert_as_it_was(engine, "attempts", rows.attempts[0])
    before = {table: select(engine, f"SELECT * FROM {table}") for table in ("exchanges", "attempts")}
    migrate.upgrade(database_url, "0003")
    news = dict.fromkeys((*_COSTS, *_CACHED))
    for table, was in before.items():
        (row,) = select(engine, f"SELECT * FROM {table}")
        assert row == {name: news.get(name) for name in row} | was[0]
        assert row.keys() - was[0].keys() <= news.keys()
    migrate.upgrade(database_url)
    Inserts(engine).write([rows_of(exchange(), Capture("none", str))])
    migrate.downgrade(database_url, "0001")
    assert before["exchanges"][0] in select(engine, "SELECT * FROM exchanges")
    assert len(select(engine, "SELECT * FROM exchange_facts")) == 2
    engine.dispose()


def test_rows_of_before_the_cache_stay_as_they_are(database_url: str) -> None:
    migrate.upgrade(database_url, "0002")
    engine = open_engine(database_url)
    rows = rows_of(exchange(), Capture("none", str))
    _insert_as_it_was(engine, "exchanges", rows.exchanges[0])
    _insert_as_it_was(engine, "attempts", rows.attempts[0])
    before = {table: select(engine, f"SELECT * FROM {table}") for table in ("exchanges", "attempts")}
    migrate.upgrade(database_url, "0003")
    for table, was in before.items():
        (row,) = select(engine, f"SELECT * FROM {table}")
        assert {name: value for name, value in row.items() if name not in _CACHED} == was[0]
        assert {row[name] for name in row if name in _CACHED} == {None}
    migrate.downgrade(database_url, "0002")
    assert before == {table: select(engine, f"SELECT * FROM {table}") for table in before}
    assert len(select(engine, "SELECT * FROM unscreened")) == 2  # it has no verdicts
    engine.dispose()


def test_rows_of_before_other_operations_are_chats_of_which_all_could_be_read(database_url: str) -> None:
    migrate.upgrade(database_url, "0003")
    engine = open_engine(database_url)
    _insert_as_it_was(engine, "exchanges", rows_of(exchange(), Capture("none", str)).exchanges[0])
    (before,) = select(engine, "SELECT * FROM exchanges")
    migrate.upgrade(database_url, "0004")
    (row,) = select(engine, "SELECT * FROM exchanges")
    assert (row.pop("operation"), bool(row.pop("unscreened"))) == ("chat", False)
    assert row == before
    migrate.downgrade(database_url, "0003")
    assert select(engine, "SELECT * FROM exchanges") == [before]
    engine.dispose()


def test_rows_of_before_the_proof_stay_as_they_are_and_a_body_may_go(database_url: str) -> None:
    migrate.upgrade(database_url, "0005")
    engine = open_engine(database_url)
    rows = rows_of(exchange(), Capture("full", str))
    _insert_as_it_was(engine, "exchanges", rows.exchanges[0])
    _insert_as_it_was(engine, "payloads", rows.payloads[0])
    before = {table: select(engine, f"SELECT * FROM {table}") for table in ("exchanges", "payloads")}
    migrate.upgrade(database_url, "0006")
    for table, was in before.items():
        (row,) = select(engine, f"SELECT * FROM {table}")
        assert row == dict.fromkeys(row) | was[0]
    erase = sa.text("UPDATE payloads SET body = NULL")
    with engine.begin() as connection:
        connection.execute(erase)
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").all() == [("ok",)]
    migrate.downgrade(database_url, "0005")
    assert select(engine, "SELECT * FROM exchanges") == before["exchanges"]
    assert select(engine, "SELECT body FROM payloads") == [{"body": "null"}]
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(erase)
    engine.dispose()


def test_no_table_is_rewritten_for_columns_that_were_added(postgresql_url: str) -> None:
    migrate.upgrade(postgresql_url, "0001")
    engine = open_engine(postgresql_url)
    files = (
        "SELECT pg_relation_filenode('exchanges') AS exchanges, "
        "pg_relation_filenode('attempts') AS attempts, pg_relation_filenode('payloads') AS payloads"
    )
    before = select(engine, files)
    migrate.upgrade(postgresql_url, "0006")
    assert select(engine, files) == before
    engine.dispose()


def test_the_tables_in_code_are_those_the_migrations_make(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": True, "include_name": _is_no_partition}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, tables.metadata) == []


def test_a_forgotten_migration_is_noticed(engine: sa.Engine) -> None:
    newer = sa.MetaData()
    for table in tables.metadata.tables.values():
        table.to_metadata(newer)
    newer.tables["exchanges"].append_column(sa.Column("of_tomorrow", sa.Double))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_no_partition})
        assert [change[0] for change in compare_metadata(context, newer)] == ["add_column"]


def test_the_constraints_in_code_are_those_the_migrations_make(database_url: str, engine: sa.Engine) -> None:
    """Alembic does not compare CHECK constraints."""
    migrated = _checks(engine)
    migrate.downgrade(database_url, "base")
    tables.metadata.create_all(engine)
    assert _checks(engine) == migrated
    assert sum(map(len, migrated.values())) == 3


def test_a_row_is_found_by_the_id_of_its_exchange_alone(engine: sa.Engine) -> None:
    inspector = sa.inspect(engine)
    for table in tables.metadata.tables.keys() - REPORTS:
        key = inspector.get_pk_constraint(table)["constrained_columns"]
        if table == "exchanges":
            assert key == ["id", "started_at"]
        else:
            assert key[:2] == ["exchange_id", "exchange_started_at"]
            assert len(key) == 3


def test_every_view_can_be_read_while_there_are_no_rows(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        for view in VIEWS:
            assert connection.execute(sa.text(f"SELECT * FROM {view}")).all() == []


def _is_no_partition(name: str | None, *_of: object) -> bool:
    return not re.search("_(first|default|20[0-9]{6})$", name or "")


def _checks(engine: sa.Engine) -> dict[str, set[tuple[str | None, str]]]:
    inspector = sa.inspect(engine)
    return {
        table: {(check["name"], check["sqltext"]) for check in inspector.get_check_constraints(table)}
        for table in tables.metadata.tables
    }


def _insert_as_it_was(engine: sa.Engine, table: str, row: Row) -> None:
    """Insert a row without what the table did not have then."""
    with engine.begin() as connection:
        there = {column["name"] for column in sa.inspect(connection).get_columns(table)}
        names = [name for name in row if name in there]
        values = ", ".join(f":{name}" for name in names)
        connection.execute(sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"), row)


def _tables(url: str) -> set[str]:
    return _names(url)[0]


def _views(url: str) -> set[str]:
    return _names(url)[1]


def _names(url: str) -> tuple[set[str], set[str]]:
    engine = open_engine(url)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        tables_ = {name for name in inspector.get_table_names() if _is_no_partition(name)}
        names = tables_, set(inspector.get_view_names())
    engine.dispose()
    return names
