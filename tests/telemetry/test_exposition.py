import pytest

from telemetry import instruments as of
from telemetry.exposition import OPENMETRICS, PROMETHEUS, exposition
from telemetry.metrics import Metrics, Point

TRACE = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


def test_plain_text() -> None:
    metrics = Metrics()
    metrics.add(of.COST, ("up", 'a"b\\c\nd', ""), 0.25)
    metrics.record(of.TIME_TO_FIRST_RELEASE, ("chat",), 0.03, TRACE)
    text, content_type = exposition(metrics.collect(), "")
    assert content_type == PROMETHEUS
    lines = text.splitlines()
    assert lines[:3] == [
        "# HELP handrail_cost_usd_total What attempts cost, as far as that is known.",
        "# TYPE handrail_cost_usd_total counter",
        'handrail_cost_usd_total{handrail_provider="up",gen_ai_request_model="a\\"b\\\\c\\nd"} 0.25',
    ]
    name = "handrail_stream_time_to_first_release_seconds"
    assert f'{name}_bucket{{gen_ai_operation_name="chat",le="0.02"}} 0' in lines
    assert f'{name}_bucket{{gen_ai_operation_name="chat",le="0.04"}} 1' in lines
    assert lines[-3:] == [
        f'{name}_bucket{{gen_ai_operation_name="chat",le="+Inf"}} 1',
        f'{name}_sum{{gen_ai_operation_name="chat"}} 0.03',
        f'{name}_count{{gen_ai_operation_name="chat"}} 1',
    ]
    assert TRACE[0] not in text


def test_openmetrics_has_units_exemplars_and_an_end() -> None:
    metrics = Metrics(clock=lambda: 1_700_000_000.5)
    metrics.add(of.COST_UNKNOWN, ("up", "m"), 2)
    metrics.record(of.TIME_TO_FIRST_RELEASE, ("chat",), 0.03, TRACE)
    text, content_type = exposition(metrics.collect(), "application/openmetrics-text;version=1.0.0")
    assert content_type == OPENMETRICS
    assert "# TYPE handrail_cost_unknown counter\nhandrail_cost_unknown_total{" in text
    name = "handrail_stream_time_to_first_release_seconds"
    assert f"# UNIT {name} seconds\n" in text
    exemplar = f'# {{trace_id="{TRACE[0]}",span_id="{TRACE[1]}"}} 0.03 1700000000.500'
    assert f'{name}_bucket{{gen_ai_operation_name="chat",le="0.04"}} 1 {exemplar}\n' in text
    assert text.endswith("\n# EOF\n")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.4,*/*;q=0.1", OPENMETRICS),
        ("text/plain;q=0.9, application/openmetrics-text;q=0.2", PROMETHEUS),
        ("application/openmetrics-text;q=0", PROMETHEUS),
        ("application/openmetrics-text;q=much", PROMETHEUS),
        ("*/*", PROMETHEUS),
    ],
)  # fmt: skip
def test_accept_says_which(accept: str, expected: str) -> None:
    assert exposition({of.WORKERS.name: [Point((), 2.0)]}, accept)[1] == expected
