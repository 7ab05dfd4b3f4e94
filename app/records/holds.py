"""Legal holds: what they are about is neither erased nor dropped for its age until they are released."""

import random
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from app.domain.ids import uuid7
from app.records import tables
from app.records.changes import Changes
from app.records.values import fitted

_BITS = random.Random().getrandbits  # noqa: S311 (unique, not secret)


class About(msgspec.Struct, frozen=True):
    """What is held: one exchange, or all of a person, or all that began in a span of time."""

    exchange_id: str | None = None
    subjects: tuple[str, ...] = ()
    """As `exchanges.subject` may hold the person (`subjects.py`)."""
    held_from: str | None = None
    held_until: str | None = None


def add_hold(changes: Changes, about: About, reason: str, by: str) -> list[str]:
    """Hold something and return the ids: a person may stand on record in two ways, each has a hold.

    Args:
        changes: to the record.
        about: what.
        reason: why; no person is to be named in it.
        by: who says so.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be written.
    """
    ids = []
    with changes.change() as change:
        for subject in about.subjects or (None,):
            row = {
                "id": uuid7(_BITS),
                "created_at": change.at,
                "created_by": fitted(by, 256),
                "reason": fitted(reason, 2048),
                "exchange_id": about.exchange_id,
                "subject": subject,
                "held_from": about.held_from,
                "held_until": about.held_until,
            }
            change.connection.execute(sa.insert(tables.holds), row)
            ids.append(row["id"])
        change.note("held", {"holds": ids})
    return [str(id_) for id_ in ids]


def release_hold(changes: Changes, id_: str, by: str) -> bool:
    """Release a hold; return whether there was one.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be written.
    """
    table = tables.holds
    open_ = (table.c.id == id_) & table.c.released_at.is_(None)
    with changes.change() as change:
        released = {"released_at": change.at, "released_by": fitted(by, 256)}
        found = change.connection.execute(sa.update(table).where(open_).values(**released)).rowcount
        if found:
            change.note("released", {"holds": [id_]})
    return found > 0


def holds(connection: sa.Connection) -> Sequence[dict[str, Any]]:
    """Return all holds, the oldest first."""
    select = sa.select(tables.holds).order_by(tables.holds.c.created_at, tables.holds.c.id)
    return [dict(row) for row in connection.execute(select).mappings()]
