"""The record: whether it is being kept, and what is in it. SQL panels on PostgreSQL."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from dashboards.generator.panels import number, over_time, page, rows
from dashboards.generator.queries import increase, now, rate
from telemetry import instruments as of

RECENT = """
SELECT exchange_id, trace_id, started_at, caller, provider, model, outcome, status_code,
  round(CAST(duration_ms AS numeric), 1) AS duration_ms, total_tokens, cost_usd, cache_status,
  guardrails_fired
FROM exchange_facts
WHERE $__timeFilter(started_at)
ORDER BY started_at DESC
LIMIT 100
"""
BLOCKED = """
SELECT exchange_id, trace_id, started_at, caller, model, side, guardrail, rules, error
FROM blocked
WHERE $__timeFilter(started_at)
ORDER BY started_at DESC
LIMIT 100
"""
OUTCOMES = """
SELECT outcome, count(*) AS exchanges, round(CAST(avg(duration_ms) AS numeric), 1) AS mean_ms,
  round(CAST(percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS numeric), 1) AS p95_ms
FROM exchanges
WHERE $__timeFilter(started_at)
GROUP BY outcome
ORDER BY exchanges DESC
"""
GUARDRAILS = """
SELECT guardrail, side, mode, decision, CAST(sum(verdicts) AS bigint) AS verdicts,
  CAST(sum(blocked) AS bigint) AS blocked, round(CAST(max(max_duration_ms) AS numeric), 2) AS max_ms
FROM guardrail_outcomes
WHERE day >= CAST($__timeFrom() AS date) AND day <= CAST($__timeTo() AS date)
GROUP BY 1, 2, 3, 4
ORDER BY verdicts DESC
"""
FAILED = """
SELECT id AS exchange_id, trace_id, started_at, caller, provider, model, outcome, status_code, error_code
FROM exchanges
WHERE $__timeFilter(started_at) AND outcome IN ('upstream_error', 'failed', 'interrupted', 'rejected')
ORDER BY started_at DESC
LIMIT 100
"""
SLOW = """
SELECT exchange_id, trace_id, started_at, caller, provider, model, outcome,
  round(CAST(duration_ms AS numeric), 1) AS duration_ms, round(CAST(overhead_ms AS numeric), 1) AS overhead_ms
FROM exchange_facts
WHERE $__timeFilter(started_at)
ORDER BY duration_ms DESC NULLS LAST
LIMIT 50
"""
UNSCREENED = """
SELECT * FROM unscreened WHERE $__timeFilter(started_at) ORDER BY started_at DESC LIMIT 100
"""
CHECKPOINTS = """
SELECT w.id AS writer, w.host, w.started_at, w.ended_at, max(c.sequence) AS signed_until,
  max(c.signed_at) AS signed_at
FROM writers w LEFT JOIN checkpoints c ON c.writer = w.id
GROUP BY w.id, w.host, w.started_at, w.ended_at
ORDER BY w.started_at DESC
LIMIT 20
"""


def dashboard() -> Dashboard:
    """Return the dashboard."""
    return (
        page(
            "handrail-record",
            "the record",
            "Whether exchanges are being kept, and the latest of them. An exchange_id leads to the "
            "exchange, a "
            "trace_id to its trace.",
        )
        .with_row(Row("Keeping it"))
        .with_panel(
            number(
                "Database away",
                "1: exchanges go into the journal.",
                now(of.DATABASE_AWAY),
                "none",
                bad_from=1,
            )
        )
        .with_panel(number("In the journal", "Exchanges that wait.", now(of.JOURNAL_ENTRIES), bad_from=1))
        .with_panel(
            number("The oldest waits for", "In the journal.", now(of.JOURNAL_OLDEST), "s", bad_from=300)
        )
        .with_panel(
            number(
                "Journal used",
                "At 100 % new exchanges are refused with 503.",
                f"max({of.JOURNAL_SIZE.prometheus_name} / {of.JOURNAL_LIMIT.prometheus_name})",
                "percentunit",
                bad_from=0.8,
            )
        )
        .with_panel(
            number(
                "Refused",
                "Exchanges that were refused because they could not have been kept, in the time shown.",
                increase(of.RECORDS_REFUSED, window="$__range"),
                bad_from=1,
            )
        )
        .with_panel(number("In memory only", "Exchanges, at most for 50 ms each.", now(of.RECORDS_BACKLOG)))
        .with_panel(
            over_time(
                "Kept",
                "Exchanges put into the database or the journal, and shipped from there.",
                {"kept": rate(of.RECORDS_KEPT), "shipped": rate(of.JOURNAL_SHIPPED)},
                "reqps",
            )
        )
        .with_panel(
            over_time(
                "Waiting",
                "In the journal and in memory.",
                {"journal": now(of.JOURNAL_SIZE), "memory": now(of.RECORDS_BACKLOG_SIZE)},
                "bytes",
            )
        )
        .with_row(Row("What is in it"))
        .with_panel(rows("The latest exchanges", "From the view exchange_facts.", RECENT, height=10))
        .with_panel(rows("Outcomes", "In the time shown.", OUTCOMES, span=12))
        .with_panel(
            rows("Guardrails", "From the view guardrail_outcomes, by whole days.", GUARDRAILS, span=12)
        )
        .with_panel(rows("Blocked", "From the view blocked.", BLOCKED, span=12))
        .with_panel(rows("Failed", "Errors, rejections, and what a crash cut off.", FAILED, span=12))
        .with_panel(rows("Slowest", "Overhead: all that is no waiting for a provider.", SLOW, span=12))
        .with_panel(
            rows(
                "Unscreened",
                "What no enforcing guardrail looked at; from the view of that name.",
                UNSCREENED,
                span=12,
            )
        )
        .with_panel(
            rows("Writers and their checkpoints", "What `handrail records verify` goes by.", CHECKPOINTS)
        )
    )
