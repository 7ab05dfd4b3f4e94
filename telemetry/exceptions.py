"""What a log line says of an exception: types and places, and nothing that was said or held.

The message of an exception is content as soon as somebody puts a value into it: `int("4111...")` quotes its
argument, a decoder the byte it stumbled over, a database driver the parameters of its statement, a provider's
error what was asked. So are its notes and the local variables of its frames. A log is kept longer and read by
more people than the record is, and what guards the record does not look at it. Types, files, lines and
functions are ours or a library's, never a caller's, and they are enough to find the place. Redacting messages
was the other way: it finds what has a known form, and the names and texts of an exchange have none.
"""

import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TextIO

from structlog.typing import ExcInfo

_MAX_FRAMES = 50
"""Of one exception; of more, the outermost and the innermost half are kept: a recursion has a thousand."""
_MAX_EXCEPTIONS = 32
"""In one line, causes and members of groups together."""
_MAX_DEPTH = 8
"""How deep groups within groups are followed."""

Shape = dict[str, Any]
"""`exc_type`, `is_cause` (raised `from` this one, else while this one was handled), `frames`, and of a group
its `exceptions`, each a chain of its own."""


def shapes(exc_info: ExcInfo) -> list[Shape]:
    """Return the exception that came out, then what led to it, each as `Shape` describes."""
    return _Walk().chain(exc_info[1], 0)


def write_shapes(stream: TextIO, exc_info: ExcInfo) -> None:
    """Write the same below a line on a terminal, indented, so that none of it looks like a line."""
    stream.writelines(f"\n    {line}" for line in _lines(shapes(exc_info), ""))


class _Walk:
    """One walk over an exception and all it refers to, which may be in circles."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def chain(self, error: BaseException | None, depth: int) -> list[Shape]:
        found: list[Shape] = []
        is_cause = False
        while error is not None and id(error) not in self._seen and len(self._seen) < _MAX_EXCEPTIONS:
            self._seen.add(id(error))
            shape = {
                "exc_type": _name(type(error)),
                "is_cause": is_cause,
                "frames": _frames(error.__traceback__),
            }
            if isinstance(error, BaseExceptionGroup) and depth < _MAX_DEPTH:
                shape["exceptions"] = [self.chain(one, depth + 1) for one in error.exceptions]
            found.append(shape)
            is_cause = error.__cause__ is not None
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return found


def _name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(trace: TracebackType | None) -> list[dict[str, str | int]]:
    frames: list[dict[str, str | int]] = [
        {"filename": frame.f_code.co_filename, "lineno": line, "name": frame.f_code.co_name}
        for frame, line in traceback.walk_tb(trace)
    ]
    half = _MAX_FRAMES // 2
    return frames if len(frames) <= _MAX_FRAMES else frames[:half] + frames[-half:]


def _lines(chain: list[Shape], indent: str) -> Iterator[str]:
    for place, shape in enumerate(chain):
        led = "" if place == 0 else "caused by " if shape["is_cause"] else "while handling "
        yield f"{indent}{led}{shape['exc_type']}"
        for frame in shape["frames"]:
            yield f"{indent}  {frame['filename']}:{frame['lineno']} in {frame['name']}"
        for member in shape.get("exceptions", ()):
            yield from _lines(member, indent + "  | ")
