"""What a process uses, and what it is: read from the kernel when somebody asks."""

import os
import platform
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from telemetry import instruments as of
from telemetry.instruments import Instrument
from telemetry.metrics import Labels, Source

_STATM = Path("/proc/self/statm")
_OPEN_FILES = Path("/proc/self/fd")


def process_source(version: str) -> Source:
    """Return what tells of this process.

    Args:
        version: of Handrail.
    """
    started_s = time.monotonic()
    page_bytes = os.sysconf("SC_PAGE_SIZE")

    def source() -> Iterator[tuple[Instrument, Labels, float]]:
        yield of.CPU_TIME, (), time.process_time()
        yield of.UPTIME, (), time.monotonic() - started_s
        yield of.MEMORY, (), _resident_bytes(page_bytes)
        if _OPEN_FILES.is_dir():
            yield of.OPEN_FILES, (), len(os.listdir(_OPEN_FILES))  # noqa: PTH208 (names are all that is asked)
        yield of.WORKERS, (), 1
        yield of.BUILD, (version, platform.python_version()), 1

    return source


def _resident_bytes(page_bytes: int) -> float:
    """Return the resident memory; where there is no `/proc`, the most that it ever was."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * page_bytes
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
