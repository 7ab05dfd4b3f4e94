"""Every metric, once: name, labels, buckets. Dashboards, alerts, tests and code take them from here.

`gen_ai.*` and `http.*` are those of OpenTelemetry's semantic conventions (v1.41.1, 2026-05-11; which of the
names newer text changes, says `telemetry/names.py`). Only what a gateway is: a client of models. Labels that
carry a name of a person, a key, a request or a text do not exist. Those with names of models, callers and
guardrails take configured ones, and `other` for the rest (`app/measuring.py`).

At `/metrics` a name has underscores for dots, its unit in words, and `_total` if it only grows:
`handrail.guardrail.verdicts` is `handrail_guardrail_verdicts_total`, `prometheus_name` says it.
"""

from typing import Literal

import msgspec

from telemetry import names

Kind = Literal["counter", "gauge", "histogram"]

SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""The buckets that the GenAI conventions ask for."""
HTTP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 120.0)
"""Those of the HTTP conventions, and two more: answers of models take longer."""
SHORT_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Of what happens in this process, and of services that guardrails ask."""
TOKENS = tuple(float(4**power) for power in range(14))

_UNITS = {"s": "seconds", "By": "bytes"}


class Instrument(msgspec.Struct, frozen=True):
    """A metric."""

    name: str
    kind: Kind
    unit: str
    """As UCUM writes it: `s`, `By`, `{token}`."""
    description: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Upper bounds; of histograms only."""
    merge: Literal["sum", "max"] = "sum"
    """What several workers say together; counters and histograms are added."""

    @property
    def prometheus_name(self) -> str:
        """Its name at `/metrics`."""
        name = self.name.replace(".", "_")
        unit = _UNITS.get(self.unit)
        if unit is not None and not name.endswith(f"_{unit}"):
            name = f"{name}_{unit}"
        return f"{name}_total" if self.kind == "counter" else name


def prometheus_label(name: str) -> str:
    """Return the name of a label at `/metrics`."""
    return name.replace(".", "_")


_CALL = (names.GEN_AI_OPERATION_NAME, names.GEN_AI_PROVIDER_NAME, names.GEN_AI_REQUEST_MODEL, names.PROVIDER)
_GUARDRAIL = (names.GUARDRAIL_NAME, names.GUARDRAIL_SIDE)

OPERATION_DURATION = Instrument(
    "gen_ai.client.operation.duration",
    "histogram",
    "s",
    "How long attempts took, from asking a provider to the end of its answer.",
    (*_CALL, names.ERROR_TYPE),
    SECONDS,
)
TOKEN_USAGE = Instrument(
    "gen_ai.client.token.usage",
    "histogram",
    "{token}",
    "Tokens of attempts, as the provider counts them.",
    (*_CALL, names.GEN_AI_TOKEN_TYPE),
    TOKENS,
)
TIME_TO_FIRST_CHUNK = Instrument(
    "gen_ai.client.operation.time_to_first_chunk",
    "histogram",
    "s",
    "How long streamed attempts took until the provider's answer began.",
    _CALL,
    SECONDS,
)
REQUEST_DURATION = Instrument(
    "http.server.request.duration",
    "histogram",
    "s",
    "How long exchanges took, from the caller's first byte to the end of the answer.",
    (names.HTTP_REQUEST_METHOD, names.HTTP_ROUTE, names.HTTP_RESPONSE_STATUS_CODE, names.ERROR_TYPE),
    HTTP_SECONDS,
)

# Ours: exchanges.

EXCHANGES = Instrument(
    "handrail.exchanges",
    "counter",
    "{exchange}",
    "Exchanges that have ended.",
    (names.GEN_AI_OPERATION_NAME, names.OUTCOME, names.CALLER, names.GEN_AI_REQUEST_STREAM),
)
EXCHANGES_ACTIVE = Instrument(
    "handrail.exchanges.active", "gauge", "{exchange}", "Exchanges that have been admitted and not ended."
)
OVERHEAD = Instrument(
    "handrail.overhead.duration",
    "histogram",
    "s",
    "What exchanges took beside waiting for providers.",
    (names.GEN_AI_OPERATION_NAME,),
    SHORT_SECONDS,
)
COST = Instrument(
    "handrail.cost.usd",
    "counter",
    "{USD}",
    "What attempts cost, as far as that is known.",
    (names.PROVIDER, names.GEN_AI_REQUEST_MODEL, names.CALLER),
)
COST_UNKNOWN = Instrument(
    "handrail.cost.unknown",
    "counter",
    "{attempt}",
    "Attempts that were answered and whose cost nobody knows.",
    (names.PROVIDER, names.GEN_AI_REQUEST_MODEL),
)
CHARACTERS = Instrument(
    "handrail.stream.characters",
    "counter",
    "{character}",
    "Characters of providers' answers that came (received), were screened, and went out (released).",
    (names.STREAM_STAGE,),
)
TIME_TO_FIRST_RELEASE = Instrument(
    "handrail.stream.time_to_first_release",
    "histogram",
    "s",
    "How long streamed exchanges took until something went out.",
    (names.GEN_AI_OPERATION_NAME,),
    SECONDS,
)

# Ours: guardrails.

VERDICTS = Instrument(
    "handrail.guardrail.verdicts",
    "counter",
    "{verdict}",
    "Verdicts of guardrails; blocked says whether it ended the exchange.",
    (*_GUARDRAIL, names.GUARDRAIL_DECISION, names.GUARDRAIL_MODE, names.GUARDRAIL_BLOCKED),
)
GUARDRAIL_DURATION = Instrument(
    "handrail.guardrail.duration",
    "histogram",
    "s",
    "Time spent in the checks of a guardrail, for one side of an exchange.",
    _GUARDRAIL,
    SHORT_SECONDS,
)
GUARDRAIL_ERRORS = Instrument(
    "handrail.guardrail.errors",
    "counter",
    "{error}",
    "Guardrails that could not decide; fail_open says whether the text passed all the same.",
    (*_GUARDRAIL, names.ERROR_TYPE, names.GUARDRAIL_FAIL_OPEN),
)
FINDINGS = Instrument(
    "handrail.guardrail.findings",
    "counter",
    "{finding}",
    "What guardrails found, by rule.",
    (*_GUARDRAIL, names.GUARDRAIL_RULE),
)

# Ours: routing and the cache.

ATTEMPTS = Instrument(
    "handrail.attempts",
    "counter",
    "{attempt}",
    "Calls to providers; the reason is first, retry (of the same target) or fallback (to another).",
    (names.PROVIDER, names.GEN_AI_REQUEST_MODEL, names.ATTEMPT_REASON, names.ERROR_TYPE),
)
BREAKERS_OPEN = Instrument(
    "handrail.breakers.open",
    "gauge",
    "{circuit}",
    "Targets of configs that are left alone now.",
    merge="max",
)
BREAKERS_OPENED = Instrument(
    "handrail.breakers.opened", "counter", "{circuit}", "How often circuits were opened by attempts here."
)
CACHE_LOOKUPS = Instrument(
    "handrail.cache.lookups", "counter", "{lookup}", "How look-ups in the cache ended.", (names.CACHE_STATUS,)
)
CACHE_EVENTS = Instrument(
    "handrail.cache.events", "counter", "{event}", "What else the cache did.", (names.CACHE_EVENT,)
)
CACHE_ENTRIES = Instrument("handrail.cache.entries", "gauge", "{answer}", "Answers held in memory.")
CACHE_SIZE = Instrument("handrail.cache.size", "gauge", "By", "Of the answers held in memory.")

RECORDS_BACKLOG = Instrument(
    "handrail.records.backlog", "gauge", "{exchange}", "Exchanges that are in memory only."
)
RECORDS_BACKLOG_SIZE = Instrument(
    "handrail.records.backlog.size", "gauge", "By", "Of the exchanges that are in memory only."
)
RECORDS_KEPT = Instrument(
    "handrail.records.kept", "counter", "{exchange}", "Exchanges put into the database or the journal."
)
RECORDS_REFUSED = Instrument(
    "handrail.records.refused",
    "counter",
    "{exchange}",
    "Exchanges that were refused because they could not have been put on record.",
)
JOURNAL_ENTRIES = Instrument(
    "handrail.records.journal.entries",
    "gauge",
    "{exchange}",
    "Exchanges that wait in the journal for the database.",
)
JOURNAL_SIZE = Instrument("handrail.records.journal.size", "gauge", "By", "Of the journal.")
JOURNAL_LIMIT = Instrument(
    "handrail.records.journal.limit", "gauge", "By", "At which size of the journal exchanges are refused."
)
JOURNAL_OLDEST = Instrument(
    "handrail.records.journal.oldest",
    "gauge",
    "s",
    "How long the oldest exchange has waited in the journal.",
    merge="max",
)
JOURNAL_SHIPPED = Instrument(
    "handrail.records.journal.shipped",
    "counter",
    "{exchange}",
    "Exchanges that went from the journal into the database.",
)
JOURNAL_FULL = Instrument(
    "handrail.records.journal.full",
    "gauge",
    "1",
    "1 while the journal takes no more, else 0.",
    merge="max",
)
DATABASE_AWAY = Instrument(
    "handrail.records.database.away",
    "gauge",
    "1",
    "1 while the record's database fails or does not answer, else 0.",
    merge="max",
)

# Ours: what is exported.

SPANS_QUEUE = Instrument("handrail.spans.queue.size", "gauge", "{span}", "Spans that wait for the collector.")
SPANS_CAPACITY = Instrument(
    "handrail.spans.queue.capacity", "gauge", "{span}", "Spans that may wait; beyond it the oldest go."
)
SPANS_EXPORTED = Instrument("handrail.spans.exported", "counter", "{span}", "Spans that were delivered.")
SPANS_DROPPED = Instrument(
    "handrail.spans.dropped", "counter", "{span}", "Spans that went because the queue was full."
)
SPANS_FAILED = Instrument(
    "handrail.spans.failed", "counter", "{span}", "Spans that could not be delivered and were given up."
)
SERIES_REFUSED = Instrument(
    "handrail.metrics.overflow",
    "counter",
    "{measurement}",
    "Measurements whose labels became other, because their metric had too many.",
    (names.METRIC,),
)

SOURCES_FAILED = Instrument(
    "handrail.metrics.failed", "counter", "{failure}", "How often a part could not say how it is doing."
)
CPU_TIME = Instrument("process.cpu.time", "counter", "s", "CPU time of all workers.")
MEMORY = Instrument("process.memory.usage", "gauge", "By", "Resident memory of all workers.")
OPEN_FILES = Instrument(
    "process.open_file_descriptors", "gauge", "{file}", "Open file descriptors of all workers."
)
UPTIME = Instrument("process.uptime", "gauge", "s", "Since the oldest worker started.", merge="max")
WORKERS = Instrument("handrail.workers", "gauge", "{process}", "Processes that serve.")
BUILD = Instrument(
    "handrail.build.info",
    "gauge",
    "1",
    "1, with the version of Handrail and of Python.",
    (names.SERVICE_VERSION, names.PYTHON_VERSION),
    merge="max",
)

INSTRUMENTS = tuple(value for value in list(vars().values()) if isinstance(value, Instrument))
BY_NAME = {one.name: one for one in INSTRUMENTS}
