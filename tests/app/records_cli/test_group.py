import os
import pkgutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import main
from app.records import migrate
from app.records_cli import commands

RECORDS = (sys.executable, "-m", "app", "records")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    migrate.upgrade(f"sqlite:///{tmp_path}/handrail.db")
    return tmp_path


def environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("HANDRAIL_")} | {
        "PYTHONPATH": str(Path(__file__).parents[3])
    }


@pytest.mark.parametrize("command", sorted(one.name for one in pkgutil.iter_modules(commands.__path__)))
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["records", command, "--help"])
    said = capsys.readouterr().out
    assert (caught.value.code, said.startswith(f"usage: handrail records {command}")) == (0, True)
    assert ("--database" in said) is (command != "hold"), "hold has actions, which have it"


def test_the_record_is_that_of_the_configuration(folder: Path) -> None:
    (folder / "handrail.yaml").write_text("{}")
    command = (*RECORDS, "sql", "SELECT count(*) AS n FROM exchanges")
    asked = subprocess.run(command, cwd=folder, env=environ(), capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, "n\n0\n", "")


def test_ctrl_c_ends_tail_without_a_word(folder: Path) -> None:
    command = (*RECORDS, "tail", "--interval", "0.05")
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,  # noqa: PLW1509 (one call, which takes no lock)
    ) as tail:
        assert tail.stdout is not None
        assert tail.stdout.readline().startswith("started (UTC)")
        tail.send_signal(signal.SIGINT)
        try:
            assert (tail.wait(30), *tail.communicate()) == (0, "", "")
        finally:
            tail.kill()


def _hear_ctrl_c() -> None:
    """Undo what a shell does to what it runs in the background, and this process may have inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_whoever_reads_only_the_beginning_is_told_no_error(folder: Path) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n"
    with subprocess.Popen(
        (*RECORDS, "sql", many), cwd=folder, env=environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked:
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdout.readline()
        asked.stdout.close()
        assert (asked.stderr.read(), asked.wait(30)) == (b"", 0)


def test_a_record_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["records", "list", "--database", f"sqlite:///{tmp_path}/none.db"]) == 1
    assert capsys.readouterr().err == f"handrail: there is no record yet: no file {tmp_path}/none.db\n"
    assert main(["records", "list", "--database", "mysql://h/d"]) == 1
    assert "mysql is not supported" in capsys.readouterr().err
