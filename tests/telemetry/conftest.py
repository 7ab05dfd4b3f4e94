import logging
import warnings
from collections.abc import Iterator

import pytest
import structlog

from telemetry.delivery import DeliveryReports


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Leave `logging`, `warnings` and structlog as they were; let the SDK forget what it has said before."""
    root = logging.getLogger()
    for name in ("opentelemetry.exporter.otlp.proto.grpc.exporter", "opentelemetry.sdk._shared_internal"):
        for repeats in logging.getLogger(name).filters:
            vars(repeats).pop("last_log", None)
    level, handlers, show = root.level, list(root.handlers), warnings.showwarning
    yield
    logging.captureWarnings(capture=False)
    warnings.showwarning = show
    root.setLevel(level)
    for handler in [added for added in root.handlers if added not in handlers]:
        root.removeHandler(handler)
    structlog.reset_defaults()
    DeliveryReports.uninstall()
