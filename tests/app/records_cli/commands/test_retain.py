import json

import pytest
import sqlalchemy as sa

from app.cli import main
from tests.proven_records import ProvenRecord


@pytest.fixture
def record(engine: sa.Engine) -> ProvenRecord:
    return ProvenRecord(engine)


def run(record: ProvenRecord, *arguments: str) -> int:
    url = record.engine.url.render_as_string(hide_password=False)
    return main(["records", *arguments, "--database", url])


def test_what_is_too_old_goes_after_a_look_at_what_that_is(
    record: ProvenRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(record, "retain", "--days", "36500", "--json") == 0
    assert json.loads(capsys.readouterr().out)["exchanges"] == 0
    record.run("UPDATE exchanges SET started_at = '2020-01-01T00:00:00.000000Z'")
    assert run(record, "retain", "--days", "7", "--dry-run") == 0
    assert "would go, of before 20" in (said := capsys.readouterr().out)
    assert " 8 exchanges" in said
    assert run(record, "retain", "--days", "7") == 0
    assert "gone, of before" in capsys.readouterr().out


def test_somebody_must_say_for_how_long(record: ProvenRecord, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(record, "retain") == 1
    assert "records.retention_days" in capsys.readouterr().err
    assert run(record, "retain", "--days", "0") == 1
