import json
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.demo import record
from app.demo.record import answer, main, wait_for
from app.records import migrate, tables

TRACE = "ab" * 16
EXCHANGE = "0197a000-0000-7000-8000-000000000001"
MOMENT = "2026-11-22T20:51:52.123456Z"
KEYS = {"exchange_id": EXCHANGE, "exchange_started_at": MOMENT}
SQL = f"SELECT outcome, provider FROM exchanges WHERE trace_id = '{TRACE}'"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    migrate.upgrade(f"sqlite:///{tmp_path}/record.db")
    return tmp_path / "record.db"


def _insert(file: Path, table: sa.Table, **values: object) -> None:
    """Insert a row; what it does not name is filled with something of its type."""
    row = {column.name: "x" if isinstance(column.type, sa.String) else 0 for column in table.columns} | values
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(sa.insert(table), [row])
    engine.dispose()


def _insert_exchange(file: Path, outcome: str = "ok") -> None:
    _insert(
        file,
        tables.exchanges,
        id=EXCHANGE,
        started_at=MOMENT,
        ended_at=MOMENT,
        trace_id=TRACE,
        outcome=outcome,
        provider="local",
    )


def test_an_exchange_is_read_with_its_verdicts_and_what_went_upstream(file: Path) -> None:
    _insert_exchange(file)
    body = json.dumps({"messages": [{"content": "first"}, {"content": "Write to [EMAIL]"}]})
    _insert(file, tables.payloads, **KEYS, kind="request", body=body)
    _insert(file, tables.attempts, **KEYS, number=1, started_at=MOMENT)
    for number, decision in ((1, "redact"), (2, "pass")):
        _insert(
            file, tables.verdicts, **KEYS, number=number, guardrail="privacy", side="input", decision=decision
        )
    place = {"part": "messages[1].content", "start_offset": 9, "end_offset": 16}
    _insert(
        file, tables.findings, **KEYS, number=1, verdict_number=1, check_kind="pii", rule="email", **place
    )
    row = wait_for(file, TRACE)
    assert row.outcome == "ok"
    assert row.sent_upstream == "Write to [EMAIL]"
    assert row.verdicts == (
        "input   privacy      redact   pii.email in messages[1].content, 9 to 16",
        "input   privacy      pass",
    )


def test_where_no_provider_was_asked_nothing_was_sent(file: Path) -> None:
    _insert_exchange(file, outcome="blocked_input")
    _insert(file, tables.payloads, **KEYS, kind="request", body='{"messages": [{"content": "no"}]}')
    assert wait_for(file, TRACE).sent_upstream is None


def test_a_row_that_comes_late_is_waited_for(file: Path) -> None:
    writer = threading.Timer(0.2, _insert_exchange, (file,))
    writer.start()
    assert wait_for(file, TRACE).outcome == "ok"
    writer.join()


def test_a_row_that_never_comes_is_an_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_WAIT_S", 0.1)
    with pytest.raises(LookupError, match=f"No row with the trace id {TRACE}"):
        wait_for(file, TRACE)


def test_a_question_is_answered_in_lines(file: Path) -> None:
    _insert_exchange(file)
    assert list(answer(file, SQL)) == ["outcome | provider", "ok | local"]


def test_reading_changes_nothing(file: Path) -> None:
    _insert_exchange(file)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        list(answer(file, "DELETE FROM exchanges"))


def test_what_cannot_be_asked_is_said_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
    assert main(["SELECT * FROM nowhere_to_be_found"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
