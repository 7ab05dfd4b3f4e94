"""What guardrails decide, what that costs, and which of them could not decide."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from dashboards.generator.panels import number, over_time, page, ranking
from dashboards.generator.queries import increase, part, quantile, rate, spent, top
from telemetry import instruments as of
from telemetry import names

_FIRED = {names.GUARDRAIL_DECISION: "!=pass"}
_MONITOR = {names.GUARDRAIL_MODE: "monitor", names.GUARDRAIL_DECISION: "!=pass"}
_BLOCKS = {names.GUARDRAIL_BLOCKED: "true"}
_REDACTS = {names.GUARDRAIL_DECISION: "redact", names.GUARDRAIL_MODE: "enforce"}
_OPEN = {names.GUARDRAIL_FAIL_OPEN: "true"}
_BY_NAME = (names.GUARDRAIL_NAME, names.GUARDRAIL_SIDE)
_LEGEND = "{{handrail_guardrail_name}} {{handrail_guardrail_side}}"


def dashboard() -> Dashboard:
    """Return the dashboard."""
    return (
        page("handrail-guardrails", "guardrails", "Verdicts, what they cost in time, errors, monitor mode.")
        .with_row(Row("Now"))
        .with_panel(number("Verdicts", "Of all guardrails, a second.", rate(of.VERDICTS), "reqps"))
        .with_panel(
            number(
                "Blocks",
                "Verdicts that ended an exchange.",
                part(rate(of.VERDICTS, where=_BLOCKS), rate(of.VERDICTS)),
                "percentunit",
            )
        )
        .with_panel(
            number(
                "Redactions",
                "Verdicts that changed a text.",
                part(rate(of.VERDICTS, where=_REDACTS), rate(of.VERDICTS)),
                "percentunit",
            )
        )
        .with_panel(
            number(
                "Share of the time",
                "Of the time of exchanges that is spent in guardrails.",
                part(spent(of.GUARDRAIL_DURATION), spent(of.REQUEST_DURATION)),
                "percentunit",
            )
        )
        .with_panel(
            number(
                "Errors",
                "Guardrails that could not decide.",
                rate(of.GUARDRAIL_ERRORS),
                "reqps",
                bad_from=0.01,
            )
        )
        .with_panel(
            number(
                "Let pass unjudged",
                "Errors of guardrails with on_error: allow, in the time shown.",
                increase(of.GUARDRAIL_ERRORS, where=_OPEN, window="$__range"),
                bad_from=1,
            )
        )
        .with_row(Row("Decisions"))
        .with_panel(
            over_time(
                "Verdicts that found something",
                "By guardrail, side and decision, of enforcing and of monitoring ones.",
                {
                    _LEGEND + " {{handrail_guardrail_decision}}": rate(
                        of.VERDICTS, (*_BY_NAME, names.GUARDRAIL_DECISION), _FIRED
                    )
                },
                "reqps",
            )
        )
        .with_panel(
            over_time(
                "Blocks",
                "Verdicts that ended an exchange.",
                {_LEGEND: rate(of.VERDICTS, _BY_NAME, _BLOCKS)},
                "reqps",
            )
        )
        .with_panel(
            over_time(
                "Monitor mode",
                "What guardrails would have done that only watch: read this before they may act.",
                {
                    _LEGEND + " {{handrail_guardrail_decision}}": rate(
                        of.VERDICTS, (*_BY_NAME, names.GUARDRAIL_DECISION), _MONITOR
                    )
                },
                "reqps",
            )
        )
        .with_panel(
            ranking(
                "What was found",
                "The twenty rules that found most, in the time shown.",
                top(20, increase(of.FINDINGS, (names.GUARDRAIL_RULE,), window="$__range")),
                "{{handrail_guardrail_rule}}",
            )
        )
        .with_row(Row("Time and trouble"))
        .with_panel(
            over_time(
                "Time, 95 %",
                "Of a guardrail for one side of an exchange.",
                {_LEGEND: quantile(0.95, of.GUARDRAIL_DURATION, _BY_NAME)},
                "s",
            )
        )
        .with_panel(
            over_time(
                "Errors",
                "Timeouts, and services that failed or answered junk. With on_error: block the "
                "exchange ended.",
                {
                    "{{handrail_guardrail_name}} {{error_type}}": rate(
                        of.GUARDRAIL_ERRORS, (names.GUARDRAIL_NAME, names.ERROR_TYPE)
                    ),
                    "{{handrail_guardrail_name}} let pass": rate(
                        of.GUARDRAIL_ERRORS, (names.GUARDRAIL_NAME,), _OPEN
                    ),
                },
                "reqps",
            )
        )
        .with_panel(
            over_time(
                "Characters of answers",
                "Received from providers, screened, released to callers. Released is never more than "
                "screened.",
                {"{{handrail_stream_stage}}": rate(of.CHARACTERS, (names.STREAM_STAGE,))},
            )
        )
    )
