"""rotel, a collector in Rust: a second reading of what we send, by code that shares nothing with the SDK's.

It comes as a program inside a wheel, listens for OTLP over HTTP and gRPC, and writes down what it understood.
"""

import contextlib
import importlib.util
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.servers import free_port

_START_S = 30.0
_WAIT_S = 30.0
_POLL_S = 0.05


class SpanShown(msgspec.Struct):
    """A span as rotel shows it."""

    trace_id: str = ""
    span_id: str = ""
    parent_id: str = ""
    name: str = ""
    kind: str = ""
    status: str = ""
    attributes: dict[str, str] = {}
    """Values as rotel writes them: `Str(openai)`, `Int(9)`, `Bool(true)`, `Slice(Str(stop))`."""


class Rotel:
    """A running rotel.

    Args:
        http_port: where it listens for OTLP over HTTP.
        grpc_port: where it does over gRPC.
        written: file with what it wrote.
    """

    def __init__(self, http_port: int, grpc_port: int, written: Path) -> None:
        self.ports = (http_port, grpc_port)
        self._written = written

    def endpoint(self, protocol: str) -> str:
        """Return the address for a protocol of OTLP's."""
        return f"http://127.0.0.1:{self.ports[protocol == 'grpc']}"

    def trace(self, trace_id: str, spans: int) -> Sequence[SpanShown]:
        """Return the spans of a trace once so many are there, in the order in which they came.

        Raises:
            AssertionError: they do not come.
        """
        deadline = time.monotonic() + _WAIT_S
        while time.monotonic() < deadline:
            shown = [one for one in shown_spans(self.written()) if one.trace_id == trace_id]
            if len(shown) >= spans:
                return shown
            time.sleep(_POLL_S)
        raise AssertionError(f"rotel does not show {spans} spans of {trace_id}:\n{self.written()}")

    def written(self) -> str:
        """Return what it wrote so far."""
        return self._written.read_text(errors="replace")


@contextlib.contextmanager
def rotel(folder: Path) -> Iterator[Rotel]:
    """Run rotel until the block ends.

    Args:
        folder: for what it writes.
    """
    http_port, grpc_port = free_port(), free_port()
    running = Rotel(http_port, grpc_port, folder / "rotel.log")
    command = [
        *(_program(), "start", "--exporter", "blackhole"),
        *("--otlp-http-endpoint", f"127.0.0.1:{http_port}", "--otlp-grpc-endpoint", f"127.0.0.1:{grpc_port}"),
        *("--debug-log", "traces", "--debug-log-verbosity", "detailed"),
        *("--pid-file", str(folder / "rotel.pid"), "--log-file", str(folder / "rotel-agent.log")),
    ]
    with (folder / "rotel.log").open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        for port in running.ports:
            _wait_for(port, process, running)
        yield running
    finally:
        process.terminate()
        process.wait(10)


def shown_spans(text: str) -> Iterator[SpanShown]:
    """Yield the spans in what rotel writes with `--debug-log traces --debug-log-verbosity detailed`."""
    for block in re.split(r"^(?:Span|ResourceSpans) #\d+\n", text, flags=re.MULTILINE)[1:]:
        fields = dict(re.findall(r"^(?:    )?(\w[\w ]*?) *: (.*)$", block, flags=re.MULTILINE))
        if "Trace ID" not in fields:
            continue
        own = block.partition("\nEvents:\n")[0].partition("Attributes:\n")[2]
        yield SpanShown(
            trace_id=fields["Trace ID"],
            span_id=fields["ID"],
            parent_id=fields["Parent ID"],
            name=fields["Name"],
            kind=fields["Kind"],
            status=fields["Status code"],
            attributes=dict(re.findall(r"^     -> ([^:]+): (.*)$", own, flags=re.MULTILINE)),
        )


def _program() -> str:
    spec = importlib.util.find_spec("rotel")
    if spec is None or spec.origin is None:
        pytest.skip("rotel is not there for this Python or this machine (pyproject.toml says for which)")
    return str(Path(spec.origin).parent / "rotel-agent")


def _wait_for(port: int, process: subprocess.Popen[bytes], running: Rotel) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, f"rotel ended with {process.returncode}:\n{running.written()}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(_POLL_S)
    raise AssertionError(f"rotel does not listen after {_START_S:g} s:\n{running.written()}")
