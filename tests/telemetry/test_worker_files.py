import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from telemetry import instruments as of
from telemetry.instruments import Instrument
from telemetry.metrics import Labels, Metrics, Snapshot
from telemetry.worker_files import WorkerFiles, shared_folder
from tests.telemetry.logs import KeptLog

_DYING = """
import os, signal, sys
from pathlib import Path
from telemetry import instruments as of
from telemetry.metrics import Metrics
from telemetry.worker_files import WorkerFiles
metrics = Metrics()
metrics.ask(lambda: iter([(of.WORKERS, (), 1.0)]))
metrics.add(of.CHARACTERS, ("received",), 100)
files = WorkerFiles(Path(sys.argv[1]), metrics)
files.start()
print("started", flush=True)
sys.stdin.read()
"""


def alive() -> Iterator[tuple[Instrument, Labels, float]]:
    yield of.WORKERS, (), 1.0


def joined(folder: Path, received: float = 0) -> tuple[Metrics, WorkerFiles]:
    metrics = Metrics()
    metrics.ask(alive)
    metrics.add(of.CHARACTERS, ("received",), received)
    files = WorkerFiles(folder, metrics)
    files.start()
    return metrics, files


def figures(snapshot: Snapshot) -> tuple[float, float]:
    """Return how many workers there are, and how many characters they received."""
    workers = snapshot.get(of.WORKERS.name)
    return workers[0].value if workers else 0, snapshot[of.CHARACTERS.name][0].value


def test_whoever_is_asked_tells_of_all_that_live(tmp_path: Path) -> None:
    one, ones = joined(tmp_path, 1)
    _, others = joined(tmp_path, 10)
    assert figures(ones.together()) == figures(others.together()) == (2, 11)
    one.add(of.CHARACTERS, ("received",), 5)
    assert figures(ones.together()) == (2, 16)
    assert figures(others.together()) == (2, 16), "what one has told, another does not go behind"
    ones.stop()
    assert figures(others.together()) == (1, 16)
    others.stop()


def test_what_a_killed_worker_counted_stays_and_the_folder_stays_small(tmp_path: Path) -> None:
    _, files = joined(tmp_path, 1)
    for died in range(1, 4):
        process = subprocess.Popen(
            (sys.executable, "-c", _DYING, str(tmp_path)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"started\n"
            assert figures(files.together()) == (2, 1 + 100 * died)
            os.kill(process.pid, signal.SIGKILL)
        assert figures(files.together()) == (1, 1 + 100 * died)
    _, last = joined(tmp_path, 1)
    assert figures(last.together()) == figures(files.together()) == (2, 302)
    assert len(list(tmp_path.glob("*.json"))) == 3, "two that live, and one for all the dead"
    for one in (files, last):
        one.stop()
        one.stop()


def test_where_nothing_can_be_written_each_tells_of_itself(tmp_path: Path) -> None:
    metrics, files = joined(tmp_path, 1)
    (tmp_path / f"{files._name}.draft").mkdir()  # so that no file can be written there
    metrics.add(of.CHARACTERS, ("received",), 5)
    assert figures(files.together()) == (1, 6)
    (tmp_path / f"{files._name}.draft").rmdir()
    files.stop()


def test_a_service_that_starts_removes_what_killed_ones_left(tmp_path: Path) -> None:
    left, young, lived_in, foreign = (tmp_path / f"handrail-metrics-{name}" for name in "abcd")
    for folder in (left, young, lived_in):
        folder.mkdir()
        (folder / "1-a.lock").touch()
    (left / "1-a.json").write_text("{}")
    foreign.symlink_to(young)
    _, files = joined(lived_in)
    for folder in (left, lived_in):
        os.utime(folder, (1, 1))
    os.utime(foreign, (1, 1), follow_symlinks=False)
    with shared_folder(KeptLog(), tmp_path):
        assert not left.exists()
        assert all(folder.exists() for folder in (young, lived_in, foreign))
    files.stop()


def test_a_service_has_a_folder_for_its_workers_as_long_as_it_runs(tmp_path: Path) -> None:
    log = KeptLog()
    with shared_folder(log, tmp_path) as folder:
        assert folder is not None
        _, files = joined(folder, 1)
        files.stop()
    assert not list(tmp_path.iterdir())
    assert not log.lines
    with shared_folder(log, tmp_path / "nowhere") as folder:
        assert folder is None
    assert [event for _, event, _ in log.lines] == ["metrics_not_shared"]
