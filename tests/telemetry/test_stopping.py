import threading
import time
from collections.abc import Iterator

import pytest

from telemetry.stopping import SHUTDOWN_TIMEOUT_S, stop_together
from tests.telemetry.logs import KeptLog

HOUR_S = 3600.0


class Sending:
    """Finishes when it is let, or when it is given up."""

    def __init__(self, *, dead: bool, name: str = "9 spans") -> None:
        self.name = name
        self.let = threading.Event()
        self.given_up = threading.Event()
        self.finished = threading.Event()
        if not dead:
            self.let.set()

    def finish(self) -> None:
        self.let.wait(10)
        self.finished.set()

    def give_up(self) -> None:
        self.given_up.set()
        self.let.set()

    def unsent(self) -> str:
        return self.name


@pytest.fixture
def dead() -> Iterator[tuple[Sending, ...]]:
    senders = tuple(Sending(dead=True, name=name) for name in ("9 spans", "metrics", "2 spans"))
    yield senders
    for one in senders:
        one.let.set()


def test_all_that_can_finish_do_and_nothing_is_given_up() -> None:
    log, senders = KeptLog(), [Sending(dead=False), Sending(dead=False)]
    assert stop_together(senders, 10, log=log)
    assert all(one.finished.is_set() and not one.given_up.is_set() for one in senders)
    assert not log.lines


def test_the_dead_have_one_deadline_together(dead: tuple[Sending, ...]) -> None:
    readings = iter([0.0, HOUR_S, HOUR_S, HOUR_S])  # the hour is over when the first has been waited for
    begun = time.monotonic()
    assert not stop_together(dead, HOUR_S, clock=lambda: next(readings))
    assert time.monotonic() - begun < 5, "none was given a time of its own"
    assert all(one.given_up.wait(5) and one.finished.wait(5) for one in dead)


def test_the_dead_end_beside_one_another(dead: tuple[Sending, ...]) -> None:
    begun = time.monotonic()
    assert not stop_together(dead, 0.5)
    assert 0.4 < time.monotonic() - begun < 1.4, "0.5 s once, not three times"


def test_one_that_is_dead_keeps_no_other_from_finishing(dead: tuple[Sending, ...]) -> None:
    log, good = KeptLog(), Sending(dead=False)
    assert not stop_together([*dead, good], 0.2, log=log)
    assert good.finished.is_set()
    assert not good.given_up.is_set()
    assert log.lines == [
        ("warning", "telemetry given up at the end", {"lost": "9 spans, metrics, 2 spans"})
    ], "what is lost is said"


def test_a_give_up_that_hangs_is_not_waited_for() -> None:
    class Stuck(Sending):
        def give_up(self) -> None:
            self.given_up.set()
            threading.Event().wait(10)

    stuck, begun = Stuck(dead=True), time.monotonic()
    assert not stop_together([stuck], 0.05)
    assert stuck.given_up.wait(5)
    assert time.monotonic() - begun < 5
    stuck.let.set()


def test_the_time_leaves_a_second_of_three_to_the_service() -> None:
    assert SHUTDOWN_TIMEOUT_S <= 2.0
