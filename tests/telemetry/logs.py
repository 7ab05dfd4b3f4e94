"""A log that keeps what is said to it."""

from typing import Any

from telemetry.log import Log


class KeptLog:
    """Keeps level, event and fields of every line; a bound one keeps them in the same list."""

    def __init__(self, lines: list[tuple[str, str, dict[str, Any]]] | None = None, **bound: object) -> None:
        self.lines = [] if lines is None else lines
        self._bound = bound

    def debug(self, event: str, **fields: object) -> None:
        self.lines.append(("debug", event, {**self._bound, **fields}))

    def info(self, event: str, **fields: object) -> None:
        self.lines.append(("info", event, {**self._bound, **fields}))

    def warning(self, event: str, **fields: object) -> None:
        self.lines.append(("warning", event, {**self._bound, **fields}))

    def error(self, event: str, **fields: object) -> None:
        self.lines.append(("error", event, {**self._bound, **fields}))

    def bind(self, **fields: object) -> Log:
        return KeptLog(self.lines, **self._bound, **fields)
