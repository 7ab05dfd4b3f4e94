import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.records import canonical, verify_export
from app.records.export import json_lines
from app.records.filters import Filter
from app.records.verify_export import Export, judge
from tests.attacks import attacks
from tests.proven_records import ProvenRecord

SCRIPT = Path(verify_export.__file__)


@pytest.fixture
def record(engine: sa.Engine) -> ProvenRecord:
    return ProvenRecord(engine)


def exported(record: ProvenRecord, **asked: Any) -> list[bytes]:
    with record.engine.connect() as connection:
        return list(json_lines(connection, Filter(**asked), lambda _: None))


def flaws(lines: list[bytes]) -> list[str]:
    export = Export()
    for line in lines:
        export.line(json.loads(line, parse_float=str))
    judge(export, {})
    return export.flaws


def run(folder: Path, lines: list[bytes], *arguments: str) -> tuple[int, list[str]]:
    """Run the script where there is no Handrail."""
    file = folder / "export.jsonl"
    file.write_bytes(b"".join(lines))
    shutil.copy(SCRIPT, folder / "verify_export.py")
    command = [sys.executable, "-I", "verify_export.py", str(file), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_an_export_is_verified_without_handrail(record: ProvenRecord, tmp_path: Path) -> None:
    status, said = run(tmp_path, exported(record), "--public-key", record.signer.public_key)
    assert (status, said) == (
        0,
        ["8 exchanges, 12 entries", "8 bodies are encrypted: they were not checked", "sound"],
    )


def test_it_holds_what_was_changed_against_another_key_and_a_cut_off_end(
    record: ProvenRecord, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("-----BEGIN PUBLIC KEY-----\n" + "A" * 59 + "=\n-----END PUBLIC KEY-----\n")
    status, said = run(tmp_path, exported(record)[:-1], "--public-key", str(key))
    assert status == 2
    assert "checkpoints: unsigned" in said[1]
    assert said[0].startswith("export: truncated")
    assert run(tmp_path, [b"junk"])[0] == 1


def test_whatever_is_changed_deleted_reordered_inserted_or_cut_off_is_found_in_an_export(
    record: ProvenRecord,
) -> None:
    saved, unnamed = record.saved(), {}
    assert flaws(exported(record)) == []
    for statements, (table, _, what) in attacks(record).items():
        record.run(*statements)
        found = flaws(exported(record))
        is_sealed = table == "payloads" and what == record.ids[5]
        if is_sealed != (not any(what in flaw for flaw in found)):
            unnamed[statements] = (what, found)
        record.restore(saved)
    assert unnamed == {}


def test_what_was_erased_or_is_not_retained_or_was_not_asked_for_is_no_flaw(record: ProvenRecord) -> None:
    record.erase(record.ids[1])
    assert flaws(exported(record)) == []
    assert flaws(exported(record, caller=("nobody",))) == []
    record.retain({"gone_before": "2026-11-23T00:00:00.000000Z"}, record.chains[1])
    record.run(
        *(f"DELETE FROM {table}" for table in ("exchanges", "payloads", "attempts", "verdicts", "findings"))
    )
    assert flaws(exported(record)) == []


def test_who_hides_a_deletion_behind_a_filter_is_seen(record: ProvenRecord, tmp_path: Path) -> None:
    head, *lines = exported(record)
    left = [line for line in lines if record.ids[1].encode() not in line or b'"chain"' in line]
    assert any(flaw.startswith(f"exchanges: deleted: {record.ids[1]}") for flaw in flaws([head, *left]))
    assert run(tmp_path, [head, *left])[0] == 2
    hidden = head.replace(b'"asked":{}', b'"asked":{"caller":["all"]}')
    assert hidden != head
    status, said = run(tmp_path, [hidden, *left])
    assert "made with filters: exchanges that are not in it were not looked for" in said
    assert status == 0, "whoever reads the line must judge: a filter is no flaw"


def test_lines_may_not_be_moved(record: ProvenRecord) -> None:
    lines = exported(record)
    first = next(i for i, line in enumerate(lines) if b'"payloads"' in line)
    lines.insert(len(lines) - 1, lines.pop(first))
    assert any(flaw.startswith("payloads: inserted") for flaw in flaws(lines))


def test_the_script_and_what_writes_agree_on_what_is_hashed() -> None:
    assert {
        table: tuple(names.split()) for table, names in verify_export.COLUMNS.items()
    } == canonical.COLUMNS
    assert verify_export.ERASABLE == canonical.ERASABLE
