"""Where the time goes: py-spy samples the service under load, and this counts its samples by function.

Samples are taken of running threads only, so shares are shares of CPU time. py-spy is no dependency of the
project: it reads another process's memory and wants to be installed on purpose (`pip install py-spy`).
"""

import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

_RATE_HZ = 500
_SHOWN = 30


def sample(pid: int, load: Callable[[], None], seconds: int, file: Path) -> list[str]:
    """Sample a process and its children while `load` runs, and return the report, a line a function."""
    command = ["py-spy", "record", "--pid", str(pid), "--subprocesses", "--format", "raw", "--threads"]
    options = ["--duration", str(seconds), "--rate", str(_RATE_HZ), "--output", str(file)]
    with subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as sampler:
        load()
        _, said = sampler.communicate(timeout=seconds + 30)
    if sampler.returncode or not file.exists():
        return [f"py-spy failed: {said.decode(errors='replace').strip()}"]
    return report(file.read_text().splitlines())


def report(stacks: Iterable[str]) -> list[str]:
    """Count collapsed stacks (`outer;inner COUNT`) by function: alone, and with what it calls."""
    alone: Counter[str] = Counter()
    inclusive: Counter[str] = Counter()
    threads: Counter[str] = Counter()
    for stack in stacks:
        path, _, count = stack.rpartition(" ")
        frames = [_function(frame) for frame in path.split(";")]
        if not frames:
            continue
        alone[frames[-1]] += int(count)
        for frame in set(frames):
            inclusive[frame] += int(count)
        threads.update({frame: int(count) for frame in frames if frame.startswith("thread ")})
    total = max(alone.total(), 1)
    lines = ["  share  by thread"]
    lines += [f"  {count / total:5.1%}  {name}" for name, count in threads.most_common()]
    for title, counts in (("by function alone", alone), ("by function with what it calls", inclusive)):
        lines.append(f"  share  {title}")
        lines += [f"  {count / total:5.1%}  {name}" for name, count in counts.most_common(_SHOWN)]
    return lines


def _function(frame: str) -> str:
    """Return `function (file)` without line and without the way to where packages are installed."""
    name, _, place = frame.partition(" (")
    if not place:
        return frame
    file = place.rstrip(")").rpartition(":")[0]
    return f"{name} ({file.rpartition('site-packages/')[2]})"
