import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_a_test_cannot_reach_another_machine(address: tuple[str, int]) -> None:
    with pytest.raises(AssertionError, match="tests stay on this machine"):
        socket.create_connection(address, timeout=1)


def test_a_test_cannot_look_up_another_machine() -> None:
    with pytest.raises(AssertionError, match=r"not api\.example\.com"):
        socket.getaddrinfo("api.example.com", 443)


def test_names_that_never_exist_do_not_exist_here_either() -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("nowhere.invalid", 443)


def test_loopback_and_unix_sockets_are_free(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


SKIPS = """
import pytest
def test_that_skips():
    pytest.skip("no database here")
@pytest.mark.xfail(reason="known", strict=True)
def test_that_is_expected_to_fail():
    assert False
def test_that_passes():
    pass
"""


@pytest.mark.parametrize(
    ("ci", "text", "said"),
    [
        ("", SKIPS, "1 passed, 1 skipped, 1 xfailed"),
        ("true", SKIPS, "1 failed, 1 passed, 1 xfailed"),
        ("true", "import pytest\npytest.skip('not here', allow_module_level=True)", "1 error"),
    ],
)
def test_a_skip_fails_in_ci_and_only_there(tmp_path: Path, ci: str, text: str, said: str) -> None:
    test = tmp_path / "test_it.py"
    test.write_text(text)
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "--rootdir",
        str(tmp_path),
        "-q",
        str(test),
    )
    run = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"CI": ci},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert said in run.stdout
    assert (run.returncode == 0) == (ci == "")
