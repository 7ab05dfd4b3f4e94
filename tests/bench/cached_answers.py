"""How much sooner the whole gateway answers what is in the cache: hits beside misses, one run.

    python -m tests.bench.cached_answers

The upstream answers at once with bytes that it has ready, so whatever a provider takes comes on top of every
miss. One connection; hits and misses take turns, so that a busy machine slows both; what is shown is the
tenth percentile, which other processes disturb least. "on" is with guardrails, traces and bodies on record,
as in `make bench`.
"""

import contextlib
import json
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.gateway import _OFF, _ON, _PROVIDERS
from tests.bench.instant import instant_upstream
from tests.bench.load import question
from tests.servers import serve

ROUNDS, WARM_UP = 1_500, 200
BOUND = 0.5
"""A hit is to be answered in under half of the time of a miss."""
_CACHE = """
configs:
  whole: {provider: "@whole", cache: {mode: simple}}
  streamed: {provider: "@streamed", cache: {mode: simple}}
"""


class Caller:
    """One connection that is kept, and nothing between it and the bytes."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._port = port

    def ask(self, body: bytes, config: str) -> tuple[float, bytes]:
        """Return the seconds until the last byte, and the head of the answer."""
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{self._port}\r\n"
            f"content-type: application/json\r\nx-portkey-config: {config}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        start_s = time.perf_counter()
        self._socket.sendall(head.encode() + body)
        received = b""
        while not _is_whole(received):
            piece = self._socket.recv(262_144)
            assert piece, "the gateway closed the connection"
            received += piece
        return time.perf_counter() - start_s, received.partition(b"\r\n\r\n")[0]

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def _is_whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return body.endswith(b"0\r\n\r\n")


def _bodies(shape: str, run: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield a body that was asked before (but for the first), and one that was not."""
    document: dict[str, Any] = json.loads(question("bench", stream=shape == "streamed"))
    known = json.dumps(document | {"user_of": run}).encode()
    for number in range(WARM_UP + ROUNDS):
        yield known, json.dumps(document | {"user_of": run, "seed": number}).encode()


def _measure(port: int, shape: str, run: str) -> tuple[float, float]:
    """Return what hits and misses take, in seconds."""
    hits: list[float] = []
    misses: list[float] = []
    with contextlib.closing(Caller(port)) as caller:
        for known, new in _bodies(shape, run):
            for body, times, status in ((new, misses, b"MISS"), (known, hits, b"HIT")):
                seconds, head = caller.ask(body, shape)
                times.append(seconds)
                assert len(hits) < 2 or b"x-portkey-cache-status: " + status in head, head
    return _undisturbed(hits[WARM_UP:]), _undisturbed(misses[WARM_UP:])


def _undisturbed(times: list[float]) -> float:
    """Return the tenth percentile: what it takes when nobody else has the core."""
    return statistics.quantiles(times, n=10)[0]


def main() -> int:
    """Print the table; the status is 1 if a hit takes half of the time of a miss or more."""
    worst = 0.0
    print(f"{'setting':>8} {'answer':>9} {'hit ms':>8} {'miss ms':>8} {'ratio':>6}")
    with tempfile.TemporaryDirectory(prefix="handrail-bench-") as name:
        folder = Path(name)
        with instant_upstream() as upstream:
            for setting, more in (("on", _ON), ("off", _OFF)):
                home = folder / setting
                home.mkdir()
                environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{upstream}"}
                with serve(
                    _PROVIDERS.format(port=upstream) + _CACHE + more,
                    home,
                    environ=environ if setting == "on" else {},
                ) as service:
                    for shape in ("whole", "streamed"):
                        hit_s, miss_s = _measure(service.port, shape, setting)
                        worst = max(worst, hit_s / miss_s)
                        print(
                            f"{setting:>8} {shape:>9} {hit_s * 1e3:8.3f} {miss_s * 1e3:8.3f} "
                            f"{hit_s / miss_s:6.2f}"
                        )
    return int(worst >= BOUND)


if __name__ == "__main__":
    sys.exit(main())
