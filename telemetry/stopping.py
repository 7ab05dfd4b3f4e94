"""Ends all that sends telemetry, all at once and within one time for all of them together.

A collector that is dead costs whoever sends to it its whole timeout. One after another, or each with a time
of its own, they add up, and a service that is told to stop is killed before it is done. So each ends in a
thread of its own, none is waited for beyond the one deadline, and what is not sent by then is given up and
said. Giving up is not waited for either: those threads are daemons and end with the process at the latest.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from telemetry.log import Log

SHUTDOWN_TIMEOUT_S = 2.0
"""For the last batches: as long as one may take by our default (`OTEL_EXPORTER_OTLP_TIMEOUT`). A service
needs half a second or so for itself, and is stopped within three."""


class Sender(Protocol):
    """Something that sends telemetry until it is stopped."""

    def finish(self) -> None:
        """Send what is waiting and end, however long that takes."""

    def give_up(self) -> None:
        """Send nothing more: let `finish` return soon, if it is under way."""

    def unsent(self) -> str:
        """Return what is lost if it is given up now: `12 spans`."""


def stop_together(
    senders: Iterable[Sender],
    timeout_s: float = SHUTDOWN_TIMEOUT_S,
    *,
    log: Log | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Let all finish, and give up those that have not in time. Blocks for `timeout_s` at most.

    Args:
        senders: what is to end; they must stand being told once.
        timeout_s: for all together.
        log: is told what was given up.
        clock: seconds that never go back.

    Returns:
        Whether all were done in time.
    """
    deadline = clock() + timeout_s
    ending = [(sender, _begun(sender.finish)) for sender in senders]
    for _, thread in ending:
        thread.join(max(0.0, deadline - clock()))
    late = [sender for sender, thread in ending if thread.is_alive()]
    if late and log is not None:
        log.warning("telemetry given up at the end", lost=", ".join(sender.unsent() for sender in late))
    for sender in late:
        _begun(sender.give_up)
    return not late


def _begun(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name="telemetry stopping", daemon=True)
    thread.start()
    return thread
