"""What callers report: feedback on answers, and calls to models that did not pass through here.

Tables of their own, without a day's partition and without constraints on others: feedback may come for an
exchange that is not written yet, or that is gone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
UUID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "feedback",
        sa.Column("id", UUID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("trace_id", sa.String(256), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("metadata", sa.String(16384), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("feedback_pkey")),
    )
    op.create_index(op.f("feedback_trace_id_idx"), "feedback", ["trace_id"])
    op.create_index(op.f("feedback_created_at_idx"), "feedback", ["created_at"])
    op.create_table(
        "inserted_logs",
        sa.Column("id", UUID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("trace_id", sa.String(256)),
        sa.Column("status_code", sa.SmallInteger()),
        sa.Column("metadata", sa.String(16384), nullable=False),
        sa.Column("content", sa.String(16), nullable=False),
        sa.Column("body", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("inserted_logs_pkey")),
    )
    op.create_index(op.f("inserted_logs_trace_id_idx"), "inserted_logs", ["trace_id"])
    op.create_index(op.f("inserted_logs_created_at_idx"), "inserted_logs", ["created_at"])


def downgrade() -> None:
    """Drop them: what was reported is gone."""
    op.drop_table("inserted_logs")
    op.drop_table("feedback")
