"""What nobody caught, as log lines: the interpreter would print it bare.

A thread that dies of an exception, an exception in a destructor, one that reaches the top of the program:
each is a line like all others, in which the exception is types and places (`telemetry/exceptions.py` says
why). What the interpreter has to say when it cannot go on (a crash in C, memory at an end) stays as it is.
"""

import sys
import threading
from types import TracebackType

from telemetry.log import Log


def report_strays(log: Log) -> None:
    """Let what nobody catches go to this log from now on, in the whole process, not to an earlier one."""

    def program(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            log.error("ended_by_an_exception", exc_info=error)

    def thread(stray: threading.ExceptHookArgs) -> None:
        if stray.exc_value is not None and not isinstance(stray.exc_value, SystemExit):
            name = stray.thread.name if stray.thread is not None else "unknown"
            log.error("thread_ended_by_an_exception", thread=name, exc_info=stray.exc_value)

    def unraisable(stray: "sys.UnraisableHookArgs") -> None:
        place = getattr(stray.object, "__qualname__", type(stray.object).__name__)
        log.error("exception_nobody_can_catch", place=place, exc_info=stray.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = program, thread, unraisable
