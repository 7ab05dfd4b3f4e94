"""Chains of hashes over the record, their signatures, what was done to the record, and what it may not lose.

Columns that may be NULL and have no default, as in 0002, and for the same reasons. Earlier rows have NULL in
them: they are in no chain, and `handrail records verify` says how many they are.

`payloads.body` may be NULL from now on: a body can be erased while its hash stays. PostgreSQL drops a NOT NULL
without looking at a row. SQLite has no statement for it; its manual's way for changes that leave the rows as
they are is to edit the text of the table (sqlite.org/lang_altertable.html#otheralter, 2026-11): instant, where
copying the table would take as long as the database is large.
"""

import sqlalchemy as sa
from alembic import op

from migrations.views import view

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LOCK_TIMEOUT = "5s"
MOMENT = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
UUID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
_OF_EXCHANGES = ("writer", "subject", "erasable_salt", "erasable_hash")
_OF_PAYLOADS = ("salt", "hash", "key_id", "erased_at")


def upgrade() -> None:
    """Create the tables, then add the columns."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    _create_chains()
    _create_events()
    op.add_column("exchanges", sa.Column("writer", UUID))
    op.add_column("exchanges", sa.Column("subject", sa.String(256)))
    op.add_column("exchanges", sa.Column("erasable_salt", sa.String(32)))
    op.add_column("exchanges", sa.Column("erasable_hash", sa.String(64)))
    op.add_column("payloads", sa.Column("salt", sa.String(32)))
    op.add_column("payloads", sa.Column("hash", sa.String(64)))
    op.add_column("payloads", sa.Column("key_id", sa.String(64)))
    op.add_column("payloads", sa.Column("erased_at", MOMENT))
    _allow_no_body()


def downgrade() -> None:
    """Take it all away: nothing proves the record, and bodies that were erased are empty."""
    _require_body()
    op.execute("DROP VIEW usage_by_day")  # on PostgreSQL it stands on all columns there were when it was made
    for name in _OF_PAYLOADS:
        op.drop_column("payloads", name)
    for name in _OF_EXCHANGES:
        op.drop_column("exchanges", name)
    usage = view("r0003", "usage_by_day", op.get_bind().dialect.name).replace(":", r"\:")
    op.execute(sa.text(f"CREATE VIEW usage_by_day AS\n{usage}"))
    for name in ("holds", "record_events", "checkpoints", "chain", "writers"):
        op.drop_table(name)


def _create_chains() -> None:
    op.create_table(
        "writers",
        sa.Column("id", UUID, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("host", sa.String(256), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("stated_sequence", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name=op.f("writers_pkey")),
    )
    op.create_table(
        "chain",
        sa.Column("writer", UUID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("exchange_id", UUID),
        sa.Column("exchange_started_at", MOMENT),
        sa.Column("event_id", UUID),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("writer", "sequence", "at", name=op.f("chain_pkey")),
    )
    op.create_index(op.f("chain_exchange_id_idx"), "chain", ["exchange_id"])
    op.create_table(
        "checkpoints",
        sa.Column("writer", UUID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("previous_sequence", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("writer", "sequence", name=op.f("checkpoints_pkey")),
    )


def _create_events() -> None:
    op.create_table(
        "record_events",
        sa.Column("id", UUID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(256), nullable=False),
        sa.Column("exchanges", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("record_events_pkey")),
    )
    op.create_index(op.f("record_events_at_idx"), "record_events", ["at"])
    op.create_table(
        "holds",
        sa.Column("id", UUID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(256), nullable=False),
        sa.Column("reason", sa.String(2048), nullable=False),
        sa.Column("released_at", MOMENT),
        sa.Column("released_by", sa.String(256)),
        sa.Column("exchange_id", UUID),
        sa.Column("subject", sa.String(256)),
        sa.Column("held_from", MOMENT),
        sa.Column("held_until", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("holds_pkey")),
    )


def _allow_no_body() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE payloads ALTER COLUMN body DROP NOT NULL")
    else:
        _edit_payloads("body TEXT NOT NULL", "body TEXT")


def _require_body() -> None:
    op.execute("UPDATE payloads SET body = 'null' WHERE body IS NULL")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE payloads ALTER COLUMN body SET NOT NULL")
    else:
        _edit_payloads("body TEXT", "body TEXT NOT NULL")


def _edit_payloads(before: str, after: str) -> None:
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'payloads' "
        "AND instr(sql, ?) > 0",
        (before, after, before),
    )
    assert changed.rowcount == 1, "the table is as 0001 made it"
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
