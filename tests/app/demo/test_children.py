import socket
import sys
import time
from pathlib import Path

import pytest

from app.demo.children import Child, ChildFailed, answers, free_port

WAITS = "import sys; print('here', flush=True); sys.stdin.read()"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('here', flush=True); time.sleep(60)"
)


def _child(code: str, log: Path, stop_s: float = 5.0) -> Child:
    return Child("The program", (sys.executable, "-c", code), log, stop_s=stop_s)


def test_a_child_runs_until_it_is_stopped(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "program.log"
    with _child(WAITS, log) as child:
        child.wait_until(lambda: "here" in log.read_text(), 10)
        assert not child.ended()
    assert child.ended()
    child.stop()


def test_a_child_that_dies_early_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with (
        _child("print('x\\n' * 9000); raise SystemExit('no such port')", tmp_path / "log") as child,
        pytest.raises(ChildFailed, match=r"(?s)The program ended with status 1\.\n.*no such port"),
    ):
        child.wait_until(lambda: False, 10)


def test_a_child_that_does_not_answer_in_time_is_given_up(tmp_path: Path) -> None:
    with (
        _child(WAITS, tmp_path / "log") as child,
        pytest.raises(ChildFailed, match=r"did not answer within 0\.1 s"),
    ):
        child.wait_until(lambda: False, 0.1)


def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = _child(STUBBORN, log, stop_s=0.2)
    child.wait_until(lambda: "here" in log.read_text(), 10)
    child.stop()
    assert child.ended()


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', "
        "'import time; print(1, flush=True); time.sleep(60)']); print('here', flush=True); sys.stdin.read()"
    )
    child = _child(code, log)
    child.wait_until(lambda: {"1", "here"} <= set(log.read_text().split()), 10)
    members = _group(child.pid)
    assert len(members) == 2
    child.stop()
    deadline = time.monotonic() + 5
    while _group(child.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _group(child.pid) == []


def _group(leader: int) -> list[int]:
    """Return the living processes of a process group (fields 3 and 5 of /proc/PID/stat; Z is dead)."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader and fields[0] != "Z":
            members.append(int(stat.parent.name))
    return members


def test_a_taken_port_is_replaced_by_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) not in {0, port}
    assert free_port(port) == port


def test_a_port_where_nobody_listens_does_not_answer() -> None:
    assert not answers(free_port(), "/health")
