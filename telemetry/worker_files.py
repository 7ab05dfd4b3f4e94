"""The metrics of all workers together, whichever of them is asked.

Workers share a port and a scrape reaches one of them. So each keeps its metrics in a file of one folder,
every second and whenever it is asked, and whoever is asked adds up all files. A worker that has died has no
gauges any more, but what it counted stays, or its counters would go back. Who lives is known by a lock that
ends with its process, not by a number that may be somebody else's by then. A worker that starts folds what
the dead left into one file, so that however many die the folder stays small. A service that starts
removes the folders of those that were killed.

Locks: `.folder` is held shared by readers and alone by whoever folds; files are replaced whole.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from telemetry.log import Log
from telemetry.metrics import Metrics, Snapshot, lasting, merged

WRITE_EVERY_S = 1.0
_DEAD = "dead.json"
_FOLDER_LOCK = ".folder"
_PREFIX = "handrail-metrics-"
_LEFT_AFTER_S = 600.0
"""A folder in which nobody has written for so long, and nobody lives, is of a service that was killed."""


@contextlib.contextmanager
def shared_folder(log: Log, within: Path | None = None) -> Iterator[Path | None]:
    """Make a folder for the workers of one service, and remove it.

    Args:
        log: is told if there can be none; then each worker tells of itself alone.
        within: where to make it; None: where temporary files are.
    """
    try:
        _remove_left(Path(tempfile.gettempdir()) if within is None else within)
        made = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=within)
    except OSError as error:
        log.warning("metrics_not_shared", reason=f"no folder for temporary files: {error.strerror or error}")
        yield None
        return
    with made as folder:
        yield Path(folder)


class _Left(msgspec.Struct):
    """What the dead left."""

    folded: list[str] = []
    """Whose files are in `snapshot`, and may not have been removed yet."""
    snapshot: Snapshot = {}


class WorkerFiles:
    """One worker's part in a folder.

    Args:
        folder: the same for all workers of one service, and for nobody else.
        metrics: of this worker.
    """

    def __init__(self, folder: Path, metrics: Metrics) -> None:
        self._folder = folder
        self._metrics = metrics
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._alive = -1
        self._stopping = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="metrics file", daemon=True)

    def start(self) -> None:
        """Join. Blocks for some milliseconds."""
        self._alive = os.open(self._folder / f"{self._name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        self._fold()
        self.write()
        self._thread.start()

    def stop(self) -> None:
        """Leave what was counted, and go."""
        if self._alive >= 0:
            self._stopping.set()
            self._thread.join()
            self.write()
            os.close(self._alive)
            self._alive = -1

    def write(self) -> None:
        """Put down how things stand."""
        with self._writing:
            _replace(self._folder / f"{self._name}.json", msgspec.json.encode(self._metrics.collect()))
            for name in (f"{self._name}.lock", _DEAD):  # lest they be cleared away as old
                with contextlib.suppress(FileNotFoundError):
                    os.utime(self._folder / name)

    def together(self) -> Snapshot:
        """Return the metrics of all workers. What this one says now, no later answer goes behind.

        Where the disk takes nothing, this one's are as they are now all the same.
        """
        with contextlib.suppress(OSError):
            self.write()
        with self._locked(fcntl.LOCK_SH):
            left = self._left()
            snapshots = {_DEAD: left.snapshot}
            for name in self._names() - set(left.folded):
                with contextlib.suppress(FileNotFoundError):
                    snapshots[name] = self._metrics.collect() if name == self._name else self._read(name)
            return merged(snapshots)

    def _read(self, name: str) -> Snapshot:
        snapshot = msgspec.json.decode((self._folder / f"{name}.json").read_bytes(), type=Snapshot)
        return snapshot if self._lives(name) else lasting(snapshot)

    def _fold(self) -> None:
        """Fold what the dead left into one file."""
        with self._locked(fcntl.LOCK_EX):
            left = self._left()
            dead = [name for name in self._names() if name != self._name and not self._lives(name)]
            new = [name for name in dead if name not in left.folded]
            if new:
                snapshots = {_DEAD: left.snapshot} | {name: self._read(name) for name in new}
                left = _Left(dead, lasting(merged(snapshots)))
                _replace(self._folder / _DEAD, msgspec.json.encode(left))
            for name in dead:
                for suffix in ("json", "lock"):
                    (self._folder / f"{name}.{suffix}").unlink(missing_ok=True)

    def _lives(self, name: str) -> bool:
        return _is_held(self._folder / f"{name}.lock")

    def _names(self) -> set[str]:
        return {path.stem for path in self._folder.glob("*.json")} - {Path(_DEAD).stem}

    def _left(self) -> _Left:
        try:
            return msgspec.json.decode((self._folder / _DEAD).read_bytes(), type=_Left)
        except FileNotFoundError:
            return _Left()

    @contextlib.contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        lock = os.open(self._folder / _FOLDER_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, how)
            yield
        finally:
            os.close(lock)

    def _run(self) -> None:
        while not self._stopping.wait(WRITE_EVERY_S):
            with contextlib.suppress(OSError):  # a full disk: the next second may be better
                self.write()


def _is_held(lock: Path) -> bool:
    """Return whether the process whose lock it is lives."""
    try:
        opened = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(opened)
    return False


def _remove_left(where: Path) -> None:
    """Remove our own folders that services left that were killed."""
    for folder in where.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else's, or somebody else was quicker
            found = folder.lstat()
            is_ours = found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode)
            is_old = time.time() - found.st_mtime > _LEFT_AFTER_S
            if is_ours and is_old and not any(map(_is_held, folder.glob("*.lock"))):
                shutil.rmtree(folder)


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)
