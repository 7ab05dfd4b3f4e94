import re
from pathlib import Path

import pytest
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics, process_metrics
from opentelemetry.semconv.metrics import http_metrics

from telemetry import instruments as of
from telemetry import names
from telemetry.instruments import BY_NAME, INSTRUMENTS, Instrument, prometheus_label

CONVENTIONS = {
    value
    for module in (gen_ai_metrics, process_metrics, http_metrics)
    for key, value in vars(module).items()
    if key.isupper() and isinstance(value, str)
} | {"gen_ai.client.operation.time_to_first_chunk"}
"""The last is in the text of v1.41.1 and not in the wheel."""
OURS_OF_THE_PROCESS = {"process.open_file_descriptors"}


@pytest.mark.parametrize("one", INSTRUMENTS, ids=lambda one: one.name)
def test_a_metric_is_ours_or_of_a_convention_and_well_made(one: Instrument) -> None:
    assert one.name.startswith("handrail.") or one.name in CONVENTIONS | OURS_OF_THE_PROCESS
    assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", one.name)
    assert re.fullmatch(r"[A-Z1].*\.", one.description)
    assert bool(one.buckets) == (one.kind == "histogram")
    assert list(one.buckets) == sorted(set(one.buckets))
    assert one.kind == "gauge" or one.merge == "sum", "what is counted is added up"
    known = {value for key, value in vars(names).items() if key.isupper()}
    assert set(one.labels) <= known


def test_no_label_names_a_person_a_key_or_a_request() -> None:
    labels = {label for one in INSTRUMENTS for label in one.labels}
    assert not labels & {names.EXCHANGE_ID, names.GEN_AI_RESPONSE_ID, names.POLICY_VERSION, names.URL_PATH}


def test_no_two_metrics_have_one_name() -> None:
    assert len(BY_NAME) == len(INSTRUMENTS) == len({one.prometheus_name for one in INSTRUMENTS})


def test_names_at_the_scrape_are_those_that_prometheus_makes_of_them() -> None:
    assert of.OPERATION_DURATION.prometheus_name == "gen_ai_client_operation_duration_seconds"
    assert of.TOKEN_USAGE.prometheus_name == "gen_ai_client_token_usage"
    assert of.VERDICTS.prometheus_name == "handrail_guardrail_verdicts_total"
    assert of.CPU_TIME.prometheus_name == "process_cpu_time_seconds_total"
    assert of.JOURNAL_SIZE.prometheus_name == "handrail_records_journal_size_bytes"
    assert prometheus_label("error.type") == "error_type"


def test_the_readme_names_every_metric_and_no_other() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = text.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    named = re.findall(r"`((?:handrail|gen_ai|http|process)_[a-z_]+)`", section)
    labels = {prometheus_label(label) for one in INSTRUMENTS for label in one.labels}
    assert sorted(set(named) - labels) == sorted(one.prometheus_name for one in INSTRUMENTS)
