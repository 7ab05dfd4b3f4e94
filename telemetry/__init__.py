"""Spans and log lines: the only package that knows OpenTelemetry and structlog.

The composition root calls `configure` and `build_tracer`; everybody else is handed a `Tracer`, notes into a
`Trace`, asks for a `Log` by name, and takes names from `telemetry.names`.
"""

from telemetry.content import ContentCapture
from telemetry.export import build_tracer
from telemetry.keeping import Ending, Keeping
from telemetry.log import Log, configure, logger, server_logging
from telemetry.stopping import stop_together
from telemetry.strays import report_strays
from telemetry.trace import Attribute, SpanNote, Trace
from telemetry.tracer import Tracer

__all__ = [
    "Attribute",
    "ContentCapture",
    "Ending",
    "Keeping",
    "Log",
    "SpanNote",
    "Trace",
    "Tracer",
    "build_tracer",
    "configure",
    "logger",
    "report_strays",
    "server_logging",
    "stop_together",
]
