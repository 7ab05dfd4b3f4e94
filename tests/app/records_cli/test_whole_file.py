import subprocess
import sys
from pathlib import Path

import pytest

from app.records_cli.group import CommandFailed
from app.records_cli.whole_file import whole_file

KILLED = """
import os, pathlib, signal, sys
from app.records_cli.whole_file import whole_file
with whole_file(pathlib.Path(sys.argv[1])) as file:
    file.write(b"half of the new o"); file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with whole_file(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert (path.read_bytes(), [*tmp_path.iterdir()]) == (b"new", [path])


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with whole_file(path) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (path.read_bytes(), [*tmp_path.iterdir()]) == (b"old", [path])


def test_after_a_kill_the_same_command_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    assert subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False).returncode == -9
    assert path.read_bytes() == b"old"
    with whole_file(path) as file:
        file.write(b"new")
    assert (path.read_bytes(), [*tmp_path.iterdir()]) == (b"new", [path])


def test_two_do_not_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with whole_file(path) as file:
        file.write(b"first")
        with pytest.raises(CommandFailed, match="another export"), whole_file(path):
            pass
    assert path.read_bytes() == b"first"
    with pytest.raises(CommandFailed, match="cannot be written: Not a directory"), whole_file(path / "y"):
        pass
