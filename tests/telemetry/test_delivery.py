import logging

import pytest

from telemetry.delivery import EVERY_S, DeliveryReports
from tests.telemetry.logs import KeptLog

pytestmark = pytest.mark.usefixtures("logging_restored")

EXPORTER = logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_troubles_of_the_exporters_are_one_line_a_minute() -> None:
    log, clock = KeptLog(), Clock()
    DeliveryReports(log, clock).install()
    for second in range(0, 130, 2):
        clock.now = float(second)
        EXPORTER.warning("Transient error %s", "refused")

    assert log.lines == [
        ("warning", "traces cannot be delivered", {"reason": "Transient error refused", "reports": 1}),
        ("warning", "traces cannot be delivered", {"reason": "Transient error refused", "reports": 30}),
        ("warning", "traces cannot be delivered", {"reason": "Transient error refused", "reports": 30}),
    ]
    assert EVERY_S == 60


def test_traces_and_metrics_are_told_apart_also_where_one_logger_speaks_for_both() -> None:
    log = KeptLog()
    DeliveryReports(log).install()
    shared = logging.getLogger("opentelemetry.exporter.otlp.proto.grpc.exporter")
    shared.error("Failed to export %s to %s, error code: %s", "traces", "host:4317", "UNAVAILABLE")
    shared.warning("Transient error %s encountered while exporting %s to %s", "UNKNOWN", "metrics", "host")
    logging.getLogger("opentelemetry.exporter.otlp.proto.http.metric_exporter").error("Failed")

    assert [(event, fields["reports"]) for _, event, fields in log.lines] == [
        ("traces cannot be delivered", 1),
        ("metrics cannot be delivered", 1),
    ], "one line for each"


def test_what_is_no_trouble_is_no_line() -> None:
    log = KeptLog()
    DeliveryReports(log).install()
    EXPORTER.info("fine")

    assert not log.lines


def test_the_exporters_lines_themselves_are_not_written(caplog: pytest.LogCaptureFixture) -> None:
    DeliveryReports(KeptLog()).install()
    EXPORTER.error("with a long exception")
    logging.getLogger("opentelemetry.sdk._shared_internal").warning("Queue full, dropping Span.")

    assert not caplog.records


def test_a_later_one_takes_the_place_of_an_earlier_one() -> None:
    first, second = KeptLog(), KeptLog()
    DeliveryReports(first).install()
    DeliveryReports(second).install()
    EXPORTER.error("down")

    assert (len(first.lines), len(second.lines)) == (0, 1)


def test_credentials_are_taken_out_and_the_reason_is_short() -> None:
    log = KeptLog()
    DeliveryReports(log).install()
    EXPORTER.error("Failed to export to http://me:sk-secret@host:4318/v1 (me:sk-secret@host) %s", "x" * 1_000)

    reason = log.lines[0][2]["reason"]
    assert "sk-secret" not in reason
    assert "http://***@host:4318/v1" in reason
    assert len(reason) == 300


def test_headers_that_the_sdk_would_show_are_not_shown() -> None:
    log = KeptLog()
    DeliveryReports(log).install()
    logging.getLogger("opentelemetry.util.re").warning("Header format invalid! %s", "sk-secret")

    assert not log.lines
