"""The tables of what callers report: feedback, and calls that did not pass through here. See `reports.py`."""

import sqlalchemy as sa

from app.records.columns import MOMENT, UUID, metadata

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("updated_at", MOMENT, nullable=False),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("trace_id", sa.String(256), nullable=False),  # an exchange's trace_id, caller_trace_id or id
    sa.Column("value", sa.SmallInteger, nullable=False),  # -10 to 10
    sa.Column("weight", sa.Double, nullable=False),  # 0 to 1
    sa.Column("metadata", sa.String(16_384), nullable=False),
    sa.Index(None, "trace_id"),
    sa.Index(None, "created_at"),
)

inserted_logs = sa.Table(
    "inserted_logs",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("trace_id", sa.String(256)),
    sa.Column("status_code", sa.SmallInteger),
    sa.Column("metadata", sa.String(16_384), nullable=False),
    sa.Column("content", sa.String(16), nullable=False),
    sa.Column("body", sa.Text),  # JSON: request and response, without headers; NULL: nothing is kept
    sa.Index(None, "trace_id"),
    sa.Index(None, "created_at"),
)
