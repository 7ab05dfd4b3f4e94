"""The migration that partitions a live table by day."""

import threading

import psycopg
import pytest
import sqlalchemy as sa

from app.records import migrate
from app.records.engine import open_engine
from app.records.inserts import Inserts
from app.records.rows import Capture, rows_of
from tests.databases import select
from tests.exchanges import exchange, finding, verdict

TABLES = ("exchanges", "payloads", "attempts", "verdicts", "findings")


def filled(url: str) -> sa.Engine:
    migrate.upgrade(url, "0006")
    engine = open_engine(url)
    found = verdict(verdict().side, finding("messages[0].content", 0, 4))
    Inserts(engine).write([rows_of(exchange(verdicts=(found,)), Capture("full", str)) for _ in range(3)])
    return engine


def everything(engine: sa.Engine) -> list[object]:
    order = dict.fromkeys(TABLES, "exchange_id") | {"exchanges": "id"}
    rows = [select(engine, f"SELECT * FROM {table} ORDER BY {order[table]}") for table in TABLES]
    return [sorted(map(str, one)) for one in rows]


def checks_left(engine: sa.Engine) -> list[object]:
    """Return the tables that would refuse rows of a later day."""
    found = select(
        engine, r"SELECT conname FROM pg_constraint WHERE conname LIKE '%\_first' AND contype = 'c'"
    )
    return [row["conname"] for row in found]


def test_rows_stay_where_they_are_and_are_found_by_the_new_names(postgresql_url: str) -> None:
    engine = filled(postgresql_url)
    before = everything(engine)
    files = "SELECT " + ", ".join(f"pg_relation_filenode('{table}{{0}}') AS {table}" for table in TABLES)
    (was,) = select(engine, files.format(""))
    views = select(engine, "SELECT * FROM exchange_facts ORDER BY exchange_id")
    migrate.upgrade(postgresql_url)
    assert select(engine, files.format("_first")) == [was]
    assert everything(engine) == before
    assert select(engine, "SELECT * FROM exchange_facts ORDER BY exchange_id") == views
    assert select(engine, "SELECT indisvalid FROM pg_index WHERE NOT indisvalid") == []
    migrate.downgrade(postgresql_url, "0006")
    assert everything(engine) == before
    migrate.upgrade(postgresql_url)
    assert everything(engine) == before
    engine.dispose()


def test_while_it_waits_for_a_reader_it_gives_up_and_can_be_tried_again(postgresql_url: str) -> None:
    engine = filled(postgresql_url)
    with engine.connect() as reader:
        reader.execute(sa.text("SELECT count(*) FROM attempts"))  # behind others
        with pytest.raises(sa.exc.OperationalError) as raised:
            migrate.upgrade(f"{postgresql_url}%20-clock_timeout%3D20ms")
        assert isinstance(raised.value.orig, psycopg.errors.LockNotAvailable)
    assert checks_left(engine) == []
    Inserts(engine).write([rows_of(exchange(), Capture("full", str))])
    migrate.upgrade(postgresql_url)
    assert select(engine, "SELECT count(*) AS n FROM exchanges") == [{"n": 4}]
    engine.dispose()


def test_others_write_before_while_and_after(postgresql_url: str) -> None:
    engine, stop, written = filled(postgresql_url), threading.Event(), [3]

    def write() -> None:
        inserts = Inserts(engine)
        while not stop.is_set():
            inserts.write([rows_of(exchange(), Capture("full", str))])
            written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    migrate.upgrade(postgresql_url)
    stop.set()
    writer.join()
    assert select(engine, "SELECT count(*) AS n FROM exchanges") == [{"n": written[0]}]
    engine.dispose()


def test_a_view_of_somebodys_own_is_named(postgresql_url: str) -> None:
    engine = filled(postgresql_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE VIEW mine AS SELECT id FROM exchanges"))
    with pytest.raises(RuntimeError, match=r"drop these views.*: mine"):
        migrate.upgrade(postgresql_url)
    assert len(select(engine, "SELECT * FROM mine")) == 3
    assert checks_left(engine) == []
    with engine.begin() as connection:
        connection.execute(sa.text("DROP VIEW mine"))
    migrate.upgrade(postgresql_url)
    assert checks_left(engine) == []
    engine.dispose()
