"""One exchange, whole: where links from other panels, and from Jaeger, lead to."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row, TextBoxVariable

from dashboards.generator.panels import EXCHANGE_UID, page, rows

_ID = "CAST(nullif(${exchange_id:sqlstring}, '') AS uuid)"
"""What stands in the text box, quoted by Grafana."""

FACTS = "SELECT * FROM exchange_facts WHERE exchange_id = :it"
END = """
SELECT outcome, status_code, error_type, error_code, error_param, error_message, metadata
FROM exchanges WHERE id = :it
"""
ATTEMPTS = """
SELECT number, provider, model, server_address, status_code, error_type,
  round(CAST(duration_ms AS numeric), 1) AS ms,
  round(CAST(time_to_first_event_ms AS numeric), 1) AS first_event_ms,
  prompt_tokens, completion_tokens, cost_usd, cache_status, finish_reasons, dropped_params
FROM attempts WHERE exchange_id = :it ORDER BY number
"""
VERDICTS = """
SELECT number, guardrail, side, decision, action, mode, blocked, error,
  round(CAST(duration_ms AS numeric), 3) AS ms
FROM verdicts WHERE exchange_id = :it ORDER BY number
"""
FINDINGS = """
SELECT verdict_number, check_kind, rule, part, start_offset, end_offset, score, fingerprint
FROM findings WHERE exchange_id = :it ORDER BY number
"""
PAYLOADS = "SELECT kind, content, body FROM payloads WHERE exchange_id = :it ORDER BY kind"


def dashboard() -> Dashboard:
    """Return the dashboard."""
    return (
        page(EXCHANGE_UID, "one exchange", "Everything that is on record about one exchange.")
        .with_variable(TextBoxVariable("exchange_id").label("exchange"))
        .with_row(Row("Exchange"))
        .with_panel(
            rows(
                "Facts",
                "From the view exchange_facts; its trace_id leads to Jaeger.",
                _of_it(FACTS),
                height=4,
            )
        )
        .with_panel(rows("How it ended", "And the caller's metadata.", _of_it(END), height=4))
        .with_panel(
            rows(
                "Attempts",
                "Calls to providers, and hits of the cache in their place.",
                _of_it(ATTEMPTS),
                height=6,
            )
        )
        .with_panel(rows("Verdicts", "Of all guardrails on both sides.", _of_it(VERDICTS), span=12))
        .with_panel(
            rows(
                "Findings",
                "What, where (characters of that part), and a keyed fingerprint; never the value.",
                _of_it(FINDINGS),
                span=12,
            )
        )
        .with_panel(
            rows(
                "Bodies", "As far as they are on record: see `records.content`.", _of_it(PAYLOADS), height=14
            )
        )
    )


def _of_it(sql: str) -> str:
    return sql.replace(":it", _ID)
