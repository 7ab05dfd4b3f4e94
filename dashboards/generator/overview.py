"""How is it going: traffic, failures, time, and whether all that was answered is being kept."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from dashboards.generator.panels import number, over_time, page
from dashboards.generator.queries import now, part, quantile, rate, spent
from telemetry import instruments as of
from telemetry import names

_FAILED = {names.OUTCOME: "=~upstream_error|failed"}
_BLOCKED = {names.OUTCOME: "=~blocked_.*"}


def dashboard() -> Dashboard:
    """Return the dashboard."""
    return (
        page("handrail-overview", "overview", "Traffic, failures, time and the health of the gateway itself.")
        .with_row(Row("Now"))
        .with_panel(number("Exchanges", "Exchanges that end, a second.", rate(of.EXCHANGES), "reqps"))
        .with_panel(
            number(
                "Failed",
                "Exchanges that ended in an error of a provider or of Handrail.",
                part(rate(of.EXCHANGES, where=_FAILED), rate(of.EXCHANGES)),
                "percentunit",
                bad_from=0.05,
            )
        )
        .with_panel(
            number(
                "Blocked",
                "Exchanges that a guardrail ended: an outcome, not an error.",
                part(rate(of.EXCHANGES, where=_BLOCKED), rate(of.EXCHANGES)),
                "percentunit",
            )
        )
        .with_panel(
            number(
                "Time, 95 %", "95 of 100 exchanges took no longer.", quantile(0.95, of.REQUEST_DURATION), "s"
            )
        )
        .with_panel(
            number(
                "Own time, 95 %",
                "What exchanges take beside waiting for providers: guardrails, routing, writing.",
                quantile(0.95, of.OVERHEAD),
                "s",
                bad_from=0.25,
            )
        )
        .with_panel(
            number(
                "Waiting to be kept",
                "Exchanges in the journal because the database is away or slow. None is lost; new ones are "
                "refused once the journal is full.",
                now(of.JOURNAL_ENTRIES),
                bad_from=1,
            )
        )
        .with_row(Row("Traffic"))
        .with_panel(
            over_time(
                "Exchanges by outcome",
                "blocked_input and blocked_output are guardrails at work, rejected is a request that "
                "could not "
                "be served, cancelled a caller who left.",
                {"{{handrail_outcome}}": rate(of.EXCHANGES, (names.OUTCOME,))},
                "reqps",
                stacked=True,
            )
        )
        .with_panel(
            over_time(
                "Exchanges by caller",
                "By the name of the gateway key.",
                {"{{handrail_caller}}": rate(of.EXCHANGES, (names.CALLER,))},
                "reqps",
                stacked=True,
            )
        )
        .with_panel(
            over_time(
                "Time of exchanges",
                "From the caller's first byte to the last of the answer; dots are exemplars that "
                "lead to traces.",
                {f"{share:.0%}": quantile(share, of.REQUEST_DURATION) for share in (0.5, 0.95, 0.99)},
                "s",
            )
        )
        .with_panel(
            over_time(
                "Own time and the first words",
                "Own time: all that is no waiting for a provider. First words: until a stream begins.",
                {
                    "own, 50 %": quantile(0.5, of.OVERHEAD),
                    "own, 95 %": quantile(0.95, of.OVERHEAD),
                    "first words, 50 %": quantile(0.5, of.TIME_TO_FIRST_RELEASE),
                    "first words, 95 %": quantile(0.95, of.TIME_TO_FIRST_RELEASE),
                },
                "s",
            )
        )
        .with_panel(
            over_time(
                "Tokens a second",
                "As providers count them.",
                {"{{gen_ai_token_type}}": spent(of.TOKEN_USAGE, (names.GEN_AI_TOKEN_TYPE,))},
            )
        )
        .with_panel(
            over_time("Under way", "Exchanges that have begun and not ended.", {"": now(of.EXCHANGES_ACTIVE)})
        )
        .with_row(Row("The process"))
        .with_panel(
            over_time(
                "CPU",
                "Cores that all workers use; each uses one at most.",
                {"cores": rate(of.CPU_TIME), "workers": now(of.WORKERS)},
            )
        )
        .with_panel(over_time("Memory", "Resident, of all workers.", {"": now(of.MEMORY)}, "bytes"))
        .with_panel(
            over_time(
                "Spans on their way",
                "Dropped: the queue was full. Failed: the collector did not take them.",
                {
                    "exported": rate(of.SPANS_EXPORTED),
                    "dropped": rate(of.SPANS_DROPPED),
                    "failed": rate(of.SPANS_FAILED),
                    "waiting": now(of.SPANS_QUEUE),
                },
            )
        )
        .with_panel(over_time("Open files", "Descriptors of all workers.", {"": now(of.OPEN_FILES)}))
    )
