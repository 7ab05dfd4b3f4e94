"""How much sooner the whole gateway answers what is in the cache: hits beside misses, one run.

    python -m tests.bench.cached_answers

The upstream answers at once with bytes that it has ready, so whatever a provider takes comes on top of every
miss. "on" is with guardrails, traces and bodies on record, as in `make bench`.

Time: one connection; hits and misses take turns, so that a busy machine slows both, with a pause before each,
so that none waits for what the one before left to be done later; what is shown is the tenth percentile, which
other processes disturb least. CPU: of the whole process tree, records and export included, in blocks of hits
and of misses that take turns; a busy machine changes it little.

The bound is half, of the time. All that a hit shares with a miss counts against it: ids, trace and row, and
of a stream reading, screening and its events. What it saves is the call, and for a whole answer that comes
again to the same bytes reading and screening, too (`app/repeats.py`).
"""

import contextlib
import itertools
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
from tests.bench.load import cpu_seconds, question
from tests.servers import Service, serve

ROUNDS, WARM_UP = 500, 100
BLOCKS, BLOCK = 5, 200
_PAUSE_S = 0.002
_SETTLE_S = 0.2
"""Behind a block: longer than rows wait for each other."""
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


def _bodies(shape: str, run: str, count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield a body that was asked before (but for the first), and one that was not."""
    document: dict[str, Any] = json.loads(question("bench", stream=shape == "streamed"))
    known = json.dumps(document | {"user_of": run}).encode()
    for number in range(count):
        yield known, json.dumps(document | {"user_of": run, "seed": number}).encode()


def _measure(port: int, shape: str, run: str) -> tuple[float, float]:
    """Return what hits and misses take, in seconds."""
    hits: list[float] = []
    misses: list[float] = []
    with contextlib.closing(Caller(port)) as caller:
        for known, new in _bodies(shape, run, WARM_UP + ROUNDS):
            for body, times, status in ((new, misses, b"MISS"), (known, hits, b"HIT")):
                time.sleep(_PAUSE_S)
                seconds, head = caller.ask(body, shape)
                times.append(seconds)
                assert len(hits) < 2 or b"x-portkey-cache-status: " + status in head, head
    return _undisturbed(hits[WARM_UP:]), _undisturbed(misses[WARM_UP:])


def _cpu(service: Service, shape: str, run: str) -> tuple[float, float]:
    """Return the CPU that hits and misses take, in seconds."""
    spent = {b"HIT": 0.0, b"MISS": 0.0}
    bodies = _bodies(shape, f"{run}-cpu", 1 + BLOCKS * BLOCK)
    with contextlib.closing(Caller(service.port)) as caller:
        known, _ = next(bodies)
        caller.ask(known, shape)
        while block := list(itertools.islice(bodies, BLOCK)):
            for status, place in ((b"HIT", 0), (b"MISS", 1)):
                time.sleep(_SETTLE_S)
                before_s = cpu_seconds(service.process.pid)
                for pair in block:
                    head = caller.ask(pair[place], shape)[1]
                    assert b"x-portkey-cache-status: " + status in head, head
                time.sleep(_SETTLE_S)
                spent[status] += cpu_seconds(service.process.pid) - before_s
    return spent[b"HIT"] / (BLOCKS * BLOCK), spent[b"MISS"] / (BLOCKS * BLOCK)


def _undisturbed(times: list[float]) -> float:
    """Return the tenth percentile: what it takes when nobody else has the core."""
    return statistics.quantiles(times, n=10)[0]


def main() -> int:
    """Print the table; the status is 1 if a hit takes half of the time of a miss or more."""
    worst = 0.0
    print(f"bound: a hit takes less than {BOUND} of the time of a miss")
    print(
        f"{'setting':>8} {'answer':>9} {'hit ms':>8} {'miss ms':>8} {'ratio':>6} {'CPU us':>14} {'ratio':>6}"
    )
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
                        hit_cpu_s, miss_cpu_s = _cpu(service, shape, setting)
                        ratio = hit_s / miss_s
                        worst = max(worst, ratio)
                        said = "held" if ratio < BOUND else "NOT HELD"
                        cpu = f"{hit_cpu_s * 1e6:.0f} / {miss_cpu_s * 1e6:.0f}"
                        print(
                            f"{setting:>8} {shape:>9} {hit_s * 1e3:8.3f} {miss_s * 1e3:8.3f} {ratio:6.2f} "
                            f"{cpu:>14} {hit_cpu_s / miss_cpu_s:6.2f}  {said}",
                            flush=True,
                        )
    return int(worst >= BOUND)


if __name__ == "__main__":
    sys.exit(main())
