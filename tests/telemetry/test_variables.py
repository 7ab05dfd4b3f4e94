from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.variables import Delivery, Variables
from tests.telemetry.logs import KeptLog

ON = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


def delivery(environ: dict[str, str], log: KeptLog | None = None) -> Delivery:
    found = Variables(environ, log or KeptLog()).delivery()
    assert found is not None
    return found


def test_nothing_is_exported_where_nobody_asked_for_it() -> None:
    log = KeptLog()
    assert Variables({}, log).delivery() is None
    assert not log.lines


@pytest.mark.parametrize(
    "environ",
    [
        ON | {"OTEL_SDK_DISABLED": "True"},
        ON | {"OTEL_TRACES_EXPORTER": "none"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": " "},
        {"OTEL_TRACES_EXPORTER": ""},
        {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_SERVICE_NAME": "x"},
    ],
)
def test_nothing_is_exported_where_somebody_said_so(environ: dict[str, str]) -> None:
    assert Variables(environ, KeptLog()).delivery() is None


def test_the_defaults_are_ours() -> None:
    assert delivery(ON) == Delivery(
        exporters=("otlp",),
        protocol="http/protobuf",
        endpoint="http://collector:4318/v1/traces",
        headers={},
        timeout_s=2.0,
        compression="gzip",
        batch_spans=256,
        delay_ms=2000,
        queue_spans=8192,
    )


def test_every_variable_is_read() -> None:
    log = KeptLog()
    environ = {
        "OTEL_TRACES_EXPORTER": "console, otlp",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20abc=,x-tenant = a b ",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "0.5",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_BSP_MAX_QUEUE_SIZE": "20",
    }

    assert delivery(environ, log) == Delivery(
        exporters=("otlp", "console"),
        protocol="grpc",
        endpoint="https://collector",
        headers={"authorization": "Bearer abc=", "x-tenant": "a b"},
        timeout_s=0.5,
        compression="none",
        batch_spans=10,
        delay_ms=100,
        queue_spans=20,
    )
    assert not log.lines


@pytest.mark.parametrize("suffix", ["ENDPOINT", "PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION"])
def test_the_variable_for_traces_goes_before_the_one_for_everything(suffix: str) -> None:
    general = {"ENDPOINT": "http://all", "PROTOCOL": "http/protobuf", "HEADERS": "a=1", "TIMEOUT": "1"}
    special = {"ENDPOINT": "http://own", "PROTOCOL": "grpc", "HEADERS": "b=2", "TIMEOUT": "3"}
    general["COMPRESSION"], special["COMPRESSION"] = "none", "gzip"
    everything = {f"OTEL_EXPORTER_OTLP_{name}": value for name, value in general.items()}
    one = {f"OTEL_EXPORTER_OTLP_TRACES_{suffix}": special[suffix]}

    assert delivery(everything | one) == delivery(
        everything | {f"OTEL_EXPORTER_OTLP_{suffix}": special[suffix]}
    ) or (suffix == "ENDPOINT" and delivery(everything | one).endpoint == "http://own")


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/"}, "http://c:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c/otlp"}, "https://c/otlp/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c/mine/"}, "http://c/mine/"),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "http://localhost:4318/v1/traces"),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "http://localhost:4317"),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "collector:4317",
        ),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "http://c:4317",
        ),
    ],
)
def test_the_endpoint_is_what_the_exporter_takes(environ: dict[str, str], endpoint: str) -> None:
    assert delivery(environ).endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint", ["collector:4318", "ftp://c", "http://", "http://c:99999", "http://[::1", "//c", "c"]
)
def test_an_endpoint_that_is_no_url_exports_nothing_and_says_so(endpoint: str) -> None:
    log = KeptLog()

    assert Variables({"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}, log).delivery() is None
    ((level, event, fields),) = log.lines
    assert (level, event) == ("warning", "environment variable not usable")
    assert fields["variable"] == "OTEL_EXPORTER_OTLP_ENDPOINT"
    assert fields["used"] == "no export"


def test_the_console_still_works_where_the_endpoint_does_not() -> None:
    environ = {"OTEL_TRACES_EXPORTER": "otlp,console", "OTEL_EXPORTER_OTLP_ENDPOINT": "nonsense"}

    assert delivery(environ).exporters == ("console",)


@pytest.mark.parametrize(
    ("variable", "value", "used"),
    [
        ("OTEL_TRACES_EXPORTER", "zipkin", "none"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "udp", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "gzip"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10000", 2.0),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "0", 2.0),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "ten", 2.0),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "nan", 2.0),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "-1", 2.0),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", 8192),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "1e3", 8192),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "9000", 256),
        ("OTEL_BSP_SCHEDULE_DELAY", "\u0664", 2000),
        ("OTEL_TRACES_SAMPLER", "xray", "parentbased_always_on"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "-1", 2048),
        ("OTEL_PROPAGATORS", "b3", "the others"),
        ("OTEL_RESOURCE_ATTRIBUTES", "nonsense", "the rest of the list"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_in_a_warning_and_the_default_is_used(
    variable: str, value: str, used: object
) -> None:
    log = KeptLog()
    read(Variables(ON | {variable: value}, log))

    ((level, event, fields),) = log.lines
    assert (level, event) == ("warning", "environment variable not usable")
    assert (fields["variable"], fields["value"], fields["used"]) == (variable, value, used)
    assert fields["reason"]


def read(variables: Variables) -> tuple[Any, ...]:
    return (
        variables.delivery(),
        variables.sampler(),
        variables.trust(),
        variables.attribute_length(),
        variables.resource("1.2.3"),
    )


def test_a_batch_is_never_larger_than_the_queue() -> None:
    log = KeptLog()
    found = delivery(ON | {"OTEL_BSP_MAX_QUEUE_SIZE": "100"}, log)

    assert (found.batch_spans, found.queue_spans) == (100, 100)
    assert not log.lines


@pytest.mark.parametrize(
    "headers", ["sk-secret", "=sk-secret", "a b=sk-secret", "a=sk-secret\u00e9", "a=sk-secret%0A"]
)
def test_headers_that_cannot_be_sent_are_named_without_their_value(headers: str) -> None:
    log = KeptLog()

    assert delivery(ON | {"OTEL_EXPORTER_OTLP_HEADERS": headers + ",ok=1"}, log).headers == {"ok": "1"}
    assert [line[2]["variable"] for line in log.lines] == ["OTEL_EXPORTER_OTLP_HEADERS"]
    assert "sk-secret" not in repr(log.lines)


def test_a_password_in_an_endpoint_is_not_shown() -> None:
    log = KeptLog()
    Variables({"OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://me:sk-secret@c"}, log).delivery()

    assert log.lines
    assert "sk-secret" not in repr(log.lines)


@pytest.mark.parametrize(
    ("name", "argument", "description"),
    [
        (None, None, "ParentBased{root:AlwaysOnSampler,"),
        ("always_on", None, "AlwaysOnSampler"),
        ("always_off", None, "AlwaysOffSampler"),
        ("parentbased_always_on", None, "ParentBased{root:AlwaysOnSampler,"),
        ("PARENTBASED_ALWAYS_OFF", None, "ParentBased{root:AlwaysOffSampler,"),
        ("traceidratio", "0.25", "TraceIdRatioBased{0.25}"),
        ("traceidratio", None, "TraceIdRatioBased{1.0}"),
        ("parentbased_traceidratio", "0", "ParentBased{root:TraceIdRatioBased{0.0},"),
    ],
)
def test_the_sampler_is_the_one_asked_for(name: str | None, argument: str | None, description: str) -> None:
    log = KeptLog()
    environ = {"OTEL_TRACES_SAMPLER": name or "", "OTEL_TRACES_SAMPLER_ARG": argument or ""}

    assert Variables(environ, log).sampler().get_description().startswith(description)
    assert not log.lines


@pytest.mark.parametrize("ratio", ["2", "-0.1", "half", "nan", "inf"])
def test_a_ratio_that_is_none_samples_everything_and_says_so(ratio: str) -> None:
    log = KeptLog()
    environ = {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": ratio}

    assert Variables(environ, log).sampler().get_description() == "TraceIdRatioBased{1.0}"
    assert [line[2]["variable"] for line in log.lines] == ["OTEL_TRACES_SAMPLER_ARG"]


@pytest.mark.parametrize(
    ("value", "trust"),
    [
        ("", "trust"),
        ("tracecontext,baggage", "trust"),
        ("baggage", "ignore"),
        ("none", "ignore"),
        ("b3", "ignore"),
    ],
)
def test_the_callers_trace_is_followed_unless_the_propagators_leave_it_out(value: str, trust: str) -> None:
    assert Variables({"OTEL_PROPAGATORS": value}, KeptLog()).trust() == trust


@pytest.mark.parametrize(
    ("environ", "length"),
    [
        ({}, 2048),
        ({"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "10"}, 10),
        ({"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "10", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "5"}, 5),
    ],
)
def test_the_length_of_attributes_can_be_set(environ: dict[str, str], length: int) -> None:
    assert Variables(environ, KeptLog()).attribute_length() == length


@pytest.mark.parametrize(
    ("environ", "attributes"),
    [
        ({}, {"service.name": "handrail", "service.version": "1.2.3"}),
        ({"OTEL_SERVICE_NAME": "mine"}, {"service.name": "mine", "service.version": "1.2.3"}),
        (
            {"OTEL_RESOURCE_ATTRIBUTES": "service.name=theirs,service.version=9, team = a%2Cb ,x="},
            {"service.name": "theirs", "service.version": "9", "team": "a,b", "x": ""},
        ),
        (
            {"OTEL_RESOURCE_ATTRIBUTES": "service.name=theirs", "OTEL_SERVICE_NAME": "mine"},
            {"service.name": "mine", "service.version": "1.2.3"},
        ),
    ],
)
def test_the_service_says_who_it_is(environ: dict[str, str], attributes: dict[str, str]) -> None:
    assert Variables(environ, KeptLog()).resource("1.2.3") == attributes


NAMES = (
    *(f"OTEL_EXPORTER_OTLP_{name}" for name in ("ENDPOINT", "PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION")),
    *(f"OTEL_BSP_{name}" for name in ("SCHEDULE_DELAY", "MAX_QUEUE_SIZE", "MAX_EXPORT_BATCH_SIZE")),
    "OTEL_TRACES_EXPORTER",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "OTEL_PROPAGATORS",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_RESOURCE_ATTRIBUTES",
)
junk = st.text(max_size=20) | st.sampled_from(
    ["http://[", "http://a:b", "a=%ff", "1e999", "traceidratio", "otlp"]
)


@given(st.dictionaries(st.sampled_from(NAMES), junk))
@settings(deadline=None)
def test_no_value_whatever_makes_the_reading_fail(environ: dict[str, str]) -> None:
    assert read(Variables(environ, KeptLog()))
