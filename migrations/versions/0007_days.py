"""Days: on PostgreSQL the record's tables become partitioned by day, so that retention drops days.

What a large live table goes through, while others write to it:

1. An index on the subject is built CONCURRENTLY; earlier rows have none, so it stays empty.
2. CHECK (moment < day after tomorrow) NOT VALID: a lock for a moment, nothing is read.
3. VALIDATE: the table is read while others go on writing.
4. In one transaction of moments: the table is renamed, a partitioned one takes its name, the old one is
   attached as its first partition, for all before that day; the CHECK spares PostgreSQL to read it again, and
   its indexes become parts of the new ones. No row is copied.

Each step waits for its locks for some seconds at most. Steps 1 to 3 are committed by themselves: should a later
one give up, the next start does them again. Up to step 4 nothing has changed for anybody, and the CHECKs of step
2 go with whatever gave up: the service of before, which goes on, would be refused its rows once that day comes.

Rows of days for which there is no partition go to a default one, so that none is refused. The days ahead are made by
the service (`app/records/partitions.py`).

SQLite has no partitions; it gets the index.

A view of somebody's own on these tables would go on showing the first partition alone: the upgrade names it and
gives up.
"""

import contextlib
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from migrations.views import view

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LOCK_TIMEOUT = "5s"
TABLES = {
    "exchanges": "started_at",
    "payloads": "exchange_started_at",
    "attempts": "exchange_started_at",
    "verdicts": "exchange_started_at",
    "findings": "exchange_started_at",
    "chain": "at",
}
"""In the order in which they are written, and what they are partitioned by."""
VIEWS = {
    "exchange_facts": "r0004",
    "blocked": "r0001",
    "redactions": "r0001",
    "guardrail_outcomes": "r0001",
    "findings_by_rule": "r0001",
    "usage_by_day": "r0003",
    "slow_exchanges": "r0001",
    "errors": "r0001",
    "unscreened": "r0004",
    "cost_by_key": "r0003",
}
"""Views over them, and where they stand."""
_INDEX = "exchanges_subject_started_at_idx"
_DEPENDING = """
SELECT DISTINCT c.oid::regclass::text FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
JOIN pg_class c ON c.oid = r.ev_class
WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid IN ({}) AND c.oid <> d.refobjid
"""


def upgrade() -> None:
    """Partition them."""
    if op.get_bind().dialect.name == "postgresql":
        try:
            _divide()
        except (sa.exc.SQLAlchemyError, RuntimeError):
            _drop_checks()
            raise
    else:
        _create_index()


def downgrade() -> None:
    """Copy all rows into plain tables again: as slow as they are many."""
    if op.get_bind().dialect.name != "postgresql":
        op.drop_index(_INDEX, "exchanges")
        return
    _drop_views()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} RENAME TO {table}_days")
        _rename_indexes(f"{table}_days", table, f"{table}_days")
        op.execute(f"CREATE TABLE {table} (LIKE {table}_days INCLUDING ALL)")
        op.execute(f"INSERT INTO {table} SELECT * FROM {table}_days")
        op.execute(f"DROP TABLE {table}_days")
    op.execute("ALTER INDEX verdicts_decision_exchange_started_at_idx RENAME TO verdicts_fired_idx")
    op.execute(f"DROP INDEX {_INDEX}")
    _create_views()


def _divide() -> None:
    end = _end()
    with op.get_context().autocommit_block():
        _limit_waiting()
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")
        _create_index(concurrently=True)
        for table, moment in TABLES.items():
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_first")
            check = f"CHECK ({moment} < '{end}') NOT VALID"
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_first {check}")
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {table}_first")
    with op.get_bind().begin_nested():
        _partition(end)


def _drop_checks() -> None:
    """Take back what would refuse rows one day, where nobody keeps us from it."""
    with op.get_context().autocommit_block():
        for table in TABLES:
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_first")


def _create_index(*, concurrently: bool = False) -> None:
    op.create_index(
        _INDEX,
        "exchanges",
        ["subject", "started_at"],
        postgresql_where=sa.text("subject IS NOT NULL"),
        sqlite_where=sa.text("subject IS NOT NULL"),
        postgresql_concurrently=concurrently,
    )


def _end() -> str:
    """Return the midnight up to which the first partition goes: behind all rows, and behind tomorrow."""
    latest = [
        op.get_bind().scalar(sa.text(f"SELECT max({moment}) FROM {table}")) for table, moment in TABLES.items()
    ]
    last = max([datetime.now(UTC) + timedelta(days=1), *(one for one in latest if one is not None)])
    return f"{last.astimezone(UTC).date() + timedelta(days=1)}T00:00:00Z"


def _partition(end: str) -> None:
    _limit_waiting()
    _drop_views()
    op.execute(f"LOCK TABLE {', '.join(TABLES)} IN ACCESS EXCLUSIVE MODE")
    _refuse_other_views()
    for table, moment in TABLES.items():
        first = f"{table}_first"
        op.execute(f"ALTER TABLE {table} RENAME TO {first}")
        _rename_indexes(first, table, first)
        op.execute(f"CREATE TABLE {table} (LIKE {first} INCLUDING ALL) PARTITION BY RANGE ({moment})")
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {first}")
        op.execute(f"ALTER TABLE {table} ATTACH PARTITION {first} FOR VALUES FROM (MINVALUE) TO ('{end}')")
        op.execute(f"ALTER TABLE {first} DROP CONSTRAINT {first}")
        op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
    op.execute("ALTER INDEX verdicts_decision_exchange_started_at_idx RENAME TO verdicts_fired_idx")
    _create_views()


def _limit_waiting() -> None:
    """Wait for a lock for some seconds at most, or as long as the URL's own `lock_timeout` says."""
    longest = f"CASE current_setting('lock_timeout') WHEN '0' THEN '{_LOCK_TIMEOUT}' END"
    op.execute(f"SELECT set_config('lock_timeout', coalesce({longest}, current_setting('lock_timeout')), false)")


def _rename_indexes(table: str, before: str, after: str) -> None:
    """Give the indexes of a table other names, as the new table is to have theirs."""
    names = op.get_bind().scalars(
        sa.text(f"SELECT CAST(CAST(indexrelid AS regclass) AS text) FROM pg_index WHERE indrelid = CAST('{table}' AS regclass)")
    )
    for name in names.all():
        op.execute(f"ALTER INDEX {name} RENAME TO {name.replace(before, after, 1)}")


def _refuse_other_views() -> None:
    oids = ", ".join(f"'{table}'::regclass" for table in TABLES)
    others = op.get_bind().scalars(sa.text(_DEPENDING.format(oids).replace("::", r"\:\:"))).all()
    if others:
        message = f"drop these views, which stand on tables of the record, and make them again: {', '.join(others)}"
        raise RuntimeError(message)


def _drop_views() -> None:
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")


def _create_views() -> None:
    for name, folder in VIEWS.items():
        text = view(folder, name, "postgresql").replace(":", r"\:")
        op.execute(sa.text(f"CREATE VIEW {name} AS\n{text}"))
