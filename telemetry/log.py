"""Log lines: one shape for ours and for everybody else's.

The composition root calls `configure` once, before anything is logged; the rest of the project asks for a
`Log` by name and knows nothing of structlog. What granian, alembic, OpenTelemetry and others say through
`logging` comes out in the same lines, from level `info` on whatever is configured: their debug lines show
URLs, headers and SQL parameters, which have no place in a log.

A line about an exchange carries `trace_id`, `span_id` and `exchange_id` as fields. An exception is passed as
`exc_info=error` and comes out as types and places only; why, says `telemetry/exceptions.py`.
"""

import logging
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, Protocol, TextIO

import structlog
from structlog.processors import ExceptionRenderer, TimeStamper, add_log_level
from structlog.typing import Processor

from telemetry.exceptions import shapes
from telemetry.lines import Lines, json_line, terminal_line

Format = Literal["auto", "json", "pretty"]
"""`auto`: pretty on a terminal, JSON elsewhere."""

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

_SERVER_LOGGERS = ("_granian", "granian.access")
"""granian gives them handlers of their own that write plain text to standard output (granian/log.py, 2.8)."""


class Log(Protocol):
    """Says what happened: an event in a few fixed words, and fields with what differs from case to case.

    A field is not called `event`, `timestamp`, `level` or `logger`.
    """

    def debug(self, event: str, **fields: object) -> None:
        """For whoever works on Handrail."""

    def info(self, event: str, **fields: object) -> None:
        """For the operator: as it should be."""

    def warning(self, event: str, **fields: object) -> None:
        """For the operator: to be looked at when there is time."""

    def error(self, event: str, **fields: object) -> None:
        """For the operator: something was not done that should have been."""


def logger(name: str) -> Log:
    """Return the log of one part of the project: `app.records`. May be asked for before `configure`."""
    return _NamedLog(name)


def configure(level: str, format: Format, stream: TextIO) -> None:  # noqa: A002 (the word of handrail.yaml)
    """Decide where lines go and what they look like, for structlog and `logging` alike.

    A later call takes the place of an earlier one.

    Args:
        level: `debug`, `info`, `warning` or `error`: the least that is written.
        format: see `Format`.
        stream: usually standard error.

    Raises:
        ValueError: no such level or format.
    """
    if level not in LEVELS or format not in ("auto", "json", "pretty"):
        raise ValueError(
            f"log level {level!r}, format {format!r}: take {', '.join(LEVELS)}; auto, json, pretty"
        )
    lines = Lines(stream)
    stamps: list[Processor] = [add_log_level, TimeStamper(fmt="iso", utc=True)]
    rendering = _rendering(format, stream)
    structlog.configure(
        processors=[*stamps, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_names: lines,
        cache_logger_on_first_use=False,
    )
    handler = _ForeignLines(lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, _without_values, *stamps],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    _install(handler, max(LEVELS[level], logging.INFO))


def server_logging() -> dict[str, object]:
    """Return what granian's `log_dictconfig` takes, so that its lines go the way of all others."""
    loggers = {name: {"handlers": [], "level": "INFO", "propagate": True} for name in _SERVER_LOGGERS}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {},
        "formatters": {},
        "loggers": loggers,
    }


def _without_values(_logger: object, _level: str, fields: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Take out of asyncio's lines what it shows of tasks, results, exceptions and arguments.

    What it says stands in the first line, before any bracket; where it happened, in the exception
    (asyncio/base_events.py, `default_exception_handler`; uvloop writes the same).
    """
    if fields.get("logger") == "asyncio":
        fields["event"] = str(fields["event"]).partition("\n")[0].partition("(")[0].partition("<")[0].rstrip()
    return fields


class _NamedLog:
    """A `Log` that may be made before `configure`: it looks up at each line how lines are written."""

    def __init__(self, name: str) -> None:
        self._name = name

    def debug(self, event: str, **fields: object) -> None:
        structlog.get_logger().debug(event, logger=self._name, **fields)

    def info(self, event: str, **fields: object) -> None:
        structlog.get_logger().info(event, logger=self._name, **fields)

    def warning(self, event: str, **fields: object) -> None:
        structlog.get_logger().warning(event, logger=self._name, **fields)

    def error(self, event: str, **fields: object) -> None:
        structlog.get_logger().error(event, logger=self._name, **fields)


class _ForeignLines(logging.StreamHandler[Lines]):
    """Writes what others log. A class of its own: `configure` finds by it what an earlier call installed."""


def _rendering(format: Format, stream: TextIO) -> list[Processor]:  # noqa: A002 (as in configure)
    if format == "pretty" or (format == "auto" and stream.isatty()):
        return [terminal_line(colors=stream.isatty())]
    return [ExceptionRenderer(shapes), json_line]


def _install(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    for earlier in [known for known in root.handlers if isinstance(known, _ForeignLines)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _SERVER_LOGGERS:
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True
    logging.captureWarnings(capture=True)
