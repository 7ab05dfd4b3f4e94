import os
import platform

from telemetry import instruments as of
from telemetry.process_metrics import process_source


def test_it_tells_of_this_process() -> None:
    told = {instrument: (labels, value) for instrument, labels, value in process_source("1.2.3")()}
    assert 0 < told[of.CPU_TIME][1] <= sum(os.times()[:2]) + 1
    assert 10_000_000 < told[of.MEMORY][1] < 10_000_000_000
    assert told[of.OPEN_FILES][1] >= 3
    assert told[of.UPTIME][1] >= 0
    assert told[of.WORKERS] == ((), 1)
    assert told[of.BUILD] == (("1.2.3", platform.python_version()), 1)
