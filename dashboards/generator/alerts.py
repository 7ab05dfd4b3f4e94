"""When to wake somebody, and what that one is to do first."""

from collections.abc import Mapping

import msgspec

from dashboards.generator.queries import happened, increase, now, part, quantile, rate
from telemetry import instruments as of
from telemetry import names

_FAILED = {names.OUTCOME: "=~upstream_error|failed"}
_OPEN = {names.GUARDRAIL_FAIL_OPEN: "true"}
_WINDOW = "5m"
_ERRORS = part(rate(of.GUARDRAIL_ERRORS, window=_WINDOW), rate(of.VERDICTS, window=_WINDOW))
_FAILURES = part(rate(of.EXCHANGES, where=_FAILED, window=_WINDOW), rate(of.EXCHANGES, window=_WINDOW))
_DROPPED = increase(of.SPANS_DROPPED, window=_WINDOW)
_LOST = increase(of.SPANS_FAILED, window=_WINDOW)


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of Prometheus."""

    name: str
    expression: str
    for_: str
    severity: str
    """`page`: somebody must come now. `ticket`: somebody must look today."""
    summary: str
    runbook: str
    """What to do first, in a line or two. What stands in backquotes is there: a test looks for it."""

    def rule(self) -> Mapping[str, object]:
        """Return it as a file of rules has it."""
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.for_,
            "labels": {"severity": self.severity},
            "annotations": {"summary": self.summary, "runbook": self.runbook},
        }


ALERTS = (
    Alert(
        name="HandrailDown",
        expression='up{job="handrail"} == 0',
        for_="1m",
        severity="page",
        summary="{{ $labels.instance }} does not answer.",
        runbook="Ask `/healthz` and `/readyz` of it, then read the last lines of its log: a start that "
        "fails says why in one line.",
    ),
    Alert(
        name="HandrailRefusesWork",
        expression=f"{increase(of.RECORDS_REFUSED, window=_WINDOW)} > 0",
        for_="0m",
        severity="page",
        summary="Exchanges are refused with 503 because they could not be put on record.",
        runbook="The journal is full or its disk is: bring the database back (`records.url`), or give it "
        "room (`records.journal.max_bytes`). Nothing is lost meanwhile.",
    ),
    Alert(
        name="HandrailDatabaseAway",
        expression=f"{now(of.DATABASE_AWAY)} > 0",
        for_="2m",
        severity="page",
        summary="The record's database fails or does not answer; exchanges wait in the journal.",
        runbook="Try `records.url` with psql from the gateway's machine; the line "
        "`records_database_away` says the error. "
        "What waits is shipped by itself once it is back.",
    ),
    Alert(
        name="HandrailJournalFilling",
        expression=f"max({of.JOURNAL_SIZE.prometheus_name} / {of.JOURNAL_LIMIT.prometheus_name}) > 0.5",
        for_="1m",
        severity="page",
        summary="The journal is half full.",
        runbook="At 100 % new exchanges are refused. As HandrailDatabaseAway; raise "
        "`records.journal.max_bytes` to win time.",
    ),
    Alert(
        name="HandrailGuardrailsPassUnjudged",
        expression=happened(of.GUARDRAIL_ERRORS, (names.GUARDRAIL_NAME,), _OPEN, window=_WINDOW),
        for_="0m",
        severity="page",
        summary="Guardrail {{ $labels.handrail_guardrail_name }} could not decide and let texts pass "
        "(on_error: allow).",
        runbook="Query the view `guardrail_outcomes` or the lines `guardrail_failed` for the error; mend "
        "the service it asks, "
        "or set `on_error` to block.",
    ),
    Alert(
        name="HandrailGuardrailErrors",
        expression=f"{_ERRORS} > 0.01",
        for_="5m",
        severity="ticket",
        summary="More than 1 % of verdicts are errors.",
        runbook="Panel `Errors` of `guardrails` says which and why; a timeout wants a larger `timeout_ms` "
        "or a faster service.",
    ),
    Alert(
        name="HandrailExchangesFail",
        expression=f"{_FAILURES} > 0.05",
        for_="5m",
        severity="page",
        summary="More than 5 % of exchanges end in an error.",
        runbook="Panel `Errors by provider` of `providers and routing`; then `handrail records list "
        "--outcome upstream_error`, and a fallback target for that provider.",
    ),
    Alert(
        name="HandrailSlow",
        expression=f"{quantile(0.95, of.OVERHEAD, window=_WINDOW)} > 0.5",
        for_="10m",
        severity="ticket",
        summary="Handrail itself adds more than half a second to 5 % of exchanges.",
        runbook="Panel `Time, 95 %` of `guardrails`: a remote check is usually it. Else CPU: raise "
        "`server.workers`.",
    ),
    Alert(
        name="HandrailCircuitOpen",
        expression=f"{now(of.BREAKERS_OPEN)} > 0",
        for_="10m",
        severity="ticket",
        summary="A target of a config has been left alone for ten minutes.",
        runbook="Panels `Failed` and `Errors by provider` of `providers and routing` say which provider "
        "fails, and how.",
    ),
    Alert(
        name="HandrailCostUnknown",
        expression=happened(of.COST_UNKNOWN, (names.GEN_AI_REQUEST_MODEL,), window="1h"),
        for_="0m",
        severity="ticket",
        summary="Calls of {{ $labels.gen_ai_request_model }} have no known price: sums of cost are "
        "too small.",
        runbook="Give its price under `prices` in the configuration.",
    ),
    Alert(
        name="HandrailSpansLost",
        expression=f"({_DROPPED}) + ({_LOST}) > 0",
        for_="10m",
        severity="ticket",
        summary="Traces are lost on the way to the collector. The record is whole all the same.",
        runbook="Is `OTEL_EXPORTER_OTLP_ENDPOINT` reachable from here? The lines "
        "`traces cannot be delivered` say what it answered.",
    ),
)


def rules() -> Mapping[str, object]:
    """Return the file of rules."""
    return {"groups": [{"name": "handrail", "rules": [alert.rule() for alert in ALERTS]}]}
