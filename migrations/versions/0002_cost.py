"""What exchanges and attempts cost, what was written to a cache, which parameters were not sent.

Columns that may be NULL and have no default: PostgreSQL and SQLite add them without touching a row, however
many there are. Earlier rows have NULL in them, which is what is known of them. On PostgreSQL the tables are
locked for that moment alone, in the order in which exchanges are written. Behind a lock that is waited for
everybody waits, other replicas' writers too: after some seconds the upgrade gives up, whole, and is tried
again at the next start.

Views:

    exchange_facts   gets cost_usd, cache_write_tokens, dropped_params
    usage_by_day     gets cost_usd, cache_write_tokens, without_cost
    cost_by_key      is new: what each key spent, by provider, model and day

They are dropped and made anew: a view of somebody's own that stands on one of them keeps PostgreSQL from
that, and must be dropped before.
"""

import sqlalchemy as sa
from alembic import op

from migrations.views import view

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LOCK_TIMEOUT = "5s"
CHANGED = ("exchange_facts", "usage_by_day")
NEW = ("cost_by_key",)
USD = sa.Numeric(24, 12).with_variant(sa.Double(), "sqlite")


def upgrade() -> None:
    """Add the columns, then the views."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    _drop(CHANGED)
    for table in ("exchanges", "attempts"):
        op.add_column(table, sa.Column("cache_write_tokens", sa.Integer()))
        op.add_column(table, sa.Column("cost_usd", USD))
    op.add_column("attempts", sa.Column("dropped_params", sa.String(2048)))
    _create("r0002", (*CHANGED, *NEW))


def downgrade() -> None:
    """Take them away: costs are gone."""
    _drop((*CHANGED, *NEW))
    op.drop_column("attempts", "dropped_params")
    for table in ("exchanges", "attempts"):
        op.drop_column(table, "cost_usd")
        op.drop_column(table, "cache_write_tokens")
    _create("r0001", CHANGED)


def _drop(names: tuple[str, ...]) -> None:
    for name in names:
        op.execute(f"DROP VIEW {name}")


def _create(revision: str, names: tuple[str, ...]) -> None:
    dialect = op.get_bind().dialect.name
    for name in names:
        op.execute(sa.text(f"CREATE VIEW {name} AS\n" + view(revision, name, dialect).replace(":", r"\:")))
