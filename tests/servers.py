"""The real service in its own process, on a free port, for tests that speak to sockets."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

_START_S = 60.0
_STOP_S = 15.0
_ROOT = Path(__file__).resolve().parent.parent


class Service:
    """A running Handrail.

    Args:
        process: started by `serve`.
        port: where it listens on 127.0.0.1.
        log: file with what it wrote to standard output and standard error.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log = log

    def output(self) -> str:
        """Return what it wrote so far."""
        return self._log.read_text(errors="replace")

    def wait_ready(self) -> None:
        """Return once `/readyz` says 200.

        Raises:
            AssertionError: if it ended, or was not ready in time; the message holds its output.
        """
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (
                f"handrail ended with {self.process.returncode}:\n{self.output()}"
            )
            with contextlib.suppress(OSError, HTTPException):
                connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
                with contextlib.closing(connection):
                    connection.request("GET", "/readyz")
                    if connection.getresponse().status == 200:
                        return
            time.sleep(0.05)
        raise AssertionError(f"handrail was not ready in {_START_S} s:\n{self.output()}")

    def kill(self) -> None:
        """End it and its workers at once, as a machine that loses its power does."""
        os.killpg(self.process.pid, signal.SIGKILL)  # it leads a session of its own
        self.process.wait()

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """End it and return its exit status; records are flushed then. A second call does nothing."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
            try:
                self.process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
                raise AssertionError(f"handrail did not stop in {_STOP_S} s:\n{self.output()}") from None
        return self.process.returncode


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def serve(
    config: str,
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    arguments: tuple[str, ...] = (),
) -> Iterator[Service]:
    """Run `handrail serve` until the block ends.

    Args:
        config: text of `handrail.yaml`; its port is overridden. Relative paths in it start in `folder`.
        folder: an empty folder: working directory, configuration, log.
        environ: variables beside those of this process; `OPENAI_*`, `HANDRAIL_*`, `OTEL_*` are not inherited.
        arguments: further arguments of `handrail serve`.
    """
    file = folder / "handrail.yaml"
    file.write_text(config, encoding="utf-8")
    port = free_port()
    command = (*_HANDRAIL, "serve", "--config", str(file), "--port", str(port), *arguments)
    log = folder / "handrail.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_clean_environ() | {"PYTHONPATH": str(_ROOT)} | dict(environ or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    service = Service(process, port, log)
    try:
        service.wait_ready()
        yield service
    finally:
        service.stop()


_HANDRAIL = (sys.executable, "-m", "app")


def _clean_environ() -> dict[str, str]:
    """Return what a service inherits. Its bytecode is kept: else half of each start is compiling."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "HANDRAIL_", "OTEL_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    return inherited | {"PYTHONPYCACHEPREFIX": str(Path(sys.prefix, "bytecode"))}
