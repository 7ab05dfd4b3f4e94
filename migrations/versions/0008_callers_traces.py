"""Exchanges are found by their caller's own trace id, and what was blocked at input says which model was meant.

What a large live table goes through on PostgreSQL, which builds no index of a partitioned table CONCURRENTLY
(postgresql.org/docs/15/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE, 2026-12):

1. CREATE INDEX ON ONLY the table: a lock for a moment, nothing is read; the index does not count yet.
2. An index of each partition that has none is built CONCURRENTLY, while others go on reading and writing, and becomes
   a part of it. With the last one it counts. Partitions that are made meanwhile bring theirs.

Each step waits for its locks for some seconds at most, and is committed by itself: should one give up, the next
start does what is left, and builds anew what was half built.

SQLite builds its index in one go, as long as it takes to read the table once.

Views:

    blocked   its model is the one asked for where nobody answered
"""

import sqlalchemy as sa
from alembic import op

from migrations.views import view

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LOCK_TIMEOUT = "5s"
_INDEX = "exchanges_caller_trace_id_started_at_idx"
_COLUMNS = "(caller_trace_id, started_at) WHERE caller_trace_id IS NOT NULL"
_WITHOUT = f"""
SELECT CAST(c.oid AS regclass)::text, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'exchanges'::regclass AND NOT EXISTS (
  SELECT 1 FROM pg_inherits p JOIN pg_index x ON x.indexrelid = p.inhrelid
  WHERE p.inhparent = '{_INDEX}'::regclass AND x.indrelid = c.oid
)
"""
"""Partitions of which no index is a part of ours."""


def upgrade() -> None:
    """Build the index, then change the view."""
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            _limit_waiting()
            op.execute(f"CREATE INDEX IF NOT EXISTS {_INDEX} ON ONLY exchanges {_COLUMNS}")
            for partition, name in op.get_bind().exec_driver_sql(_WITHOUT).all():
                part = _part_of(name)
                op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {part}")
                op.execute(f"CREATE INDEX CONCURRENTLY {part} ON {partition} {_COLUMNS}")
                op.execute(f"ALTER INDEX {_INDEX} ATTACH PARTITION {part}")
        _limit_waiting()
    else:
        op.execute(f"CREATE INDEX {_INDEX} ON exchanges {_COLUMNS}")
    _change_view("r0008")


def downgrade() -> None:
    """Take both back."""
    _change_view("r0001")
    op.execute(f"DROP INDEX {_INDEX}")


def _part_of(partition: str) -> str:
    return f"{partition}_caller_trace_id_started_at_idx"


def _limit_waiting() -> None:
    """Wait for a lock for some seconds at most, or as long as the URL's own `lock_timeout` says."""
    longest = f"CASE current_setting('lock_timeout') WHEN '0' THEN '{_LOCK_TIMEOUT}' END"
    op.execute(f"SELECT set_config('lock_timeout', coalesce({longest}, current_setting('lock_timeout')), false)")


def _change_view(folder: str) -> None:
    op.execute("DROP VIEW blocked")
    text = view(folder, "blocked", op.get_bind().dialect.name).replace(":", r"\:")
    op.execute(sa.text(f"CREATE VIEW blocked AS\n{text}"))
