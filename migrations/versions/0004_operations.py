"""What an exchange was about, and whether it held something that no guardrail could read.

Columns with constant defaults, which PostgreSQL and SQLite add without touching a row: until now everything was
a chat completion, and all of it could be read. As to locks, see 0002.

Views:

    exchange_facts   gets operation, unscreened
    unscreened       gets operation; lists what held something unreadable, whatever guardrails heard of the rest
"""

import sqlalchemy as sa
from alembic import op

from migrations.views import view

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LOCK_TIMEOUT = "5s"
CHANGED = ("exchange_facts", "unscreened")


def upgrade() -> None:
    """Add the columns, then the views."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    _drop()
    op.add_column(
        "exchanges", sa.Column("operation", sa.String(16), nullable=False, server_default=sa.text("'chat'"))
    )
    op.add_column(
        "exchanges", sa.Column("unscreened", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _create("r0004")


def downgrade() -> None:
    """Take them away: everything looks like a chat completion."""
    _drop()
    op.execute("DROP VIEW usage_by_day")  # on PostgreSQL it stands on all columns there were when it was made
    op.drop_column("exchanges", "unscreened")
    op.drop_column("exchanges", "operation")
    _create("r0003")
    usage = view("r0003", "usage_by_day", op.get_bind().dialect.name).replace(":", r"\:")
    op.execute(sa.text(f"CREATE VIEW usage_by_day AS\n{usage}"))


def _drop() -> None:
    for name in CHANGED:
        op.execute(f"DROP VIEW {name}")


def _create(revision: str) -> None:
    for name in CHANGED:
        text = view(revision, name, op.get_bind().dialect.name)
        op.execute(sa.text(f"CREATE VIEW {name} AS\n" + text.replace(":", r"\:")))
