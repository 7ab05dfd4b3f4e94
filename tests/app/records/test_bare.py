from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.exchange import ExchangeRecord
from app.records.bare import bare_rows
from app.records.inserts import Inserts
from guardrails import Coverage
from tests.databases import select
from tests.exchanges import exchange

WRONG: list[dict[str, Any]] = [
    {"id": "no uuid"},
    {"id": None},
    {"started_ns": -(2**70)},
    {"ended_ns": None},
    {"trace_id": "\0"},
    {"span_id": 5},
    {"caller": "\ud800" * 100},
    {"policy_version": object()},
    {"outcome": "unheard of"},
    {"status_code": 10**9},
    {"status_code": None},
    {"coverage": Coverage(released=9)},
    {"attempts": None},
    {"request": object()},
]


@pytest.mark.parametrize("changes", WRONG, ids="-".join)
def test_a_record_that_is_wrong_in_any_way_gets_a_row(engine: sa.Engine, changes: dict[str, Any]) -> None:
    rows = bare_rows(exchange(**changes), "DataError 22003")
    Inserts(engine).write([rows])
    assert select(engine, "SELECT record_error FROM exchanges") == [{"record_error": "DataError 22003"}]


def test_it_keeps_what_can_be_kept() -> None:
    record = exchange()
    row = bare_rows(record, "TypeError").exchanges[0]
    assert (row["id"], row["trace_id"], row["outcome"]) == (record.id, record.trace_id, "ok")
    assert row["started_at"] == "2026-11-22T20:51:52.123456Z"


def test_an_unusable_id_is_replaced_by_the_same_one_each_time() -> None:
    def row_id(record: ExchangeRecord) -> object:
        return bare_rows(record, "").exchanges[0]["id"]

    assert row_id(exchange(id="a")) == row_id(exchange(id="a")) != row_id(exchange(id="b"))
