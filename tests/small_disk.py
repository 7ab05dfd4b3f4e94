"""A file system of a few megabytes that is really full when it is, and can be made larger."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path


class SmallDisk:
    """A mounted one, in memory.

    Args:
        path: where.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def grow(self, megabytes: int) -> None:
        """Give it so much room in all, while it is in use."""
        _run("mount", "-o", f"remount,size={megabytes}m", str(self.path))


@contextlib.contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount one in a new folder, which takes root, and take it away."""
    path.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path))
    try:
        yield SmallDisk(path)
    finally:
        _run("umount", "--lazy", str(path))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
