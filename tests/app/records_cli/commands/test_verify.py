import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.cli import main
from tests.proven_records import ProvenRecord

Run = tuple[int, str, str]


def run(capsys: pytest.CaptureFixture[str], record: ProvenRecord, *arguments: str) -> Run:
    url = record.engine.url.render_as_string(hide_password=False)
    status = main(["records", "verify", "--database", url, *arguments])
    return status, *capsys.readouterr()


@pytest.fixture
def record(engine: sa.Engine) -> ProvenRecord:
    return ProvenRecord(engine)


def test_a_sound_record_is_said_to_be_so(
    record: ProvenRecord, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text(record.signer.public_key)
    status, said, err = run(capsys, record, "--public-key", str(key))
    assert (status, err) == (0, "")
    assert said.splitlines() == [
        "8 of 8 exchanges proven, 82 rows, 2 chains, 12 entries, 4 checkpoints",
        "8 bodies are encrypted with a key that is not at hand",
        "sound",
    ]
    assert "give --public-key" in run(capsys, record)[1]


def test_what_was_changed_is_named(record: ProvenRecord, capsys: pytest.CaptureFixture[str]) -> None:
    record.run(f"UPDATE exchanges SET caller = 'x' WHERE id = '{record.ids[2]}'")
    status, said, _ = run(capsys, record)
    assert status == 2
    assert said.splitlines()[0].startswith(f"exchanges: changed: {record.ids[2]}: ")
    assert said.splitlines()[-1] == "NOT SOUND: 1 flaws"
    status, said, _ = run(capsys, record, "--json")
    found = json.loads(said)
    assert (status, found["sound"], found["flaws"][0]["what"]) == (2, False, record.ids[2])


def test_lines_of_the_log_are_held_against_the_record(
    record: ProvenRecord, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    last = record.log.lines[-1][2]
    record.run(f"DELETE FROM checkpoints WHERE sequence = {last['sequence']}")
    record.run(f"DELETE FROM chain WHERE writer = '{last['writer']}' AND sequence = {last['sequence']}")
    log = tmp_path / "log"
    line = json.dumps({"event": "record_checkpoint", **last})
    log.write_text(f'no json "record_checkpoint"\n{{"event":"other"}}\n{line}\n')
    assert f"chain: truncated: {last['writer']}/5" in run(capsys, record, "--log", str(log))[1]
    assert "truncated" not in run(capsys, record)[1]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--public-key", "junk"], "the public key is no Ed25519 key"),
        (["--log", "/nowhere/log"], "/nowhere/log cannot be read"),
        (["--database", "sqlite://"], "use sqlite:///FILE"),
        (["--database", "sqlite:////nowhere/records.db"], "the record cannot be read"),
    ],
)
def test_what_cannot_be_verified_is_an_error(
    record: ProvenRecord, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    status, said, err = run(capsys, record, *arguments)
    assert (status, said) == (1, "")
    assert reason in err
