import json
import sqlite3
from collections.abc import Mapping, Sequence

import psycopg
import pytest
import sqlalchemy as sa

from app.domain.exchange import Usage
from app.records import migrate
from app.records.engine import open_engine
from app.records.inserts import Inserts, is_refusal
from app.records.rows import Capture, Rows, rows_of
from guardrails import Side
from tests.databases import select
from tests.exchanges import exchange, finding, request, verdict

AS_IT_WAS = Capture("full", str)
TABLES = ("exchanges", "payloads", "attempts", "verdicts", "findings")
HARD_TEXTS = ("Grüße, 世界 👩‍👩‍👧", "a\0b", "lone \ud800 surrogate", "x" * 1_000_000, 'quote " \\ \n end')


def test_every_column_of_every_row_is_as_it_was_made(engine: sa.Engine) -> None:
    made = [
        rows_of(
            exchange(
                verdicts=(verdict(Side.INPUT, finding("messages[0].content", 5, 9)), verdict(Side.OUTPUT))
            ),
            AS_IT_WAS,
        )
        for _ in range(3)
    ]
    Inserts(engine).write(made)
    for table in TABLES:
        expected = [row for rows in made for row in getattr(rows, table)]
        assert len(expected) >= 3
        assert _sorted(select(engine, f"SELECT * FROM {table}")) == _sorted(expected), table


@pytest.mark.parametrize("text", HARD_TEXTS, ids=["unicode", "NUL", "surrogate", "1 MB", "escapes"])
def test_a_body_survives_whatever_it_says(engine: sa.Engine, text: str) -> None:
    Inserts(engine).write([rows_of(exchange(request=request(text)), AS_IT_WAS)])
    found = select(engine, "SELECT body FROM payloads WHERE kind = 'request'")
    assert json.loads(str(found[0]["body"])) == request(text)


def test_rows_that_are_there_are_refused_the_first_time_and_left_alone_the_next(engine: sa.Engine) -> None:
    inserts = Inserts(engine)
    found = verdict(Side.INPUT, finding("messages[0].content", 5, 9))
    rows = rows_of(exchange(verdicts=(found,)), AS_IT_WAS)
    inserts.write([rows])
    with pytest.raises(sa.exc.IntegrityError):
        inserts.write([rows])
    inserts.write([rows, rows_of(exchange(), AS_IT_WAS)], again=True)
    assert select(engine, "SELECT count(*) AS n FROM exchanges") == [{"n": 2}]
    assert select(engine, "SELECT count(*) AS n FROM findings") == [{"n": 1}]


AT_THE_END = (
    "ended_at",
    "status_code",
    "duration_ms",
    "upstream_ms",
    "overhead_ms",
    "chars_received",
    "chars_screened",
    "chars_released",
)


def _begun(outcome: str | None) -> Rows:
    rows = rows_of(exchange(), AS_IT_WAS)
    row = rows.exchanges[0] | {"outcome": outcome} | dict.fromkeys(AT_THE_END)
    return Rows(exchanges=(row,), payloads=rows.payloads[:1])


@pytest.mark.parametrize("outcome", [None, "interrupted"])
def test_an_exchange_that_has_only_begun_can_have_a_row(engine: sa.Engine, outcome: str | None) -> None:
    Inserts(engine).write([_begun(outcome)])
    assert select(engine, "SELECT outcome, ended_at FROM exchanges") == [
        {"outcome": outcome, "ended_at": None}
    ]
    assert select(engine, "SELECT * FROM slow_exchanges") == []


def test_what_has_ended_is_not_interrupted_afterwards(engine: sa.Engine) -> None:
    inserts, rows = Inserts(engine), rows_of(exchange(), AS_IT_WAS)
    inserts.write([rows])
    row = rows.exchanges[0] | {"outcome": "interrupted"} | dict.fromkeys(AT_THE_END)
    for late in ({"outcome": None}, {}):
        inserts.write([Rows(exchanges=(row | late,), payloads=rows.payloads[:1])], again=True)
    assert _sorted(select(engine, "SELECT * FROM exchanges")) == _sorted(list(rows.exchanges))
    assert select(engine, "SELECT count(*) AS n FROM payloads") == [{"n": 2}]


@pytest.mark.parametrize("missing", AT_THE_END)
def test_an_exchange_that_has_ended_says_everything(engine: sa.Engine, missing: str) -> None:
    rows = rows_of(exchange(), AS_IT_WAS)
    rows.exchanges[0][missing] = None
    with pytest.raises(sa.exc.IntegrityError):
        Inserts(engine).write([rows])


def test_a_refused_row_takes_its_whole_transaction_with_it(engine: sa.Engine) -> None:
    good, bad = rows_of(exchange(), AS_IT_WAS), rows_of(exchange(), AS_IT_WAS)
    bad.attempts[0]["provider"] = None
    with pytest.raises(sa.exc.IntegrityError):
        Inserts(engine).write([good, bad])
    for table in TABLES:
        assert select(engine, f"SELECT * FROM {table}") == []


def _with(**changes: object) -> Rows:
    rows = rows_of(exchange(usage=Usage()), AS_IT_WAS)
    rows.exchanges[0].update(changes)  # type: ignore[arg-type]  # wrong types are the point
    return rows


@pytest.mark.parametrize(
    "changes",
    [
        {"caller": None},
        {"prompt_tokens": 2**80},
        {"caller": object()},
        {"caller": "\ud800"},
        {"outcome": "unheard of"},
        {"chars_released": 5, "chars_screened": 4, "chars_received": 6},
        {"chars_released": 5, "chars_screened": 5, "chars_received": 4},
        {"chars_released": -1},
    ],
    ids="-".join,
)
def test_values_no_database_takes_are_a_refusal(engine: sa.Engine, changes: dict[str, object]) -> None:
    with pytest.raises((sa.exc.DBAPIError, ValueError, OverflowError, TypeError)) as raised:
        Inserts(engine).write([_with(**changes)])
    assert is_refusal(raised.value)


@pytest.mark.parametrize("changes", [{"id": "no uuid"}, {"caller": "\0"}, {"caller": "x" * 65}], ids=str)
def test_values_postgresql_does_not_take_are_a_refusal(
    postgresql_url: str, changes: dict[str, object]
) -> None:
    migrate.upgrade(postgresql_url)
    engine = open_engine(postgresql_url)
    with pytest.raises(sa.exc.DataError) as raised:
        Inserts(engine).write([_with(**changes)])
    assert is_refusal(raised.value)
    engine.dispose()


def test_a_missing_table_is_no_refusal(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE payloads RENAME TO mislaid"))
    with pytest.raises(sa.exc.DBAPIError) as raised:
        Inserts(engine).write([rows_of(exchange(), AS_IT_WAS)])
    assert not is_refusal(raised.value)


def test_a_server_that_is_not_there_is_no_refusal() -> None:
    engine = open_engine("postgresql://nobody@127.0.0.1:9/nowhere")
    with pytest.raises(sa.exc.OperationalError) as raised:
        Inserts(engine).write([rows_of(exchange(), AS_IT_WAS)])
    assert not is_refusal(raised.value)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.InterfaceError("the connection is closed"),
        psycopg.errors.AdminShutdown(),
        psycopg.errors.DiskFull(),
        psycopg.errors.ReadOnlySqlTransaction(),
        psycopg.errors.InsufficientPrivilege(),
        psycopg.errors.UndefinedColumn(),
        sqlite3.OperationalError("database is locked"),
        sqlite3.OperationalError("disk I/O error"),
    ],
    ids=repr,
)
def test_a_databases_own_trouble_is_no_refusal(error: Exception) -> None:
    driver = psycopg.Error if isinstance(error, psycopg.Error) else sqlite3.Error
    wrapped = sa.exc.DBAPIError.instance("", {}, error, driver)
    assert isinstance(wrapped, sa.exc.DBAPIError)
    assert not is_refusal(wrapped)


def _sorted(rows: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    return sorted(
        rows, key=lambda row: [str(row.get(key)) for key in ("id", "exchange_id", "kind", "number")]
    )
