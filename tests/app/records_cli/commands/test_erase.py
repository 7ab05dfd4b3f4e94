import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.cli import main
from tests.proven_records import ProvenRecord


@pytest.fixture
def record(engine: sa.Engine) -> ProvenRecord:
    return ProvenRecord(engine)


def run(record: ProvenRecord, *arguments: str, command: str = "erase") -> int:
    url = record.engine.url.render_as_string(hide_password=False)
    return main(["records", command, "--database", url, *arguments])


def test_a_person_is_erased_after_a_look_at_what_that_is(
    record: ProvenRecord,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(record, "--subject", "ada", "--dry-run") == 0
    assert "would be erased: 8 exchanges, 0 in journals" in capsys.readouterr().out
    assert run(record, "--subject", "ada", "--json") == 0
    assert json.loads(capsys.readouterr().out)["exchanges"] == 8
    assert run(record, command="verify") == 0
    assert "8 of 8 exchanges proven" in capsys.readouterr().out
    assert run(record, record.ids[0], command="show") == 0
    assert run(record, command="export") == 0


def test_what_cannot_be_done_is_said(record: ProvenRecord, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(record, "--exchange", "x") == 1
    assert "no id of an exchange" in capsys.readouterr().err
    record.run(f"UPDATE exchanges SET outcome = NULL WHERE id = '{record.ids[0]}'")
    assert run(record, "--exchange", record.ids[0]) == 3
    assert "erase once more" in capsys.readouterr().out
    record.run("DELETE FROM alembic_version")
    assert run(record, "--subject", "ada") == 1
    assert "not of this version" in capsys.readouterr().err
