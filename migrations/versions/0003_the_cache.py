"""Whether an answer came from the cache, and from which exchange it was.

Columns that may be NULL and have no default, as in 0002, and for the same reasons. Earlier rows have NULL in
them: nothing was cached then.

Views:

    exchange_facts   gets cache_status, cached_exchange_id
    usage_by_day     gets cache_hits, saved_tokens; its other tokens are those that providers counted
    cost_by_key      leaves hits out: no provider was asked
    unscreened       leaves out inputs whose answer was a hit: they went to no provider
"""

import sqlalchemy as sa
from alembic import op

from migrations.views import view

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LOCK_TIMEOUT = "5s"
CHANGED = {"exchange_facts": "r0002", "usage_by_day": "r0002", "cost_by_key": "r0002", "unscreened": "r0001"}
"""Views, and where they stood before."""
UUID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")


def upgrade() -> None:
    """Add the columns, then the views."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    _drop()
    for table in ("exchanges", "attempts"):
        op.add_column(table, sa.Column("cache_status", sa.String(16)))
    op.add_column("attempts", sa.Column("cached_exchange_id", UUID))
    op.add_column("attempts", sa.Column("cache_similarity", sa.Double()))
    for name in CHANGED:
        _create("r0003", name)


def downgrade() -> None:
    """Take them away: hits look like calls to providers."""
    _drop()
    for column in ("cache_similarity", "cached_exchange_id", "cache_status"):
        op.drop_column("attempts", column)
    op.drop_column("exchanges", "cache_status")
    for name, revision in CHANGED.items():
        _create(revision, name)


def _drop() -> None:
    for name in CHANGED:
        op.execute(f"DROP VIEW {name}")


def _create(revision: str, name: str) -> None:
    text = view(revision, name, op.get_bind().dialect.name)
    op.execute(sa.text(f"CREATE VIEW {name} AS\n" + text.replace(":", r"\:")))
