"""What the demo writes on: names in a column, texts beside them, bold only where a terminal reads."""

import shutil
import textwrap
from typing import TextIO

_NAME_WIDTH = 14
_MAX_WIDTH = 108


class Paper:
    """A stream with a little layout.

    Args:
        stream: where to write; what is written is flushed at once.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._width = min(shutil.get_terminal_size((_MAX_WIDTH, 24)).columns, _MAX_WIDTH)

    def title(self, text: str) -> None:
        """Write a heading."""
        self._write(f"\n{self._bold(text)}\n")

    def field(self, name: str, *values: str) -> None:
        """Write a name and, beside it, each value from a line of its own, wrapped."""
        for i, value in enumerate(values):
            for j, line in enumerate(self._wrapped(value)):
                label = name if i == j == 0 else ""
                self._write(f"  {label:<{_NAME_WIDTH}}{line}\n")

    def exactly(self, *lines: str) -> None:
        """Write lines to be copied: indented, never wrapped."""
        for line in lines:
            self._write(f"    {line}\n" if line else "\n")

    def line(self, text: str = "") -> None:
        """Write a line as it is."""
        self._write(f"{text}\n")

    def _wrapped(self, text: str) -> list[str]:
        width = max(self._width - _NAME_WIDTH - 2, 20)
        return [part for line in text.splitlines() for part in textwrap.wrap(line, width) or [""]] or [""]

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self._is_terminal else text

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
