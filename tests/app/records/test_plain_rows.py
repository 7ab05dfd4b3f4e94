from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from app.records import tables
from app.records.plain_rows import amount, json_line, moment_text, plain_rows, plain_value
from tests.exchanges import exchange
from tests.recorded import put


def test_rows_are_the_same_from_both_databases(engine: sa.Engine) -> None:
    record = exchange(cost_usd=Decimal("0.0000125"), stream=False)
    put(engine, record)
    with engine.connect() as connection:
        (row,) = plain_rows(connection, tables.exchanges)
    wanted = {
        "id": record.id,
        "started_at": "2026-11-22T20:51:52.123456Z",
        "cost_usd": Decimal("0.000012500000"),
        "stream": False,
        "duration_ms": 125.0,
    }
    assert {name: row[name] for name in wanted} == wanted
    assert type(row["stream"]) is bool
    assert b'"cost_usd":0.000012500000,' in json_line(row)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC), "2026-01-02T03:04:05.000060Z"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:04:00.000000Z"),
        (datetime(2026, 1, 2), "2026-01-02T00:00:00.000000Z"),  # noqa: DTZ001 (as SQL may answer)
        (b"\x01\xff", "01ff"),
        ([1, 2], "[1, 2]"),
        (True, True),
        (None, None),
        (1.5, 1.5),
    ],
)
def test_whatever_sql_answers_can_be_shown(value: Any, shown: Any) -> None:
    assert plain_value(value) == shown


@pytest.mark.parametrize("value", [0.1, Decimal("0.1"), 1e-12, 123456.789, 0.0])
def test_money_has_twelve_places_and_loses_nothing(value: Any) -> None:
    assert (-amount(value).as_tuple().exponent, float(amount(value))) == (12, float(value))  # type: ignore[operator]  # a number
    assert moment_text(datetime(1999, 1, 1, tzinfo=UTC)) == "1999-01-01T00:00:00.000000Z"
