"""The process that a service runs in: how its interpreter is tuned, and how it learns that it is to stop."""

import asyncio
import contextlib
import gc
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_SWITCH_S = 0.001
"""After how long a thread gives the interpreter's lock to another that waits for it. RE2 and SQLite release
it while they work; with CPython's default of 5 ms (sys.setswitchinterval) the event loop then waits as long
to get it back from the records' thread, and every answer that is on its way waits with it."""
_COLLECT_AFTER = (20_000, 20, 50)
"""How many objects more than before start the garbage collector, and how many of its runs a wider one. By
CPython's 700 it runs several times an exchange and finds nothing, for an exchange leaves hardly a cycle."""


@contextlib.contextmanager
def tuned_interpreter() -> Iterator[None]:
    """Let the event loop have the interpreter's lock soon, and the garbage collector look rarely."""
    earlier_s, earlier = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(_SWITCH_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    try:
        yield
    finally:
        sys.setswitchinterval(earlier_s)
        gc.set_threshold(*earlier)
        gc.unfreeze()


@contextlib.contextmanager
def told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` in the event loop on SIGTERM and SIGINT, beside what the server does then.

    A server tells an application to shut down only after its last request has ended. Its own handlers
    hang on the loop, which learns of a signal by another way (`signal.set_wakeup_fd`), so these take
    nothing from it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only a process has signals; a server in a thread has none
        return
    loop = asyncio.get_running_loop()

    def handle(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop)

    earlier = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
