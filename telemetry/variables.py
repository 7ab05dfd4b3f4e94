"""The standard `OTEL_*` variables, read once and checked.

Sources: "Environment Variable Specification" and "OTLP Exporter Configuration" on opentelemetry.io. Where
the Python SDK (1.45) departs from them (the exporter's timeout is in seconds, not milliseconds), the SDK is
followed, for that is what operators of Python services have learned to write. `OTEL_BSP_EXPORT_TIMEOUT` is
not read: the SDK does nothing with it.

A value that cannot be used never stops the gateway and never fails in the middle of traffic: a warning at
the start names the variable and what is used instead, as the specification asks. Values are named too, but
for headers, which hold keys.
"""

import math
import re
from collections.abc import Mapping
from typing import Literal, cast
from urllib.parse import unquote, urlsplit

import msgspec
from opentelemetry.sdk.trace import sampling

from telemetry.content import SHORTEST, ContentCapture
from telemetry.log import Log
from telemetry.spans import ATTRIBUTE_LENGTH
from telemetry.tracer import Trust

Exporter = Literal["otlp", "console"]
EXPORTERS: tuple[Exporter, ...] = ("otlp", "console")
Protocol = Literal["http/protobuf", "grpc"]
Compression = Literal["gzip", "deflate", "none"]
Signal = Literal["TRACES", "METRICS"]

_MAX_TIMEOUT_S = 300
"""More is a value in milliseconds, as other languages' SDKs read it."""
_MAX_INT = 10**7
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
"""A token of RFC 9110, in lower case as gRPC asks for."""
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
_HOST_AND_PORT = re.compile(r"[A-Za-z0-9._-]+:\d{1,5}|\[[0-9A-Fa-f:.]+\]:\d{1,5}")


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Where spans go, and how."""

    exporters: tuple[Exporter, ...]
    protocol: Protocol
    endpoint: str
    """As the exporter takes it: over HTTP the whole URL with its path."""
    headers: dict[str, str]
    """Secret."""
    timeout_s: float
    """For one batch, tries again included."""
    compression: Compression
    batch_spans: int
    delay_ms: int
    """After which a batch goes out that is not full."""
    queue_spans: int
    """The oldest are dropped beyond it."""


class Variables:
    """The environment, as this package asks for it.

    Args:
        environ: usually `os.environ`. An empty value counts as none, as the specification says.
        log: where warnings go.
        signal: whose export is asked about.
    """

    def __init__(self, environ: Mapping[str, str], log: Log, signal: Signal = "TRACES") -> None:
        self._environ = {name: value.strip() for name, value in environ.items() if value.strip()}
        self._log = log
        self._signal = signal

    def delivery(self) -> Delivery | None:
        """Return where spans go; None where nobody asked for it, or nothing that was asked for can be had."""
        exporters = self._exporters()
        if not exporters:
            return None
        protocol = self._protocol()
        endpoint = self._endpoint(protocol) if "otlp" in exporters else ""
        if endpoint is None:
            exporters = tuple(name for name in exporters if name != "otlp")
        if not exporters:
            return None
        queue = self._number("OTEL_BSP_MAX_QUEUE_SIZE", 8192, low=1)
        return Delivery(
            exporters=exporters,
            protocol=protocol,
            endpoint=endpoint or "",
            headers=self._headers(),
            timeout_s=self._timeout_s(),
            compression=self._compression(protocol),
            batch_spans=self._number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", min(256, queue), low=1, high=queue),
            delay_ms=self._number("OTEL_BSP_SCHEDULE_DELAY", 2000, low=1),
            queue_spans=queue,
        )

    def sampler(self) -> sampling.Sampler:
        """Return what `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` ask for."""
        known: dict[str, sampling.Sampler] = {
            "parentbased_always_on": sampling.DEFAULT_ON,
            "parentbased_always_off": sampling.DEFAULT_OFF,
            "always_on": sampling.ALWAYS_ON,
            "always_off": sampling.ALWAYS_OFF,
        }
        ratios = {
            "traceidratio": sampling.TraceIdRatioBased,
            "parentbased_traceidratio": sampling.ParentBasedTraceIdRatio,
        }
        name = self._choice(("OTEL_TRACES_SAMPLER",), (*known, *ratios), "parentbased_always_on")
        if name in ratios:
            return ratios[name](self._float("OTEL_TRACES_SAMPLER_ARG", 1.0, high=1.0))
        return known[name]

    def trust(self) -> Trust:
        """Return whether `traceparent` is read: `OTEL_PROPAGATORS` may do without `tracecontext`."""
        asked = self._list("OTEL_PROPAGATORS") or ["tracecontext"]
        unknown = sorted(set(asked) - {"tracecontext", "baggage", "none"})
        if unknown:
            self._warn("OTEL_PROPAGATORS", ",".join(unknown), "only tracecontext is read", "the others")
        return "trust" if "tracecontext" in asked else "ignore"

    def attribute_length(self) -> int:
        """Return how many characters of a string attribute are kept."""
        general = self._number("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", ATTRIBUTE_LENGTH, low=0)
        return self._number("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", general, low=0)

    def content(self) -> ContentCapture:
        """Return where what was said is shown: nowhere unless asked for, by a value of exactly these."""
        name = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
        choices = ("no_content", "span_only", "event_only", "span_and_event")
        asked = self._choice((name,), choices, "no_content")
        length = self.attribute_length()
        if asked != "no_content" and length < SHORTEST:
            self._warn(name, asked, f"attributes of under {SHORTEST} characters hold none", "no_content")
            return ContentCapture()
        return ContentCapture(
            on_span=asked in {"span_only", "span_and_event"},
            on_event=asked in {"event_only", "span_and_event"},
            max_bytes=length,
        )

    def resource(self, version: str) -> dict[str, str]:
        """Return the attributes of the service: `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`."""
        attributes = {"service.name": "handrail", "service.version": version}
        for pair in self._list("OTEL_RESOURCE_ATTRIBUTES"):
            key, equals, value = pair.partition("=")
            if equals and key.strip():
                attributes[key.strip()] = unquote(value.strip())
            else:
                self._warn("OTEL_RESOURCE_ATTRIBUTES", pair, "not key=value", "the rest of the list")
        if name := self._environ.get("OTEL_SERVICE_NAME"):
            attributes["service.name"] = name
        return attributes

    def metric_interval_s(self) -> float:
        """Return how often metrics are sent; sums are cumulative whatever is preferred."""
        preference = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"
        self._choice((preference,), ("cumulative",), "cumulative")
        return self._number("OTEL_METRIC_EXPORT_INTERVAL", 60_000, low=1) / 1000

    def _exporters(self) -> tuple[Exporter, ...]:
        if self._environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
            return ()
        variable = f"OTEL_{self._signal}_EXPORTER"
        asked = self._list(variable)
        if not asked:
            return ("otlp",) if self._first(*self._both("ENDPOINT"))[1] else ()
        for name in asked:
            if name not in (*EXPORTERS, "none", *(("prometheus",) if self._signal == "METRICS" else ())):
                self._warn(variable, name, "take one of otlp, console, none", "none")
        return tuple(name for name in EXPORTERS if name in asked)

    def _protocol(self) -> Protocol:
        choices = ("http/protobuf", "grpc")
        return cast("Protocol", self._choice(self._both("PROTOCOL"), choices, "http/protobuf"))

    def _endpoint(self, protocol: Protocol) -> str | None:
        path = f"/v1/{self._signal.lower()}"
        name, value = self._first(*self._both("ENDPOINT"))
        if not value:
            return "http://localhost:4317" if protocol == "grpc" else f"http://localhost:4318{path}"
        if not (_is_url(value) or (protocol == "grpc" and _HOST_AND_PORT.fullmatch(value))):
            self._warn(name, _without_user(value), "not a URL with http:// or https://", "no export")
            return None
        if protocol == "http/protobuf" and name == "OTEL_EXPORTER_OTLP_ENDPOINT":
            return value.rstrip("/") + path
        return value

    def _headers(self) -> dict[str, str]:
        """Return the headers of `key=value,key=value`, values URL-encoded or not."""
        name, value = self._first(*self._both("HEADERS"))
        headers = {}
        for pair in filter(None, (piece.strip() for piece in value.split(","))):
            key, equals, text = pair.partition("=")
            key, text = key.strip().lower(), unquote(text.strip())
            if equals and _HEADER_NAME.fullmatch(key) and _HEADER_VALUE.fullmatch(text):
                headers[key] = text
            else:
                self._warn(name, "***", "not a list of key=value", "the rest of the list")
        return headers

    def _timeout_s(self) -> float:
        name, _ = self._first(*self._both("TIMEOUT"))
        return self._float(name, 2.0, high=_MAX_TIMEOUT_S, above=True, hint=" (in seconds)")

    def _compression(self, protocol: Protocol) -> Compression:
        choices = ("gzip", "none") if protocol == "grpc" else ("gzip", "deflate", "none")
        return cast("Compression", self._choice(self._both("COMPRESSION"), choices, "gzip"))

    def _choice(self, names: tuple[str, ...], choices: tuple[str, ...], default: str) -> str:
        name, value = self._first(*names)
        if not value or value.lower() in choices:
            return value.lower() or default
        self._warn(name, value, f"take one of {', '.join(choices)}", default)
        return default

    def _number(self, name: str, default: int, *, low: int, high: int = _MAX_INT) -> int:
        value = self._environ.get(name)
        if value is None:
            return default
        if re.fullmatch(r"\d{1,8}", value, re.ASCII) and low <= int(value) <= high:
            return int(value)
        self._warn(name, value, f"take a whole number from {low} to {high}", default)
        return default

    def _float(self, name: str, default: float, *, high: float, above: bool = False, hint: str = "") -> float:
        """Return a number from 0 to `high`; 0 itself is refused if it must be `above`."""
        value = self._environ.get(name)
        if value is None:
            return default
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if 0 <= number <= high and not (above and number == 0):
            return number
        self._warn(name, value, f"take a number from 0 to {high:g}{hint}", default)
        return default

    def _both(self, suffix: str) -> tuple[str, str]:
        """Return the names of an exporter's variable: the one for the signal goes before the general one."""
        return f"OTEL_EXPORTER_OTLP_{self._signal}_{suffix}", f"OTEL_EXPORTER_OTLP_{suffix}"

    def _list(self, name: str) -> list[str]:
        return [item.strip() for item in self._environ.get(name, "").split(",") if item.strip()]

    def _first(self, *names: str) -> tuple[str, str]:
        """Return the first of these that is set, and its value; the last one and nothing if none is."""
        for name in names:
            if name in self._environ:
                return name, self._environ[name]
        return names[-1], ""

    def _warn(self, name: str, value: str, reason: str, used: object) -> None:
        self._log.warning(
            "environment variable not usable", variable=name, value=value, reason=reason, used=used
        )


def _is_url(value: str) -> bool:
    try:
        url = urlsplit(value)
        return url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def _without_user(value: str) -> str:
    """Return an endpoint without the name and password that may stand in it."""
    return value.rpartition("@")[2]
