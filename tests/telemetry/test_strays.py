import sys
import threading
from collections.abc import Iterator

import pytest

from telemetry.strays import report_strays
from tests.telemetry.logs import KeptLog


@pytest.fixture
def log() -> Iterator[KeptLog]:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    kept = KeptLog()
    report_strays(kept)
    yield kept
    sys.excepthook, threading.excepthook, sys.unraisablehook = before


def failing() -> None:
    raise ValueError("sk-secret")


def test_a_thread_that_dies_of_an_exception_is_a_line(
    log: KeptLog, capfd: pytest.CaptureFixture[str]
) -> None:
    thread = threading.Thread(target=failing, name="shipping")
    thread.start()
    thread.join()

    ((level, event, fields),) = log.lines
    assert (level, event, fields["thread"]) == ("error", "thread_ended_by_an_exception", "shipping")
    assert isinstance(fields["exc_info"], ValueError)
    assert not capfd.readouterr().err


def test_a_thread_that_ends_itself_is_none(log: KeptLog) -> None:
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()

    assert not log.lines


def test_an_exception_in_a_destructor_is_a_line(log: KeptLog, capfd: pytest.CaptureFixture[str]) -> None:
    class Dying:
        def __del__(self) -> None:
            failing()

    dying = Dying()
    del dying

    ((level, event, fields),) = log.lines
    assert (level, event) == ("error", "exception_nobody_can_catch")
    assert fields["place"].endswith("Dying.__del__")
    assert not capfd.readouterr().err


def test_an_exception_that_ends_the_program_is_a_line(
    log: KeptLog, capfd: pytest.CaptureFixture[str]
) -> None:
    error = ValueError("sk-secret")
    sys.excepthook(ValueError, error, None)

    assert log.lines == [("error", "ended_by_an_exception", {"exc_info": error})]
    assert not capfd.readouterr().err


def test_whoever_interrupts_the_program_sees_what_python_shows(
    log: KeptLog, capfd: pytest.CaptureFixture[str]
) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    assert not log.lines
    assert "KeyboardInterrupt" in capfd.readouterr().err
