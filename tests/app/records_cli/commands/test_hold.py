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


def test_holds_are_added_listed_and_released(
    record: ProvenRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    for what in (("--exchange", record.ids[0]), ("--subject", "ada"), ("--since", "7d", "--until", "today")):
        assert run(record, "hold", "add", *what, "--reason", "lawsuit") == 0
    ids = capsys.readouterr().out.split()
    assert run(record, "erase", "--subject", "ada") == 0
    assert "8 exchanges are under a hold" in capsys.readouterr().out
    assert run(record, "hold", "release", ids[1]) == 0
    assert run(record, "hold", "release", ids[1]) == 1
    assert "no hold" in capsys.readouterr().err
    assert run(record, "hold", "list") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["id"] for one in found} == set(ids)
    assert [one["id"] for one in found if one["released_at"] is not None] == [ids[1]]


@pytest.mark.parametrize("what", [(), ("--exchange", "x"), ("--subject", "a", "--since", "7d")])
def test_what_is_held_must_be_said(record: ProvenRecord, what: tuple[str, ...]) -> None:
    assert run(record, "hold", "add", *what, "--reason", "r") == 1
