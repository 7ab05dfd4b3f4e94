import logging
import warnings
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Leave `logging`, `warnings` and structlog as they were."""
    root = logging.getLogger()
    level, handlers, show = root.level, list(root.handlers), warnings.showwarning
    yield
    logging.captureWarnings(capture=False)
    warnings.showwarning = show
    root.setLevel(level)
    for handler in [added for added in root.handlers if added not in handlers]:
        root.removeHandler(handler)
    structlog.reset_defaults()
