"""How a log line is written: as JSON for machines, or readable on a terminal.

Whatever an exchange brings along (names, models, messages of providers) may end up in a field. So a line is
one line: JSON lines are pure ASCII, and on a terminal nothing unprintable comes through, neither newlines
that would forge a line nor escape sequences that would move the cursor. And a line that cannot be written
never harms the exchange it is about.
"""

import contextlib
import json
import math
import threading
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from telemetry.exceptions import write_shapes

_FIRST = ("timestamp", "level", "logger", "event")
"""What every line begins with, in this order; the fields of the event follow."""
_MAX_DEPTH = 6
"""How deep a nested value is followed when it has to be mended."""
_INT64 = 2**63

Fields = MutableMapping[str, Any]


class Lines:
    """Where lines go: whole ones, from any thread. What structlog and `logging` both write to.

    Args:
        stream: gets text; its errors (a closed pipe, a full disk) lose the line and nothing else.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: deque[str] = deque()
        self._lock = threading.RLock()
        self._writer: int | None = None
        """The thread that is writing. A destructor, which may run wherever memory is made, can log in it."""

    def write(self, text: str) -> None:
        """Write text that ends with a newline; behind the line that this thread is just writing, if it is."""
        self._waiting.append(text)
        if self._writer == threading.get_ident():
            return
        with self._lock:
            while self._waiting:
                self._writer = threading.get_ident()
                try:
                    if self._waiting:  # or a destructor has written it before this thread was the writer
                        self._put(self._waiting.popleft())
                finally:
                    self._writer = None

    def flush(self) -> None:
        """Do nothing: every line is flushed as it is written."""

    def line(self, text: str) -> None:
        """Write one line; structlog calls it by the name of the level."""
        self.write(text + "\n")

    debug = info = warning = error = critical = line

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            try:
                self._stream.write(text)
            except UnicodeEncodeError:
                self._stream.write(text.encode("ascii", "backslashreplace").decode())
            self._stream.flush()


def json_line(_logger: object, _level: str, fields: Fields) -> str:
    """Return the line as a JSON object. Never fails: what JSON cannot hold becomes its `repr`."""
    ordered = {key: fields[key] for key in _FIRST if key in fields}
    ordered.update(fields)
    try:
        line = _encode(ordered)
    except (TypeError, ValueError, RecursionError):
        return _encode(_mended(ordered, 0))
    if "\\ud" in line:  # half of an astral character, or a lone surrogate, which strict readers refuse
        return _encode(_mended(ordered, 0))
    return line


def terminal_line(*, colors: bool) -> Callable[[object, str, Fields], str]:
    """Return the renderer for people."""
    render = structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=write_shapes, pad_event_to=32)

    def line(logger: object, level: str, fields: Fields) -> str:
        for key, value in fields.items():
            if isinstance(value, str) and not value.isprintable():
                fields[key] = _printable(value)
        return str(render(logger, level, fields))

    return line


_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"), default=repr).encode


def _mended(value: object, depth: int) -> object:
    """Return the value as something that any JSON reader takes."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_INT64 <= value < _INT64 else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, Mapping) and depth < _MAX_DEPTH:
        return {_text(str(key)): _mended(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple) and depth < _MAX_DEPTH:
        return [_mended(item, depth + 1) for item in value]
    return _text(value if isinstance(value, str) else repr(value))


def _text(value: str) -> str:
    return value.encode(errors="replace").decode()


def _printable(value: str) -> str:
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in value
    )
