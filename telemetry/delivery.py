"""What OpenTelemetry says about its own troubles, as one line a minute for traces and one for metrics.

A collector that is away makes the exporters log a warning with the text of an exception at every try and an
error for every batch, for ever. An operator needs to know it once, and that it goes on.
"""

import logging
import re
import time
from collections.abc import Callable

from telemetry.log import Log

EVERY_S = 60.0
"""Between two lines."""
_REASON_LENGTH = 300
_CREDENTIALS = re.compile(r"[^\s/'\"(]+@")
"""What stands before the host in a URL."""
_SIGNALS = ("traces", "metrics")
_METRICS = re.compile(r".*\b(?:export|exporting) metrics\b", re.DOTALL)
"""What is said of metrics by the logger that exporters over gRPC share (proto/grpc/exporter.py, 1.45)."""
_LOGGERS = ("opentelemetry.exporter", "opentelemetry.sdk", "opentelemetry.util")
_SECRETIVE = "opentelemetry.util"
"""Shows the headers that it cannot read; `telemetry.variables` has named the variable already."""


class DeliveryReports(logging.Handler):
    """Takes the exporters' warnings and errors off the log and says how it stands, at most once a minute.

    Traces and metrics have their minutes apart: where both fail, both are named.

    Args:
        log: gets the lines.
        clock: seconds that never go back.
    """

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._clock = clock
        self._silent_until = dict.fromkeys(_SIGNALS, -EVERY_S)
        self._reports = dict.fromkeys(_SIGNALS, 0)

    def emit(self, record: logging.LogRecord) -> None:
        """Count the record, and report if the last report is long enough ago."""
        if record.name.startswith(_SECRETIVE):
            return
        message = record.getMessage()
        what = "metrics" if "metric" in record.name or _METRICS.match(message) else "traces"
        self._reports[what] += 1
        now = self._clock()
        if now < self._silent_until[what]:
            return
        self._silent_until[what] = now + EVERY_S
        reason = _CREDENTIALS.sub("***@", message)[:_REASON_LENGTH]
        self._log.warning(f"{what} cannot be delivered", reason=reason, reports=self._reports[what])
        self._reports[what] = 0

    def install(self) -> None:
        """Take the exporters' records from now on, in the place of an earlier instance."""
        self.uninstall()
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            logger.addHandler(self)
            logger.propagate = False

    @staticmethod
    def uninstall() -> None:
        """Let the exporters log again as they like."""
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            for handler in [known for known in logger.handlers if isinstance(known, DeliveryReports)]:
                logger.removeHandler(handler)
            logger.propagate = True
