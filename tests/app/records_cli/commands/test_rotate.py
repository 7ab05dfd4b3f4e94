import base64
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.cli import main
from tests.proven_records import BODY_KEYS, ProvenRecord


def test_bodies_are_encrypted_by_command_and_read_with_the_key(
    engine: sa.Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record, url = ProvenRecord(engine), engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("OLD", base64.b64encode(BODY_KEYS["k1"]).decode())
    monkeypatch.setenv("NEW", base64.b64encode(b"2" * 32).decode())
    file = tmp_path / "handrail.yaml"
    keys = 'encryption: {keys: {k1: "${OLD}", k2: "${NEW}"}, active: k2}'
    file.write_text(f'records: {{url: "{url}", {keys}}}')
    where = ("--config", str(file))
    assert main(["records", "rotate", *where]) == 0
    assert "16 bodies are encrypted with k2 now" in capsys.readouterr().out
    assert main(["records", "rotate", *where, "--json"]) == 0
    assert capsys.readouterr().out == '{"bodies":0,"unreadable":{}}\n'
    assert main(["records", "show", record.ids[0], *where]) == 0
    assert "from ada" in capsys.readouterr().out
    assert main(["records", "show", record.ids[0], "--database", url]) == 0
    assert "encrypted with key k2" in capsys.readouterr().out
    assert main(["records", "rotate", "--database", url]) == 1
    assert "no key is active" in capsys.readouterr().err
