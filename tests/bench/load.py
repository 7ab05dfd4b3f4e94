"""Load by wrk, and what it cost: requests and latencies as wrk counts them, CPU as the kernel does."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec

PROMPT = " ".join(
    (
        "Please read this letter and say in two sentences what it asks of us and until when to answer.",
        "It came last week from a supplier in the north with whom we have worked for eleven years by now.",
        "They say that the second quarter's order was delivered in full, while our stores count two less.",
    )
    * 6
) + (" Write to anna.keller@example.com when you are done.")
"""About 2 kB, with one e-mail address to redact."""

_SCRIPT = """
wrk.method = "POST"
wrk.body = io.open(os.getenv("BENCH_BODY")):read("*a")
wrk.headers["content-type"] = "application/json"
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\nRESULT {"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"failed":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


class Result(msgspec.Struct, frozen=True):
    """What one run of wrk says."""

    requests: int
    """Answers that arrived whole."""
    duration_us: int
    p50_us: float
    p99_us: float
    failed: int
    """Answers with a status over 399, broken connections, timeouts."""

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / (self.duration_us / 1e6)


def question(model: str, *, stream: bool) -> bytes:
    """Return the body of the request."""
    document: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": "system", "content": "You are a careful assistant."},
            {"role": "user", "content": PROMPT},
        ],
        "temperature": 0.2,
    }
    if stream:
        document |= {"stream": True, "stream_options": {"include_usage": True}}
    return json.dumps(document).encode()


def press(
    url: str, body: bytes, folder: Path, *, connections: int, seconds: float, wrapper: tuple[str, ...] = ()
) -> Result:
    """Ask the same question over and over from this many connections and return what came of it."""
    script, file = folder / "load.lua", folder / "body.json"
    script.write_text(_SCRIPT)
    file.write_bytes(body)
    command = [
        *wrapper,
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds:g}s",
        "--timeout",
        "10s",
        "-s",
        str(script),
    ]
    run = subprocess.run(
        [*command, url],
        env=os.environ | {"BENCH_BODY": str(file)},
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in run.stdout.splitlines() if line.startswith("RESULT "))
    return msgspec.json.decode(line.removeprefix("RESULT "), type=Result)


def cpu_seconds(leader: int) -> float:
    """Return the CPU time so far, user and system, of a process and all its living descendants.

    Fields 4 (parent), 14 and 15 (utime, stime, in clock ticks) of /proc/PID/stat, as proc(5) numbers them.
    """
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        pid = int(stat.parent.name)
        parents[pid], ticks[pid] = int(fields[1]), int(fields[11]) + int(fields[12])
    tree = {leader}
    while grown := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= grown
    return sum(ticks.get(pid, 0) for pid in tree) / os.sysconf("SC_CLK_TCK")


def resident_bytes(leader: int) -> int:
    """Return the resident memory of a process and its direct children."""
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in (str(leader), *children))
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")
