import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.demo.children import answers, free_port
from app.demo.example import DATABASE_FILE, EMAIL, KEY
from app.demo.model import MODEL
from tests.e2e.rows import Database

pytestmark = pytest.mark.model

_RUN_S = 120.0


def _command(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "app.demo", *arguments)


def _environ(**more: str) -> dict[str, str]:
    """Return this process's variables without those that name a provider or a collector."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "OTEL_"))}
    return kept | more


def _run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command("--once", *arguments),
        cwd=folder,
        env=_environ(**environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=_RUN_S,
    )


def _living_in(folder: Path) -> list[str]:
    """Return the processes whose working directory is this folder."""
    living = []
    for cwd in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if cwd.readlink() == folder:
                living.append((cwd.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return [command for command in living if command]


def _field(output: str, name: str) -> str:
    """Return the first value of a field as one line."""
    found = re.search(rf"^  {name} +(.+(?:\n {{16}}.+)*)", output, flags=re.MULTILINE)
    assert found, f"no {name} in:\n{output}"
    return " ".join(found.group(1).split())


def test_the_demo_shows_a_redacted_and_a_refused_exchange_and_leaves_nothing_running(tmp_path: Path) -> None:
    run = _run(tmp_path, "--port", str(free_port()))
    assert run.returncode == 0, run.stdout + run.stderr
    assert _field(run.stdout, "you sent") == (
        f"Name the capital of France. Send the answer to {EMAIL} and sign it with {KEY}."
    )
    assert _field(run.stdout, "provider got") == (
        "Name the capital of France. Send the answer to [EMAIL] and sign it with [GITHUB_TOKEN]."
    )
    assert re.match(r"200 in [\d.]+ s: \w+", _field(run.stdout, "answer"))
    assert "446 in" in run.stdout
    rows = Database(f"sqlite:///{tmp_path}/{DATABASE_FILE}").query(
        "SELECT trace_id, outcome FROM exchanges ORDER BY started_at"
    )
    assert [row["outcome"] for row in rows] == ["ok", "blocked_input"]
    assert _field(run.stdout, "trace id") == rows[0]["trace_id"]
    shown = re.search(
        rf"^    ({re.escape(sys.executable)} -m .*)\n((?:    .*\n)+)", run.stdout, flags=re.MULTILINE
    )
    assert shown
    again = subprocess.run(
        shown.group(1), shell=True, cwd=tmp_path, env=_environ(), capture_output=True, text=True, check=True
    )
    assert again.stdout.splitlines() == [line.strip() for line in shown.group(2).splitlines()]
    assert _living_in(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_stays_up_until_it_is_told_to_end(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    output = tmp_path / "output"
    with output.open("wb") as stream:
        demo = subprocess.Popen(_command("--port", str(port)), cwd=tmp_path, env=_environ(), stdout=stream)
    deadline = time.monotonic() + _RUN_S
    while "Your turn" not in output.read_text() and time.monotonic() < deadline:
        assert demo.poll() is None, output.read_text()
        time.sleep(0.1)
    assert answers(port, "/readyz")
    demo.send_signal(number)
    assert demo.wait(30) == 0
    assert "Stopped." in output.read_text()
    assert not answers(port, "/readyz")
    assert _living_in(tmp_path) == []


def test_a_taken_port_is_said_and_replaced_and_a_named_provider_is_asked(
    tmp_path: Path, model_url: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = _run(tmp_path, "--port", str(port), OPENAI_BASE_URL=model_url, OPENAI_MODEL=MODEL)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{port} is taken" in run.stdout
    assert "SmolLM2" not in run.stdout
    assert "200 in" in run.stdout


def test_what_does_not_start_is_said_with_the_end_of_its_log(tmp_path: Path) -> None:
    run = _run(tmp_path, OPENAI_BASE_URL="no-such-scheme://nowhere")
    assert run.returncode == 1
    assert "The demo did not get through: Handrail ended with status" in run.stderr
    assert "base_url" in run.stderr
    assert _living_in(tmp_path) == []
