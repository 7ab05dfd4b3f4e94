"""What OpenTelemetry says about its own troubles, as one line a minute.

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
_LOGGERS = ("opentelemetry.exporter", "opentelemetry.sdk", "opentelemetry.util")
_SECRETIVE = "opentelemetry.util"
"""Shows the headers that it cannot read; `telemetry.variables` has named the variable already."""


class DeliveryReports(logging.Handler):
    """Takes the exporters' warnings and errors off the log and says how it stands, at most once a minute.

    Args:
        log: gets the lines.
        clock: seconds that never go back.
    """

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._clock = clock
        self._silent_until = -EVERY_S
        self._reports = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count the record, and report if the last report is long enough ago."""
        if record.name.startswith(_SECRETIVE):
            return
        self._reports += 1
        now = self._clock()
        if now < self._silent_until:
            return
        self._silent_until = now + EVERY_S
        reason = _CREDENTIALS.sub("***@", record.getMessage())[:_REASON_LENGTH]
        what = "metrics" if "metric" in record.name else "traces"
        self._log.warning(f"{what} cannot be delivered", reason=reason, reports=self._reports)
        self._reports = 0

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
