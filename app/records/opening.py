"""Opens a chain in a database, before its writer writes anything else.

The first entry is about an event that states where all other chains stand, as far as no earlier event said
so: whoever removes a whole chain, or its end, leaves a chain that knows better. Whoever writes opens one: a
service's process, and a command that changes the record.
"""

import json
import os
import random
import socket
import time
from collections.abc import Mapping

import sqlalchemy as sa

from app.domain.ids import uuid7
from app.records import tables
from app.records.chain import Chain, Head
from app.records.engine import WRITES
from app.records.rows import Row
from app.records.values import fitted, moment

_HEADS = sa.text(
    "SELECT c.writer, c.sequence, c.hash FROM writers w JOIN chain c ON c.writer = w.id "
    "AND c.sequence = (SELECT max(l.sequence) FROM chain l WHERE l.writer = w.id) "
    "WHERE c.sequence > w.stated_sequence ORDER BY w.started_at, w.id"
)
_BITS = random.Random().getrandbits  # noqa: S311 (unique, not secret)


def open_chain(
    engine: sa.Engine, actor: str, detail: Mapping[str, object] | None = None, host: str | None = None
) -> Chain:
    """Return the chain of a new writer, opened in the database.

    Args:
        engine: of a database with the newest schema.
        actor: who writes: `service`, or a command.
        detail: what else the event is to say: the key that signs.
        host: where it runs; None: `host_at` no particular place.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be reached or refuses.
    """
    now = moment(time.time_ns())
    chain = Chain(Head(uuid7(_BITS)))
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        found = connection.execute(_HEADS).all()
        heads = [
            {"writer": str(writer), "sequence": int(n), "hash": str(hash_)} for writer, n, hash_ in found
        ]
        event = event_row("opened", now, actor, {**(detail or {}), "heads": heads})
        connection.execute(sa.insert(tables.writers), _writer(chain.head.writer, now, host or host_at("")))
        connection.execute(sa.insert(tables.record_events), event)
        connection.execute(sa.insert(tables.chain), chain.record("opened", event))
        if heads:
            stated = sa.update(tables.writers).where(
                tables.writers.c.id == sa.bindparam("writer_"),
                tables.writers.c.stated_sequence < sa.bindparam("sequence_"),
            )
            connection.execute(
                stated.values(stated_sequence=sa.bindparam("sequence_")),
                [{"writer_": head["writer"], "sequence_": head["sequence"]} for head in heads],
            )
    return chain


def event_row(kind: str, at: str, actor: str, detail: Mapping[str, object], *, exchanges: int = 0) -> Row:
    """Return a row of `record_events`.

    Args:
        kind: what was done, as `proof_tables.py` lists it.
        at: the moment.
        actor: who did it.
        detail: JSON; nothing that could have to be erased.
        exchanges: to how many.
    """
    text = json.dumps(detail, ensure_ascii=True, separators=(",", ":"))
    return {
        "id": uuid7(_BITS),
        "at": at,
        "kind": kind,
        "actor": fitted(actor, 256),
        "exchanges": exchanges,
        "detail": text,
    }


def host_at(place: str) -> str:
    """Return the name of a place on this machine, as `writers.host` has it."""
    return fitted(f"{socket.gethostname()} {place}".rstrip(), 256)


def _writer(id_: str, now: str, host: str) -> Row:
    return {"id": id_, "started_at": now, "seen_at": now, "host": host, "pid": os.getpid()}
