"""Processes that live exactly as long as the demo does.

A child gets a session of its own, so that Ctrl-C in a terminal reaches the demo alone, which then ends its
children in order. What a child says goes to a log file, whose end is shown if it dies.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_LOG_TAIL_BYTES = 2_000
_POLL_S = 0.05


class ChildFailed(RuntimeError):
    """A child ended, or did not answer in time; the message holds the end of its log."""


class Child:
    """A running program and its log.

    Args:
        name: what to call it in messages.
        command: program and arguments.
        log: where its output goes; overwritten.
        stop_s: how long it may take to end by itself when asked to.
    """

    def __init__(self, name: str, command: Sequence[str], log: Path, *, stop_s: float = 10.0) -> None:
        self.name = name
        self._log = log
        self._stop_s = stop_s
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 (own programs, fixed arguments)
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def wait_until(self, ready: Callable[[], bool], timeout_s: float) -> None:
        """Return as soon as `ready` says so.

        Raises:
            ChildFailed: if the child ended or `timeout_s` passed before that.
        """
        deadline = time.monotonic() + timeout_s
        while not ready():
            if (status := self._process.poll()) is not None:
                raise ChildFailed(f"{self.name} ended with status {status}.\n{self._log_tail()}")
            if time.monotonic() > deadline:
                raise ChildFailed(f"{self.name} did not answer within {timeout_s:g} s.\n{self._log_tail()}")
            time.sleep(_POLL_S)

    def ended(self) -> bool:
        """Return whether it is no longer running."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """End it and whatever it started: politely, then not. A second call does nothing."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if not self.ended():
            self._process.terminate()
        try:
            self._process.wait(self._stop_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):  # normally nobody is left in its group
            os.killpg(self._process.pid, signal.SIGKILL)

    def _log_tail(self) -> str:
        tail = self._log.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace").strip()
        return f"The end of {self._log}:\n{tail}" if tail else f"It said nothing ({self._log})."

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def free_port(preferred: int = 0) -> int:
    """Return `preferred` if nobody listens there on loopback, else a port that is free at this moment."""
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise ChildFailed("This machine has no free port on 127.0.0.1.")


def answers(port: int, path: str) -> bool:
    """Return whether a GET of this path on loopback is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
