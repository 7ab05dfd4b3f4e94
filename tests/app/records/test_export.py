import csv
import io
import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from app.records import migrate, tables
from app.records.canonical import exchange_digest
from app.records.export import FLAT_COLUMNS, csv_line, csv_lines, json_lines
from app.records.filters import Filter
from app.records.reading import Reading
from app.records.reports import Feedback, Reports
from app.records.rows import Capture
from guardrails import Side
from tests.databases import select
from tests.exchanges import exchange, finding, verdict
from tests.recorded import put, reading

__all__ = ["reading"]
FIRST = exchange(
    id="01a22e75-b2b2-7225-88fd-8755ae5578ee",
    cost_usd=Decimal("0.0000125"),
    verdicts=(verdict(Side.INPUT, finding("messages[0].content", 0, 4)), verdict(Side.OUTPUT)),
)
SECOND = exchange(id="01a22e75-b2b2-7225-88fd-8755ae5578ef", caller='=1+"1"', trace_id="1" * 32)


def filled(url: str, engine: sa.Engine) -> None:
    put(engine, FIRST, SECOND)
    reports = Reports(url, Capture("full", str))
    reports.add_feedback("team", [Feedback(trace_id=FIRST.id, value=4), Feedback(trace_id="nobody", value=1)])
    reports.close()


def exported(reading: Reading, asked: Filter) -> list[dict[str, Any]]:
    told: list[int] = []
    with reading.connect() as connection:
        lines = [json.loads(line) for line in json_lines(connection, asked, told.append)]
    assert told == [*range(1, len(told) + 1)]
    return lines


def test_json_lines_hold_every_row_of_every_table(
    reading: Reading, engine: sa.Engine, database_url: str
) -> None:
    filled(database_url, engine)
    head, *rows, end = exported(reading, Filter())
    assert (head["export"]["format"], head["export"]["revision"]) == (1, migrate.head())
    counts = Counter(row["table"] for row in rows)
    for name in tables.metadata.tables:
        (there,) = select(engine, f"SELECT count(*) AS n FROM {name}")
        assert counts[name] == there["n"], name
    assert counts["feedback"] == 2
    assert end == {"end": {name: {"rows": count} for name, count in sorted(counts.items())}}
    assert [row["row"]["exchange_id"] for row in rows if row["table"] == "findings"] == [FIRST.id]


def test_of_a_question_only_its_exchanges_are_exported(
    reading: Reading, engine: sa.Engine, database_url: str
) -> None:
    filled(database_url, engine)
    _, *rows, _ = exported(reading, Filter(caller=("team-a",)))
    assert [row["row"]["exchange_id"] for row in rows if row["table"] == "payloads"] == [FIRST.id] * 2
    assert [row["row"]["value"] for row in rows if row["table"] == "feedback"] == [4]
    assert [row["row"]["caller"] for row in rows if row["table"] == "exchanges"] == ["team-a"]


def test_an_exported_exchange_has_the_digest_of_the_one_in_the_database(
    reading: Reading, engine: sa.Engine
) -> None:
    put(engine, FIRST)
    _, *rows, _ = exported(reading, Filter())
    children: dict[str, list[Any]] = {
        name: [row["row"] for row in rows if row["table"] == name]
        for name in ("attempts", "verdicts", "findings", "payloads")
    }
    stored: dict[str, Any] = {name: select(engine, f"SELECT * FROM {name}") for name in children}
    (there,) = select(engine, "SELECT * FROM exchanges")
    (sent,) = (row["row"] for row in rows if row["table"] == "exchanges")
    assert exchange_digest(sent, children) == exchange_digest(there, stored)


@pytest.mark.parametrize(
    "sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"], ids=ascii
)
def test_whatever_a_spreadsheet_would_run_is_text(sign: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_line((f"{sign}1+1", f"a{sign}1", -1)).decode(), newline=""))
    assert row == [f"'{sign}1+1", f"a{sign}1", "-1"]


def test_csv_has_a_row_an_exchange_and_no_formulas(
    reading: Reading, engine: sa.Engine, database_url: str
) -> None:
    filled(database_url, engine)
    with reading.connect() as connection:
        text = b"".join(csv_lines(connection, Filter(), lambda _: None)).decode()
    names, *rows = csv.reader(text.splitlines())
    assert names == [*FLAT_COLUMNS]
    first, second = (dict(zip(names, row, strict=True)) for row in rows)
    assert (first["id"], first["cost_usd"], first["stream"]) == (FIRST.id, "0.000012500000", "true")
    assert json.loads(first["request"]) == FIRST.request
    assert [one["value"] for one in json.loads(first["feedback"])] == [4]
    assert json.loads(first["verdicts"])[0]["decision"] == "redact"
    assert "exchange_id" not in json.loads(first["findings"])[0]
    assert second["caller"] == '\'=1+"1"'
    assert second["error_code"] == ""
