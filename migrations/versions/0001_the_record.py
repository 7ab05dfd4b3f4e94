"""The record: exchanges, payloads, attempts, verdicts, findings, and the views over them.

Views, each described in its file in `migrations/views/r0001/`:

    exchange_facts      one flat row an exchange
    blocked             verdicts that ended an exchange
    redactions          verdicts that redacted, or would have
    guardrail_outcomes  decisions by guardrail, side, mode and day
    findings_by_rule    what was found, by rule and day
    usage_by_day        exchanges, tokens and time by caller, provider, model and day
    slow_exchanges      the hundred slowest of each day
    errors              exchanges that ended in an error, and whose fault it was
    unscreened          what no enforcing guardrail looked at
"""

import sqlalchemy as sa
from alembic import op

from migrations.views import view

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

VIEWS = (
    "exchange_facts",
    "blocked",
    "redactions",
    "guardrail_outcomes",
    "findings_by_rule",
    "usage_by_day",
    "slow_exchanges",
    "errors",
    "unscreened",
)
MOMENT = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
UUID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")


def upgrade() -> None:
    """Create the tables, then the views."""
    _create_exchanges()
    _create_payloads()
    _create_attempts()
    _create_verdicts()
    _create_findings()
    dialect = op.get_bind().dialect.name
    for name in VIEWS:
        op.execute(sa.text(f"CREATE VIEW {name} AS\n" + view("r0001", name, dialect).replace(":", r"\:")))


def downgrade() -> None:
    """Drop everything: the record is gone."""
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")
    for name in ("findings", "verdicts", "attempts", "payloads", "exchanges"):
        op.drop_table(name)


def _create_exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", UUID, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.Column("span_id", sa.String(16), nullable=False),
        sa.Column("trace_sampled", sa.Boolean(), nullable=False),
        sa.Column("caller_trace_id", sa.String(256)),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("policy_version", sa.String(128), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("path", sa.String(256), nullable=False),
        sa.Column("stream", sa.Boolean(), nullable=False),
        sa.Column("requested_model", sa.String(256)),
        sa.Column("provider", sa.String(64)),
        sa.Column("model", sa.String(256)),
        sa.Column("outcome", sa.String(16)),
        sa.Column("status_code", sa.SmallInteger()),
        sa.Column("error_type", sa.String(64)),
        sa.Column("error_code", sa.String(64)),
        sa.Column("error_param", sa.String(256)),
        sa.Column("error_message", sa.String(2048)),
        sa.Column("metadata", sa.String(16384)),
        sa.Column("duration_ms", sa.Double()),
        sa.Column("upstream_ms", sa.Double()),
        sa.Column("overhead_ms", sa.Double()),
        sa.Column("time_to_first_token_ms", sa.Double()),
        sa.Column("prompt_tokens", sa.Integer()),
        sa.Column("completion_tokens", sa.Integer()),
        sa.Column("cached_tokens", sa.Integer()),
        sa.Column("reasoning_tokens", sa.Integer()),
        sa.Column("chars_received", sa.Integer()),
        sa.Column("chars_screened", sa.Integer()),
        sa.Column("chars_released", sa.Integer()),
        sa.Column("record_error", sa.String(64)),
        sa.PrimaryKeyConstraint("id", "started_at", name=op.f("exchanges_pkey")),
        sa.CheckConstraint(
            "0 <= chars_released AND chars_released <= chars_screened AND chars_screened <= chars_received",
            name=op.f("exchanges_coverage_check"),
        ),
        sa.CheckConstraint(
            "outcome IN ('ok', 'blocked_input', 'blocked_output', 'rejected', 'upstream_error', 'cancelled', "
            "'failed', 'interrupted')",
            name=op.f("exchanges_outcome_check"),
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome = 'interrupted' OR (ended_at IS NOT NULL AND status_code IS NOT NULL "
            "AND duration_ms IS NOT NULL AND upstream_ms IS NOT NULL AND overhead_ms IS NOT NULL "
            "AND chars_received IS NOT NULL AND chars_screened IS NOT NULL AND chars_released IS NOT NULL)",
            name=op.f("exchanges_end_check"),
        ),
    )
    op.create_index(op.f("exchanges_started_at_idx"), "exchanges", ["started_at"])
    op.create_index(op.f("exchanges_trace_id_idx"), "exchanges", ["trace_id"])
    op.create_index(op.f("exchanges_caller_started_at_idx"), "exchanges", ["caller", "started_at"])
    op.create_index(op.f("exchanges_outcome_started_at_idx"), "exchanges", ["outcome", "started_at"])


def _create_payloads() -> None:
    op.create_table(
        "payloads",
        sa.Column("exchange_id", UUID, nullable=False),
        sa.Column("exchange_started_at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("content", sa.String(16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("exchange_id", "exchange_started_at", "kind", name=op.f("payloads_pkey")),
    )


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("exchange_id", UUID, nullable=False),
        sa.Column("exchange_started_at", MOMENT, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("provider_kind", sa.String(32), nullable=False),
        sa.Column("model", sa.String(256), nullable=False),
        sa.Column("server_address", sa.String(256), nullable=False),
        sa.Column("server_port", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("duration_ms", sa.Double()),
        sa.Column("time_to_first_event_ms", sa.Double()),
        sa.Column("status_code", sa.SmallInteger()),
        sa.Column("error_type", sa.String(64)),
        sa.Column("response_id", sa.String(256)),
        sa.Column("response_model", sa.String(256)),
        sa.Column("finish_reasons", sa.String(256)),
        sa.Column("prompt_tokens", sa.Integer()),
        sa.Column("completion_tokens", sa.Integer()),
        sa.Column("cached_tokens", sa.Integer()),
        sa.Column("reasoning_tokens", sa.Integer()),
        sa.Column("span_id", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("exchange_id", "exchange_started_at", "number", name=op.f("attempts_pkey")),
    )


def _create_verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("exchange_id", UUID, nullable=False),
        sa.Column("exchange_started_at", MOMENT, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("guardrail", sa.String(64), nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(256)),
        sa.Column("started_at", MOMENT),
        sa.Column("duration_ms", sa.Double(), nullable=False),
        sa.Column("findings_dropped", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("exchange_id", "exchange_started_at", "number", name=op.f("verdicts_pkey")),
    )
    op.create_index(
        op.f("verdicts_fired_idx"),
        "verdicts",
        ["decision", "exchange_started_at"],
        postgresql_where=sa.text("decision <> 'pass'"),
        sqlite_where=sa.text("decision <> 'pass'"),
    )


def _create_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("exchange_id", UUID, nullable=False),
        sa.Column("exchange_started_at", MOMENT, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict_number", sa.Integer(), nullable=False),
        sa.Column("check_kind", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(128), nullable=False),
        sa.Column("part", sa.String(512), nullable=False),
        sa.Column("start_offset", sa.Integer(), nullable=False),
        sa.Column("end_offset", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("exchange_id", "exchange_started_at", "number", name=op.f("findings_pkey")),
    )
