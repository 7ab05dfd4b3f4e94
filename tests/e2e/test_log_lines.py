"""Every line that a running service writes is one of ours: also what libraries, server, interpreter say.

What they would say by chance is made to be said: a module that Python loads at each start waits for a file,
in the process that watches and in its worker, and then lets all of them speak.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.servers import Service, free_port, serve

_ROOT = Path(__file__).resolve().parents[2]
_WAIT_S = 60.0
SPEAKERS = ("httpx", "aiohttp.client", "sqlalchemy.engine", "opentelemetry.sdk.trace", "asyncio", "_granian")
SPEAKING = f"""
import asyncio, gc, logging, os, pathlib, threading, time, warnings

class Dying:
    def __del__(self):
        raise KeyError("sk-secret")

async def forgotten():
    asyncio.get_running_loop().create_task(failing())
    await asyncio.sleep(0.01)
    gc.collect()

async def failing():
    raise ValueError("sk-secret")

def speak():
    warnings.warn("a library is old", UserWarning)
    for name in {SPEAKERS!r} + ("granian.access",):
        logging.getLogger(name).warning("said by %s\\nin two lines", name)
    try:
        int("sk-secret")
    except ValueError:
        logging.getLogger("any.library").exception("caught")
    asyncio.run(forgotten())
    dying = Dying()
    del dying
    raise RuntimeError("sk-secret")

def wait():
    while not pathlib.Path("speak").exists():
        time.sleep(0.05)
    speak()

def begin():
    threading.Thread(target=wait, name="stray", daemon=True).start()

def break_():
    import app.main
    def build(*_arguments):
        raise RuntimeError("sk-secret")
    app.main.build = build

if os.environ.get("SPEAKS"):
    begin()
    os.register_at_fork(after_in_child=begin)
if os.environ.get("BREAKS"):
    os.register_at_fork(after_in_child=break_)
"""
TOLD = (
    *("a library is old", "caught", "Task exception was never retrieved"),
    *(f"said by {name}" for name in SPEAKERS),
    *("thread_ended_by_an_exception", "exception_nobody_can_catch"),
)
TERMINAL = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z \[(?:debug|info|warning|error|critical) *\] \S|    |$")


def environ_of(folder: Path, **more: str) -> dict[str, str]:
    (folder / "sitecustomize.py").write_text(SPEAKING)
    return {"PYTHONPATH": f"{folder}:{_ROOT}", **more}


def until(happened: Callable[[], bool], service: Service) -> None:
    deadline = time.monotonic() + _WAIT_S
    while not happened():
        assert time.monotonic() < deadline, service.output()
        time.sleep(0.1)


def assert_ours(text: str) -> list[dict[str, Any]]:
    lines = []
    for line in text.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            raise AssertionError(f"no line of ours: {line!r} in\n{text}") from None
        assert list(lines[-1])[:4] == ["timestamp", "level", "logger", "event"], line
    assert "sk-secret" not in text
    return lines


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def let_all_speak(service: Service, folder: Path) -> None:
    """Ask, let everybody speak in both processes, and kill the worker."""
    question = {"model": "nobody", "messages": [{"role": "user", "content": "hi"}]}
    assert httpx.post(f"{service.url}/v1/chat/completions", json=question, timeout=20).status_code == 404
    assert httpx.post(f"{service.url}/v1/chat/completions", content=b"{", timeout=20).status_code == 415
    (folder / "speak").touch()
    until(lambda: all(service.output().count(words) >= 2 for words in TOLD), service)
    (folder / "speak").unlink()
    before = children_of(service.process.pid)
    for worker in before:
        if b"resource_tracker" not in Path(f"/proc/{worker}/cmdline").read_bytes():
            os.kill(worker, signal.SIGKILL)
    until(lambda: "Unexpected exit from worker-1" in service.output(), service)
    service.wait_ready()


def test_every_line_of_a_service_is_json_with_our_keys(tmp_path: Path) -> None:
    with serve("log: {format: json}", tmp_path, environ=environ_of(tmp_path, SPEAKS="1")) as service:
        let_all_speak(service, tmp_path)
        service.stop()
        lines = assert_ours(service.output())
    events = [line["event"] for line in lines]
    assert {"exchange", "not_guarded"} <= {*events}
    assert events.count("serving") == 1, "a worker that comes again is no news"
    strays = [line for line in lines if line["event"] == "thread_ended_by_an_exception"]
    assert {line["thread"] for line in strays} == {"stray"}
    assert {line["exception"][0]["exc_type"] for line in strays} == {"RuntimeError"}


def test_every_line_for_a_terminal_is_of_one_shape(tmp_path: Path) -> None:
    with serve("log: {format: pretty}", tmp_path, environ=environ_of(tmp_path, SPEAKS="1")) as service:
        let_all_speak(service, tmp_path)
        service.stop()
        for line in service.output().splitlines():
            assert TERMINAL.match(line), f"no line of ours: {line!r}"
        assert "sk-secret" not in service.output()


def test_a_worker_that_cannot_start_is_lines_of_ours_too(tmp_path: Path) -> None:
    file = tmp_path / "handrail.yaml"
    file.write_text("log: {format: json}")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "HANDRAIL_"))}
    run = subprocess.run(
        [sys.executable, "-m", "app", "serve", "--config", str(file), "--port", str(free_port())],
        cwd=tmp_path,
        env=clean | environ_of(tmp_path, BREAKS="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_WAIT_S,
        check=False,
    )
    assert run.returncode == 1
    lines = assert_ours(run.stdout)
    assert [line["exception"][0]["exc_type"] for line in lines if line["event"] == "worker_not_started"]
    assert lines[-1]["event"] == "Worker crash loop detected, exiting"
    assert "serving" not in [line["event"] for line in lines], "nobody ever listened"
