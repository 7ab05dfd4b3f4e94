"""The tables that prove the record: chains, their signatures, what was done to it and by whom.

    writers     who writes: a process, from its start to its end
    chain       what each writer wrote, entry by entry, each holding the hash of the one before
    checkpoints heads of chains, signed
    record_events  what was done to the record: erased, retained, held, ...
    holds       what may be neither erased nor dropped

`chain` is partitioned by the day of `at`, as exchanges are by theirs. A chain row stays when the exchange is
erased: there is nothing in it but ids and hashes.
"""

import sqlalchemy as sa

from app.records.columns import MOMENT, UUID, metadata

writers = sa.Table(
    "writers",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("started_at", MOMENT, nullable=False),
    sa.Column("seen_at", MOMENT, nullable=False),
    sa.Column("ended_at", MOMENT),  # NULL: it runs, or was killed
    sa.Column("host", sa.String(256), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    # up to which sequence of its chain others' `opened` events state it
    sa.Column("stated_sequence", sa.BigInteger, nullable=False, server_default=sa.text("0")),
)

chain = sa.Table(
    "chain",
    metadata,
    sa.Column("writer", UUID, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),  # from 1, without gaps
    sa.Column("at", MOMENT, primary_key=True),  # never before that of the entry before
    # opened | begun | ended | interrupted | erased | event
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("exchange_id", UUID),
    sa.Column("exchange_started_at", MOMENT),
    sa.Column("event_id", UUID),  # of `record_events`
    sa.Column("digest", sa.String(64), nullable=False),  # of the exchange's rows, or of the event's
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index(None, "exchange_id"),
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("writer", UUID, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.String(64), nullable=False),  # of that entry of the chain
    sa.Column(
        "previous_sequence", sa.BigInteger, nullable=False
    ),  # of the checkpoint before; 0: there is none
    sa.Column("signed_at", MOMENT, nullable=False),
    sa.Column("key_id", sa.String(64), nullable=False),
    sa.Column("signature", sa.String(128), nullable=False),  # Ed25519, base64
)

record_events = sa.Table(
    "record_events",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("at", MOMENT, nullable=False),
    # opened | erased | retained | held | released | key_rotated | interrupted
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("actor", sa.String(256), nullable=False),
    sa.Column("exchanges", sa.Integer, nullable=False),  # how many it was done to
    sa.Column("detail", sa.Text, nullable=False),  # JSON object
    sa.Index(None, "at"),
)

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("created_by", sa.String(256), nullable=False),
    sa.Column("reason", sa.String(2048), nullable=False),
    sa.Column("released_at", MOMENT),
    sa.Column("released_by", sa.String(256)),
    # what is held: one exchange, all of a subject, or all that began in [held_from, held_until)
    sa.Column("exchange_id", UUID),
    sa.Column("subject", sa.String(256)),
    sa.Column("held_from", MOMENT),
    sa.Column("held_until", MOMENT),
)
